package api

import (
	"context"
	"net/http"

	"github.com/zol0/zol0/internal/cache"
	"github.com/zol0/zol0/internal/wire"
)

// overviewStrategies are shown on the first screen: of more, the best and the worst halves.
const overviewStrategies = 10

// strategies are those of all sources, as they were told last.
func (s *Server) strategies(w http.ResponseWriter, r *http.Request) error {
	if _, err := parameters(r, nil); err != nil {
		return err
	}
	s.answer(w, r, http.StatusOK, s.allStrategies())
	return nil
}

func (s *Server) allStrategies() wire.Strategies {
	v := s.options.Monitor.Strategies()
	filled(&v.Sources)
	filled(&v.Strategies)
	for i := range v.Strategies {
		tidyStrategy(&v.Strategies[i])
	}
	return v
}

func tidyStrategy(x *wire.Strategy) {
	filled(&x.Course.Times)
	filled(&x.Course.Values)
	if x.Why == nil {
		x.Why = map[string]string{}
	}
}

// firstStrategies are those of the first screen.
func (s *Server) firstStrategies() wire.Strategies {
	v := s.allStrategies()
	if n := len(v.Strategies); n > overviewStrategies {
		best := v.Strategies[: overviewStrategies/2 : overviewStrategies/2]
		v.Strategies = append(best, v.Strategies[n-overviewStrategies/2:]...)
	}
	return v
}

// strategy is one by days, weeks and months.
func (s *Server) strategy(w http.ResponseWriter, r *http.Request) error {
	values, err := parameters(r, strategyParameters)
	if err != nil {
		return err
	}
	source, name := values.Get("source"), values.Get("strategy")
	v, ok := s.options.Monitor.Strategy(source, name)
	if !ok {
		return fault(http.StatusNotFound, CodeNoSuchStrategy, "GET /api/strategies lists those that there are", "there is no strategy %q of a source %q", clip(name), clip(source))
	}
	tidyStrategy(&v.Strategy)
	filled(&v.Daily)
	filled(&v.Weekly)
	filled(&v.Monthly)
	s.answer(w, r, http.StatusOK, v)
	return nil
}

// core are the components of all sources, as they were up to a minute ago.
func (s *Server) core(w http.ResponseWriter, r *http.Request) error {
	if _, err := parameters(r, nil); err != nil {
		return err
	}
	return s.kept(w, r, cache.Status, "core", func(context.Context) (any, error) { return s.allComponents(), nil })
}

func (s *Server) allComponents() wire.Core {
	v := s.options.Monitor.Core()
	filled(&v.Sources)
	filled(&v.Components)
	return v
}
