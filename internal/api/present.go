package api

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"net/http"
	"strconv"

	"github.com/zol0/zol0/internal/cache"
	"github.com/zol0/zol0/internal/service"
	"github.com/zol0/zol0/internal/wire"
)

// filled makes an empty list of a missing one: whoever reads JSON wants [] and not null.
func filled[T any](list *[]T) {
	if *list == nil {
		*list = []T{}
	}
}

func (s *Server) host(w http.ResponseWriter, r *http.Request) error {
	if err := s.asked(r); err != nil {
		return err
	}
	s.answer(w, r, http.StatusOK, s.options.Monitor.Host())
	return nil
}

// asked refuses parameters where there are none, and answers before the first beat.
func (s *Server) asked(r *http.Request) error {
	if _, err := parameters(r, nil); err != nil {
		return err
	}
	return s.ready()
}

func (s *Server) service(w http.ResponseWriter, r *http.Request) error {
	if err := s.asked(r); err != nil {
		return err
	}
	name := r.PathValue("name")
	v, ok := s.options.Monitor.Service(name)
	if !ok {
		return noService(name)
	}
	filled(&v.Instances)
	filled(&v.Limits)
	filled(&v.Sources)
	for i := range v.Instances {
		filled(&v.Instances[i].Verdicts)
	}
	s.answer(w, r, http.StatusOK, v)
	return nil
}

func noService(name string) *Error {
	return fault(http.StatusNotFound, CodeNoSuchService, "GET /api/services lists those that there are; what a past one did is in /api/series and /api/services/{name}/lives", "there is no service %q at the last beat", clip(name))
}

func (s *Server) processes(w http.ResponseWriter, r *http.Request) error {
	if err := s.asked(r); err != nil {
		return err
	}
	// The number is asked for before the table: a beat in between makes an answer that is
	// newer than its name, and the next who asks gets another.
	beat := s.options.Monitor.Beat()
	if s.unchanged(w, r, s.tag(beat)) {
		return nil
	}
	return s.kept(w, r, cache.Metrics, "processes "+strconv.FormatUint(beat, 10), func(context.Context) (any, error) {
		v := s.options.Monitor.Processes()
		filled(&v.Processes)
		return v, nil
	})
}

func (s *Server) identityOf(w http.ResponseWriter, r *http.Request) error {
	if err := s.asked(r); err != nil {
		return err
	}
	text := r.PathValue("pid")
	pid, err := strconv.Atoi(text)
	if err != nil || pid < 1 || pid > math.MaxInt32 {
		return bad("pid", text, "give the number of a process, as /api/processes has it")
	}
	v, err := s.options.Monitor.Explain(int32(pid))
	if errors.Is(err, fs.ErrNotExist) {
		return fault(http.StatusNotFound, CodeNoSuchProcess, "GET /api/processes lists those that there are", "there was no process %d at the last beat", pid)
	}
	if err != nil {
		return fmt.Errorf("cannot explain the identity of process %d: %w", pid, err)
	}
	if v.Steps == nil {
		v.Steps = []service.Note{}
	}
	s.answer(w, r, http.StatusOK, v)
	return nil
}

func (s *Server) alerts(w http.ResponseWriter, r *http.Request) error {
	if _, err := parameters(r, nil); err != nil {
		return err
	}
	s.answer(w, r, http.StatusOK, s.allAlerts())
	return nil
}

func (s *Server) allAlerts() wire.Alerts {
	v := s.options.Monitor.Alerts()
	filled(&v.Checks)
	filled(&v.Firing)
	filled(&v.Resolved)
	return v
}

func (s *Server) logs(w http.ResponseWriter, r *http.Request) error {
	values, err := parameters(r, logsParameters)
	if err != nil {
		return err
	}
	q, err := logQuery(values)
	if err != nil {
		return err
	}
	s.answer(w, r, http.StatusOK, s.lines(q))
	return nil
}

func (s *Server) lines(q LogQuery) wire.Logs {
	v := s.options.Monitor.Logs(q)
	filled(&v.Sources)
	filled(&v.Lines)
	return v
}

func (s *Server) config(w http.ResponseWriter, r *http.Request) error {
	if _, err := parameters(r, nil); err != nil {
		return err
	}
	v := s.options.Monitor.Config()
	filled(&v.Services)
	filled(&v.Sources)
	filled(&v.Logs)
	if v.Origins == nil {
		v.Origins = map[string]string{}
	}
	s.answer(w, r, http.StatusOK, v)
	return nil
}
