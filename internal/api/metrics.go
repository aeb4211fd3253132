package api

import (
	"net/http"

	"github.com/zol0/zol0/internal/exposition"
)

// Figures is what /metrics is made of.
type Figures interface {
	// Figures are the daemon and everything recorded at the last finished beat, process
	// instances too where wanted. It is called at most twice for each beat: without instances,
	// and with them. Cache, Live, HTTP and Sessions of Self are filled in by this package.
	Figures(instances bool) exposition.Input
}

var metricsParameters = []string{"instances"}

// metrics answers in the text format of Prometheus, made once for each beat.
func (s *Server) metrics(w http.ResponseWriter, r *http.Request) error {
	values, err := parameters(r, metricsParameters)
	if err != nil {
		return err
	}
	instances := false
	switch text := values.Get("instances"); {
	case text == "true":
		instances = true
	case text != "false" && values.Has("instances"):
		return bad("instances", text, "true adds the series of process instances")
	}
	if err := s.ready(); err != nil {
		return err
	}
	if s.options.Figures == nil {
		return fault(http.StatusNotFound, CodeNotFound, "GET /api lists what is there", "nothing here gives figures to Prometheus")
	}
	a := &s.scrapes[0]
	if instances {
		a = &s.scrapes[1]
	}
	body, beat, err := s.scraped(a, instances)
	if err != nil {
		return err
	}
	if !s.unchanged(w, r, s.tag(beat)) {
		w.Header().Set("Content-Type", exposition.ContentType)
		s.send(w, r, http.StatusOK, body)
	}
	return nil
}

// scraped is the answer of the last beat. Those who ask while it is made wait.
func (s *Server) scraped(a *shared, instances bool) (body packed, beat uint64, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.body != nil && a.beat == s.options.Monitor.Beat() {
		return a.body, a.beat, nil
	}
	in := s.options.Figures.Figures(instances)
	in.Self.Live, in.Self.HTTP, in.Self.Cache, in.Self.Sessions = s.hub.wire(), s.gate.wire(), s.cacheCounts(), s.sessionCounts()
	p := packer{places: s.packing}
	if err := exposition.Write(&p, &in); err != nil {
		return nil, 0, err
	}
	if body, err = p.packed(); err != nil {
		return nil, 0, err
	}
	a.beat, a.body = in.Self.Beat.Number, body
	return body, a.beat, nil
}
