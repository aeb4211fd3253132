// Package api serves what the daemon knows over HTTP: JSON for programs and the page, and
// server-sent events for whoever wants to hear of every beat. docs/api.md describes it.
//
// It measures, stores and judges nothing: the daemon supplies what is asked through the
// small interfaces below. Nothing here makes the beat wait: what it publishes goes into
// bounded queues, and a client that does not empty its own is dropped.
//
// What it is asked comes from anybody who can reach the port, so everything has a bound:
// connections, requests at a time, live clients, headers, bodies, points, time.
package api

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"golang.org/x/time/rate"

	"github.com/zol0/zol0/internal/access"
	"github.com/zol0/zol0/internal/cache"
	"github.com/zol0/zol0/internal/query"
	"github.com/zol0/zol0/internal/service"
	"github.com/zol0/zol0/internal/session"
	"github.com/zol0/zol0/internal/web"
	"github.com/zol0/zol0/internal/wire"
)

// Monitor is the present: what the last beat found. Its methods are called by many
// goroutines and must neither wait for a beat nor make one wait.
type Monitor interface {
	// Beat is the number of the last finished beat, 0 before the first. It is asked for
	// with every request of the table, and must cost nothing.
	Beat() uint64
	// Services is the table of the last finished beat, with that beat's number in it. It
	// is called at most twice for each beat: for the table, and for the overview. The table
	// is not changed afterwards.
	Services() wire.ServiceTable
	// Host is the machine at the last finished beat.
	Host() wire.HostState
	// Processes are those of the last finished beat. It is called at most once for each.
	Processes() wire.ProcessTable
	// Service is one service at the last finished beat; false where there is none of that name.
	Service(name string) (wire.ServiceDetail, bool)
	// Explain says why a process belongs to its service. The error of a process that was not
	// there at the last beat is an fs.ErrNotExist.
	Explain(pid int32) (service.Explanation, error)
	// Alerts are what holds at the last finished beat.
	Alerts() wire.Alerts
	// Strategies are how those of all sources perform, the most profitable first; Strategy is
	// one by periods, and Core are the components of all sources.
	Strategies() wire.Strategies
	Strategy(source, name string) (wire.StrategyDetail, bool)
	Core() wire.Core
	// Logs are the last lines that fit.
	Logs(q LogQuery) wire.Logs
	// Own is the little about the daemon itself that every page shows. CacheEntries,
	// MaxCacheEntries and PageLoads are filled in by this package.
	Own() wire.OwnState
	// Config is what holds now.
	Config() wire.Config
	// Self is the daemon's report on itself. Cache, Live, HTTP and Sessions are filled in
	// by this package.
	Self() wire.Self
}

// History is the past: what the store knows. Every method returns when ctx ends. An *Error
// goes to the client as it is; any other is answered with status 500.
type History interface {
	Series(ctx context.Context, q SeriesQuery) (wire.SeriesAnswer, error)
	Top(ctx context.Context, q TopQuery) (wire.Top, error)
	Store(ctx context.Context) (wire.StoreState, error)
	Journal(ctx context.Context, q JournalQuery) (wire.Journal, error)
	Lives(ctx context.Context, q LivesQuery) (wire.Lives, error)
	Marks(ctx context.Context, q MarksQuery) (wire.Marks, error)
	Compare(ctx context.Context, q CompareQuery) (wire.Comparison, error)
}

// Memory is what the daemon does about its own memory.
type Memory interface {
	// NewClients reports whether there is memory for one more live client.
	NewClients() bool
	// ClearCache drops every cache, collects garbage, gives memory back to the system and
	// says what that brought. Only one call goes on at a time.
	ClearCache(ctx context.Context) (wire.CacheCleared, error)
}

// Options are what the daemon supplies. Monitor, History, Memory, Cache, Sessions and Now
// are required.
type Options struct {
	Monitor Monitor
	History History
	Memory  Memory
	// Cache and Sessions belong to the daemon, which sweeps them.
	Cache    *cache.Cache
	Sessions *session.Sessions
	// Now is the clock. Its times should carry the monotonic clock's reading, as those of
	// time.Now do: deadlines of connections are counted from them.
	Now func() time.Time
	// Log gets warnings, never what was asked for; nil drops them.
	Log *slog.Logger
	// Hosts are further names under which the server may be asked, beside localhost,
	// loopback addresses and the address that a connection came in on.
	Hosts []string
	// Tokens say who may what; nil: there are none. WebConfig is the path of a web configuration
	// file that CheckWebConfig found right; empty: none. With neither, everybody is a viewer.
	Tokens    *access.Book
	WebConfig string
	// RateLimit is how many requests a second one address may send, twice as many at once;
	// 0: any number.
	RateLimit int
	// Query answers PromQL; nil: nothing is asked of it.
	Query query.Source
	// Figures are given to Prometheus at /metrics; nil: there is nothing at it.
	Figures Figures
	// Version is that of zol0, for the API of Prometheus.
	Version string
	// Receiver takes in what other hosts send; nil: the daemon is no hub.
	Receiver Receiver
	// Page is what is served at / and below; nil takes the one in the binary.
	Page *web.Site
	// WriteDeadline is how long one write to a live client may take; 0 takes
	// DefaultWriteDeadline.
	WriteDeadline time.Duration
}

