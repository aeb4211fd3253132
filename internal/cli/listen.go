package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"

	"github.com/zol0/zol0/internal/access"
	"github.com/zol0/zol0/internal/api"
	"github.com/zol0/zol0/internal/config"
)

// door is what a daemon serves through.
type door struct {
	net.Listener
	tokens *access.Book
	web    api.WebSettings
}

// openDoor reads who may ask, and then opens the address: one that others can reach only
// where somebody is asked who they are.
func openDoor(ctx context.Context, d *config.Daemon) (*door, error) {
	x := &door{}
	var err error
	if d.Tokens != "" {
		if x.tokens, err = access.Open(d.Tokens); err != nil {
			return nil, tokenError(err)
		}
		if len(x.tokens.Tokens()) == 0 {
			return nil, usageError("make one with: zol0 token new NAME --file "+d.Tokens, "there is no token in %s, so that nobody could ask", d.Tokens)
		}
	}
	if d.WebConfig != "" {
		if x.web, err = api.CheckWebConfig(d.WebConfig); err != nil {
			return nil, usageError("see docs/security.md for an example", "%w", err)
		}
	}
	asked := x.tokens != nil || x.web.Authenticates()
	if !asked && !d.Insecure {
		if err := own(ctx, d.Listen); err != nil {
			return nil, err
		}
	}
	if x.Listener, err = net.Listen("tcp", d.Listen); err != nil {
		return nil, failure("another zol0 may be running (see: zol0 self), or choose another port with --listen", fmt.Errorf("cannot listen on %s: %w", d.Listen, err))
	}
	// A name may have come to mean something else meanwhile.
	if address, ok := x.Addr().(*net.TCPAddr); !asked && !d.Insecure && (!ok || !address.IP.IsLoopback()) {
		return nil, errors.Join(unasked(d.Listen, x.Addr().String()), x.Close())
	}
	return x, nil
}

// scheme is how the daemon is asked.
func (x *door) scheme() string {
	if x.web.TLS {
		return "https"
	}
	return "http"
}

// own is an error where an address is not one of the machine itself alone.
func own(ctx context.Context, listen string) error {
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return usageError("write an address and a port, like 127.0.0.1:8509", "cannot listen on %q: %w", listen, err)
	}
	if host == "" {
		return unasked(listen, "every address of the machine")
	}
	addresses, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return usageError("name an address of this machine, like 127.0.0.1:8509", "cannot listen on %s: %w", listen, err)
	}
	for _, address := range addresses {
		if !address.Unmap().IsLoopback() {
			return unasked(listen, shownAddress(host, address))
		}
	}
	return nil
}

// shownAddress says what a name stands for.
func shownAddress(host string, address netip.Addr) string {
	if text := address.Unmap().String(); text != host {
		return host + " is " + text
	}
	return host
}

// unasked is the refusal to listen where others can reach a daemon that asks nobody.
func unasked(listen, where string) error {
	return usageError("make a token with zol0 token new NAME and set --tokens FILE (daemon.tokens), or set --web-config FILE (daemon.web_config) with users or client certificates; or listen on 127.0.0.1; --insecure insists. See docs/security.md",
		"will not listen on %s: others can reach it (%s), could read what runs here, and nobody would be asked who they are", listen, where)
}

// tokenError gives an error of the file of tokens its hint; it is one of the configuration.
func tokenError(err error) error {
	var e *access.Error
	if errors.As(err, &e) {
		return usageError(e.Hint, "%w", err)
	}
	return err
}
