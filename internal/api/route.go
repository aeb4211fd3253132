package api

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// route is one row of the table of routes, of which the index and the documentation's
// test are made too.
type route struct {
	method, path string
	need         need
	parameters   []string // of the query
	meaning      string
	handle       func(http.ResponseWriter, *http.Request) error
}

func (s *Server) allRoutes() []route {
	return []route{
		{"GET", "/", anybody, nil, "the page", s.page},
		{"GET", "/services/{name}", anybody, nil, "the page, at a service", s.page},
		{"GET", "/processes", anybody, nil, "the page, at all processes", s.page},
		{"GET", "/compare", anybody, nil, "the page, at a comparison", s.page},
		{"GET", "/strategies", anybody, nil, "the page, at the strategies of trading sources", s.page},
		{"GET", "/events", anybody, nil, "the page, at the journal", s.page},
		{"GET", "/alerts", anybody, nil, "the page, at what holds", s.page},
		{"GET", "/settings", anybody, nil, "the page, at the configuration", s.page},
		{"GET", "/self", anybody, nil, "the page, at the daemon itself", s.page},
		{"GET", "/help", anybody, nil, "the page, at the meaning of its words", s.page},
		{"GET", "/assets/{file}", anybody, nil, "what the page consists of", s.asset},
		{"GET", "/api", viewers, nil, "this list", s.index},
		{"GET", "/api/openapi.json", viewers, nil, "this API in OpenAPI 3.1, for programs", s.openapi},
		{"GET", "/-/healthy", anybody, nil, "200 while the daemon answers", s.healthy},
		{"GET", "/-/ready", anybody, nil, "200 from the first beat on, 503 before and when it ends", s.readiness},
		{"GET", "/metrics", viewers, metricsParameters, "the daemon, the machine and every service, for Prometheus to scrape", s.metrics},
		{"GET", "/api/self", viewers, nil, "the daemon itself: memory, beats, caches, clients", s.self},
		{"GET", "/api/overview", viewers, nil, "all of the first screen at the last beat", s.overview},
		{"GET", "/api/services", viewers, nil, "every service at the last beat", s.services},
		{"GET", "/api/services/{name}", viewers, nil, "one service with its processes and limits", s.service},
		{"GET", "/api/services/{name}/lives", viewers, livesParameters, "its lives beside each other", s.lives},
		{"GET", "/api/processes", viewers, nil, "every process at the last beat", s.processes},
		{"GET", "/api/processes/{pid}/identity", viewers, nil, "why a process belongs to its service", s.identityOf},
		{"GET", "/api/host", viewers, nil, "the machine at the last beat", s.host},
		{"GET", "/api/alerts", viewers, nil, "what holds, and what was checked", s.alerts},
		{"GET", "/api/logs", viewers, logsParameters, "the last lines of logs", s.logs},
		{"GET", "/api/strategies", viewers, nil, "how the strategies of trading sources perform", s.strategies},
		{"GET", "/api/strategy", viewers, strategyParameters, "one strategy by days, weeks and months", s.strategy},
		{"GET", "/api/core", viewers, nil, "the components of trading cores", s.core},
		{"GET", "/api/config", viewers, nil, "the configuration that holds, with the origin of each value", s.config},
		{"GET", "/api/series", viewers, seriesParameters, "the course of series from the store", s.series},
		{"GET", "/api/marks", viewers, marksParameters, "moments worth a line in a chart", s.marks},
		{"GET", "/api/compare", viewers, compareParameters, "two stretches of a service side by side", s.compare},
		{"GET", "/api/top", viewers, topParameters, "the services that grew most", s.top},
		{"GET", "/api/store", viewers, nil, "what is kept on disk", s.store},
		{"GET", "/api/journal", viewers, journalParameters, "what happened, newest first", s.journal},
		{"GET", "/api/events", viewers, nil, "every beat and what changed, as server-sent events", s.live},
		{"GET", "/api/v1/query", viewers, instantParameters, "PromQL at one moment, as Prometheus answers it", s.queryInstant},
		{"GET", "/api/v1/query_range", viewers, rangeParameters, "PromQL over a range, as Prometheus answers it", s.queryRange},
		{"GET", "/api/v1/series", viewers, matchingParameters, "which series there are", s.querySeries},
		{"GET", "/api/v1/labels", viewers, matchingParameters, "which labels they have", s.queryLabels},
		{"POST", "/api/v1/query", viewers, instantParameters, "PromQL at one moment, as Prometheus answers it", s.queryInstant},
		{"POST", "/api/v1/query_range", viewers, rangeParameters, "PromQL over a range, as Prometheus answers it", s.queryRange},
		{"POST", "/api/v1/series", viewers, matchingParameters, "which series there are", s.querySeries},
		{"POST", "/api/v1/labels", viewers, matchingParameters, "which labels they have", s.queryLabels},
		{"GET", "/api/v1/label/{name}/values", viewers, matchingParameters, "which values a label has", s.queryLabelValues},
		{"GET", "/api/v1/metadata", viewers, metadataParameters, "what metrics mean", s.queryMetadata},
		{"GET", "/api/v1/query_exemplars", viewers, []string{"query", "start", "end"}, "none: nothing here has exemplars", s.exemplars},
		{"POST", "/api/v1/query_exemplars", viewers, []string{"query", "start", "end"}, "none: nothing here has exemplars", s.exemplars},
		{"GET", "/api/v1/status/buildinfo", viewers, nil, "the version of Prometheus whose engine answers", s.buildInfo},
		{"POST", writePath, writers, nil, "what other hosts measured, as remote write; of a hub only", s.remoteWrite},
		{"POST", "/api/cache/clear", viewers, nil, "drop caches, give memory back, say what that brought", s.clearCache},
		{"POST", "/api/login", anybody, nil, "show a token and begin a session", s.login},
		{"POST", "/api/logout", anybody, nil, "end the session of a login", s.logout},
		{"GET", "/api/session", viewers, nil, "this browser's session", s.session},
		{"POST", "/api/session/load", viewers, nil, "count one page load", s.sessionLoad},
		{"POST", "/api/session/refresh", viewers, nil, "drop the session's temporary keys", s.sessionRefresh},
		{"GET", "/api/session/state/{key}", viewers, nil, "the value under a key of the session", s.stateGet},
		{"PUT", "/api/session/state/{key}", viewers, nil, "store a JSON value under a key", s.statePut},
		{"DELETE", "/api/session/state/{key}", viewers, nil, "drop a key", s.stateDelete},
	}
}