// Bounds of the server.
const (
	// MaxRequests may be answered at a time, live clients not among them. Ten pages ask
	// for a handful of things each.
	MaxRequests = 64
	// maxMaking answers are made from the store at a time: as many as it has readers' cores
	// on a small machine. The largest is 5 MB until it is packed.
	maxMaking = 2
	// MaxConnections may be open: every live client, every request, and as many idle ones.
	MaxConnections = MaxClients + 4*MaxRequests
	// MaxBodyBytes bounds what a client may send. The largest thing is a value of a
	// session, of 1 KiB.
	MaxBodyBytes = 64 << 10
	// MaxHeaderBytes holds any browser's headers with cookies of other local pages.
	MaxHeaderBytes = 16 << 10
	// headerTime and readTime are for slow networks, not for slow attackers.
	headerTime = 5 * time.Second
	readTime   = 10 * time.Second
	// writeTime is for one answer of at most a few hundred kilobytes.
	writeTime = 30 * time.Second
	// idleTime keeps the connection of a page that asks every 30 s.
	idleTime = 75 * time.Second
	// queryTime ends what the store cannot answer: a day of a series takes milliseconds.
	queryTime = 10 * time.Second
	// shutdownTime is what requests have left when the daemon ends.
	shutdownTime = 3 * time.Second
	// DefaultWriteDeadline is two beats.
	DefaultWriteDeadline = 10 * time.Second
	// sendBufferBytes bounds what the kernel keeps for a client that does not read: of
	// what waits there nobody can say any more that it is late.
	sendBufferBytes = 64 << 10
)

// Server answers requests. Make it with New.
type Server struct {
	options  Options
	handler  http.Handler // with all protection
	guard    http.Handler // without what stands before passwords
	routes   []route
	hub      hub
	run      string        // tells this run of the daemon from others, whose beats have the same numbers
	table    shared        // of services
	first    shared        // the overview
	scrapes  [2]shared     // /metrics, without and with instances
	making   chan struct{} // holds a token for each answer that is made from the store
	compares chan struct{} // and one for the comparison among them
	packing  chan struct{} // and for each that is compressed
	queries  chan struct{} // and for each query that is answered
	writers  chan struct{} // and for each message of another host that is read
	gate     gate
	clearing chan struct{} // holds one token: only one clears at a time
	times    times

	attempts      *rates     // of wrong tokens and passwords
	requests      *rates     // nil: any number
	passwords     *passwords // nil: none are asked for
	authenticates bool       // the layer of TLS and passwords says who asks
}

// times are those of the bounds above; tests shorten them.
type times struct{ header, read, write, query, shutdown time.Duration }

// New makes a server. It does not listen; see Serve.
func New(o Options) *Server {
	if o.Monitor == nil || o.History == nil || o.Memory == nil || o.Cache == nil || o.Sessions == nil || o.Now == nil {
		panic("BUG: the API needs a monitor, a history, memory, a cache, sessions and a clock")
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.WriteDeadline <= 0 {
		o.WriteDeadline = DefaultWriteDeadline
	}
	if o.Page == nil {
		page, err := web.Embedded()
		if err != nil {
			panic(fmt.Sprintf("BUG: %v", err)) // it is as it was built, and tested
		}
		o.Page = page
	}
	s := &Server{options: o, clearing: make(chan struct{}, 1), times: times{headerTime, readTime, writeTime, queryTime, shutdownTime}}
	s.hub.clients = map[*liveClient]struct{}{}
	s.run = rand.Text()
	s.making, s.compares, s.packing = make(chan struct{}, maxMaking), make(chan struct{}, 1), make(chan struct{}, maxPacking)
	s.queries = make(chan struct{}, maxQueries)
	s.writers = make(chan struct{}, maxWriters)
	if o.WebConfig != "" {
		s.passwords = &passwords{path: o.WebConfig}
		if w, err := readWebConfig(o.WebConfig); err != nil || w.Authenticates() {
			s.authenticates = true // what cannot be read any more lets nobody in
		}
	}
	s.attempts = newRates(rate.Every(attemptEvery), attemptsAtOnce)
	if o.RateLimit > 0 {
		s.requests = newRates(rate.Limit(o.RateLimit), 2*o.RateLimit)
	}
	s.routes = s.allRoutes()
	s.guard = s.guarded(s.dispatch())
	s.handler = s.front(s.guard)
	return s
}

// Handler answers every route, with all protection but what belongs to the connection:
// its deadlines, and the bounds of headers and connections, which Serve sets.
func (s *Server) Handler() http.Handler { return s.handler }
