package api

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"

	toolkit "github.com/prometheus/exporter-toolkit/web"
)

// Serve answers requests on l until ctx ends or the listener fails, and closes l. When ctx
// ends, live clients are told and let go first; other requests have 3 s to finish. It
// returns nil after that, and an error when requests had to be cut off.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	requests, cutOff := context.WithCancel(context.WithoutCancel(ctx))
	defer cutOff()
	server := &http.Server{
		Handler: s.handler, MaxHeaderBytes: MaxHeaderBytes,
		ReadHeaderTimeout: s.times.header, ReadTimeout: s.times.read, WriteTimeout: s.times.write, IdleTimeout: idleTime,
		ErrorLog:    slog.NewLogLogger(s.options.Log.Handler(), slog.LevelWarn),
		ConnState:   s.connection,
		BaseContext: func(net.Listener) context.Context { return requests },
	}
	ended := make(chan error, 1)
	go func() { ended <- s.listen(server, smallBuffers{l}) }()
	select {
	case err := <-ended:
		s.hub.close()
		return fmt.Errorf("cannot serve on %s any more: %w", l.Addr(), errors.Join(err, server.Close()))
	case <-ctx.Done():
	}
	s.hub.close()
	limit, cancel := context.WithTimeout(requests, s.times.shutdown)
	defer cancel()
	err := server.Shutdown(limit)
	left := s.gate.active.Load()
	if err != nil {
		cutOff()
		err = server.Close()
	}
	if closed := <-ended; !errors.Is(closed, http.ErrServerClosed) {
		err = errors.Join(err, closed)
	}
	if left > 0 && limit.Err() != nil {
		return errors.Join(fmt.Errorf("%d requests were not answered within %v of the end and were cut off", left, s.times.shutdown), err)
	}
	return err
}

// connection bounds how many connections are open: one too many is closed at once.
func (s *Server) connection(c net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		if s.gate.connections.Add(1) > MaxConnections {
			s.gate.refusedConnections.Add(1)
			_ = c.Close() // what cannot be closed is closed already
		}
	case http.StateClosed, http.StateHijacked:
		s.gate.connections.Add(-1)
	}
}

// smallBuffers bounds what the kernel keeps of what a client does not read.
type smallBuffers struct{ net.Listener }

func (l smallBuffers) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if tcp, ok := c.(*net.TCPConn); ok && err == nil {
		_ = tcp.SetWriteBuffer(sendBufferBytes) // the kernel's own size does too
	}
	return c, err
}

// listen serves plainly, or with TLS and passwords where there is a web configuration.
func (s *Server) listen(server *http.Server, l net.Listener) error {
	// One connection of HTTP/2 carries hundreds of requests, and the bounds here are on
	// connections. The page asks for a handful of things, for which HTTP/1.1 is as good.
	server.Protocols = new(http.Protocols)
	server.Protocols.SetHTTP1(true)
	if s.options.WebConfig == "" {
		return server.Serve(l)
	}
	// The toolkit puts its handler of passwords around ours. What bounds the number of their
	// checks has to stand before it, and is put there when it is done.
	server.Handler = s.guard
	first := &firstAccept{Listener: l, do: func() { server.Handler = s.front(server.Handler) }}
	return toolkit.Serve(first, server, &toolkit.FlagConfig{WebConfigFile: &s.options.WebConfig}, s.options.Log)
}

// firstAccept does something before the first connection comes in. Only one goroutine
// accepts.
type firstAccept struct {
	net.Listener
	do func()
}

func (l *firstAccept) Accept() (net.Conn, error) {
	if l.do != nil {
		l.do()
		l.do = nil
	}
	return l.Listener.Accept()
}