// Route is a route as documentation sees it.
type Route struct {
	Method, Path string
	Parameters   []string // names of what the query may have
	Meaning      string
	// Role is the least that may call it; empty: anybody.
	Role string
}

// Routes lists every route in the order of the index.
func (s *Server) Routes() []Route {
	out := make([]Route, 0, len(s.routes))
	for _, x := range s.routes {
		out = append(out, Route{x.method, x.path, x.parameters, x.meaning, x.need.String()})
	}
	return out
}

// dispatch finds the route of a request. Paths go into the ServeMux without their methods,
// so that a wrong method is answered in our own words.
func (s *Server) dispatch() http.Handler {
	byPath := map[string][]*route{}
	for i := range s.routes {
		x := &s.routes[i]
		byPath[x.path] = append(byPath[x.path], x)
	}
	mux := http.NewServeMux()
	for path, methods := range byPath {
		pattern := path
		if path == "/" {
			pattern = "/{$}"
		}
		mux.Handle(pattern, s.choose(methods))
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		s.fail(w, r, fault(http.StatusNotFound, CodeNotFound, "GET /api lists what is there", "there is nothing at %q", clip(r.URL.Path)))
	})
	return mux
}

// choose answers with the route of the request's method; HEAD is GET without the body.
func (s *Server) choose(methods []*route) http.Handler {
	allowed := make([]string, 0, len(methods)+1)
	for _, x := range methods {
		allowed = append(allowed, x.method)
		if x.method == http.MethodGet {
			allowed = append(allowed, http.MethodHead)
		}
	}
	allow := strings.Join(allowed, ", ")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		method := r.Method
		if method == http.MethodHead {
			method = http.MethodGet
		}
		i := slices.IndexFunc(methods, func(x *route) bool { return x.method == method })
		if i < 0 {
			w.Header().Set("Allow", allow)
			s.fail(w, r, fault(http.StatusMethodNotAllowed, CodeMethodNotAllowed, "use "+allow, "%s is not for %s", clip(r.Method), methods[0].path))
			return
		}
		err := s.admit(r, methods[i].need)
		if err == nil {
			err = methods[i].handle(w, r)
		}
		if err != nil {
			s.fail(w, r, err)
		}
	})
}

func (s *Server) index(w http.ResponseWriter, r *http.Request) error {
	var out strings.Builder
	out.WriteString("zol0 monitor. These are its routes:\n\n")
	for _, x := range s.routes {
		path := x.path
		if len(x.parameters) > 0 {
			path += "?" + strings.Join(x.parameters, "=&") + "="
		}
		fmt.Fprintf(&out, "%-6s %s\n       %s\n", x.method, path, x.meaning)
	}
	return s.text(w, r, out.String())
}

func (s *Server) healthy(w http.ResponseWriter, r *http.Request) error { return s.text(w, r, "ok\n") }

func (s *Server) readiness(w http.ResponseWriter, r *http.Request) error {
	if s.hub.isClosed() {
		return closing()
	}
	if err := s.ready(); err != nil {
		return err
	}
	return s.text(w, r, "ready\n")
}

func (s *Server) text(w http.ResponseWriter, _ *http.Request, text string) error {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write([]byte(text)) // a client that went away is told nothing
	return nil
}
