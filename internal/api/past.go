package api

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"

	"github.com/zol0/zol0/internal/cache"
	"github.com/zol0/zol0/internal/wire"
)

func (s *Server) lives(w http.ResponseWriter, r *http.Request) error {
	values, err := parameters(r, livesParameters)
	if err != nil {
		return err
	}
	name := r.PathValue("name")
	if !printable(name, maxTextBytes) {
		return noService(name)
	}
	q, err := livesQuery(name, values)
	if err != nil {
		return err
	}
	return s.kept(w, r, cache.Metrics, fmt.Sprintf("lives %q %d %d", q.Service, q.Points, q.Limit), func(ctx context.Context) (any, error) {
		v, err := s.options.History.Lives(ctx, q)
		filled(&v.Lives)
		for i := range v.Lives {
			filled(&v.Lives[i].AgeSeconds)
			filled(&v.Lives[i].PrivateBytes)
		}
		return v, err
	})
}

func (s *Server) marks(w http.ResponseWriter, r *http.Request) error {
	values, err := parameters(r, marksParameters)
	if err != nil {
		return err
	}
	q, err := marksQuery(values, s.options.Now())
	if err != nil {
		return err
	}
	return s.fresh(w, r, func(ctx context.Context) (any, error) {
		v, err := s.options.History.Marks(ctx, q)
		filled(&v.Marks)
		return v, err
	})
}

func (s *Server) compare(w http.ResponseWriter, r *http.Request) error {
	values, err := parameters(r, compareParameters)
	if err != nil {
		return err
	}
	q, format, err := compareQuery(values, s.options.Now())
	if err != nil {
		return err
	}
	// A comparison takes a core for a while, and they are made one after the other: those
	// that wait for their turn must not hold the places of all other answers.
	ctx, cancel := context.WithTimeout(r.Context(), s.times.query)
	defer cancel()
	select {
	case s.compares <- struct{}{}:
		defer func() { <-s.compares }()
	case <-ctx.Done():
		return ctx.Err()
	}
	if format == formatJSON {
		return s.fresh(w, r, func(ctx context.Context) (any, error) { return s.comparison(ctx, &q) })
	}
	var text []byte
	contentType := "text/markdown; charset=utf-8"
	err = s.make(r.Context(), func(ctx context.Context) error {
		v, err := s.comparison(ctx, &q)
		if text = markdown(&v); format == formatCSV {
			text, contentType = spreadsheet(&v), "text/csv; charset=utf-8"
		}
		return err
	})
	if err != nil {
		return err
	}
	body, err := s.packText(text)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", contentType)
	h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="zol0-compare-%s.%s"`, fileName(q.Service), format))
	s.send(w, r, http.StatusOK, body)
	return nil
}

func (s *Server) comparison(ctx context.Context, q *CompareQuery) (wire.Comparison, error) {
	v, err := s.options.History.Compare(ctx, *q)
	if errors.Is(err, fs.ErrNotExist) {
		return v, fault(http.StatusNotFound, CodeNoSuchProcess, "GET /api/services/{name}/lives lists the lives that the store knows", "%v", err)
	}
	filled(&v.Rows)
	filled(&v.Caveats)
	return v, err
}
