// Package client asks a running daemon over its HTTP API, with the shapes of package wire.
//
// It knows no clock: how long an answer may take is the caller's context.
package client

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"time"
	"unicode"

	"github.com/zol0/zol0/internal/wire"
)

// DefaultURL is where a daemon listens that was told nothing else.
const DefaultURL = "http://127.0.0.1:8509"

// Bounds of a client.
const (
	// maxAnswerBytes is above the largest answer of a daemon, which is that of a query with
	// 24 MiB: whatever else listens there cannot fill the memory.
	maxAnswerBytes = 25 << 20
	// maxErrorBytes is for an error, which is a few sentences.
	maxErrorBytes = 64 << 10
	// maxHeaderBytes is for the headers of an answer.
	maxHeaderBytes = 64 << 10
	connectTime    = 5 * time.Second
)

// Client asks one daemon. It is safe for concurrent use.
type Client struct {
	url   string
	http  *http.Client
	sends bool // something that says who asks
}

// New makes a client of the daemon at a URL such as http://127.0.0.1:8509; empty is
// DefaultURL. It connects to nothing yet.
func New(baseURL string) (*Client, error) { return Open(Options{URL: baseURL}) }

// Open makes a client that says who it is. It connects to nothing yet.
func Open(o Options) (*Client, error) {
	baseURL := o.URL
	if baseURL == "" {
		baseURL = DefaultURL
	}
	u, err := url.Parse(baseURL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return nil, &Error{URL: baseURL, Message: fmt.Sprintf("%q is no address of a daemon", baseURL), Hint: "give one such as " + DefaultURL}
	}
	trust, err := o.trust()
	if err != nil {
		return nil, &Error{URL: baseURL, Message: "cannot use the certificates for " + baseURL, Hint: "give files in PEM, as -----BEGIN CERTIFICATE-----", Err: err}
	}
	transport := &http.Transport{
		TLSClientConfig: trust,

		Proxy: http.ProxyFromEnvironment, DialContext: (&net.Dialer{Timeout: connectTime}).DialContext, TLSHandshakeTimeout: connectTime,
		MaxResponseHeaderBytes: maxHeaderBytes, MaxIdleConns: 1, ForceAttemptHTTP2: true,
	}
	return &Client{url: strings.TrimRight(baseURL, "/"), sends: o.Token != "" || o.User != "", http: &http.Client{
		Transport:     &identified{transport, o.Token, o.User, o.Password},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }, // a daemon sends nobody elsewhere
	}}, nil
}

// URL is where the daemon is asked.
func (c *Client) URL() string { return c.url }

// Close lets idle connections go.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Self asks for the daemon's report on itself.
func (c *Client) Self(ctx context.Context) (wire.Self, error) {
	return ask[wire.Self](ctx, c, http.MethodGet, "/api/self", nil)
}

// Services asks for every service at the last beat.
func (c *Client) Services(ctx context.Context) (wire.ServiceTable, error) {
	return ask[wire.ServiceTable](ctx, c, http.MethodGet, "/api/services", nil)
}

// ClearCache drops the daemon's caches and gives memory back to the system.
func (c *Client) ClearCache(ctx context.Context) (wire.CacheCleared, error) {
	return ask[wire.CacheCleared](ctx, c, http.MethodPost, "/api/cache/clear", nil)
}

// ask sends one request and reads the answer into a shape.
func ask[T any](ctx context.Context, c *Client, method, path string, query url.Values) (T, error) {
	var answer T
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	text, err := c.fetch(ctx, method, path, nil)
	if err != nil {
		return answer, err
	}
	if err := json.Unmarshal(text, &answer); err != nil {
		return answer, c.foreign(err.Error())
	}
	return answer, nil
}

// fetch sends one request, with a form where there is one, and returns the JSON of the
// answer.
func (c *Client) fetch(ctx context.Context, method, path string, form url.Values) ([]byte, error) {
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	request, err := http.NewRequestWithContext(ctx, method, c.url+path, body)
	if err != nil {
		return nil, &Error{URL: c.url, Message: "cannot ask " + c.url, Err: err}
	}
	request.Header.Set("Accept", "application/json")
	if form != nil {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	response, err := c.http.Do(request)
	if err != nil {
		return nil, c.unreachable(err)
	}
	defer func() { _ = response.Body.Close() }() // it was read, or is given up
	kind, _, _ := mime.ParseMediaType(response.Header.Get("Content-Type"))
	if kind != "application/json" {
		if e := c.stranger(response.StatusCode, ""); e != nil { // of the layer of passwords, in plain text
			return nil, e
		}
		return nil, c.foreign(fmt.Sprintf("status %d, %.40q", response.StatusCode, kind))
	}
	if response.StatusCode != http.StatusOK {
		return nil, c.refused(response)
	}
	text, err := io.ReadAll(io.LimitReader(response.Body, maxAnswerBytes+1))
	switch {
	case err != nil:
		return nil, &Error{URL: c.url, Message: "the answer of the daemon at " + c.url + " ended early", Hint: "try again; the daemon may have been stopped", Err: err}
	case len(text) > maxAnswerBytes:
		return nil, c.foreign(fmt.Sprintf("it sends more than %d bytes", maxAnswerBytes))
	}
	return text, nil
}

// refused reads the daemon's own words.
func (c *Client) refused(response *http.Response) error {
	var e struct {
		wire.Error
		// Of a query, as Prometheus has them.
		Type string `json:"errorType"`
		Text string `json:"error"`
	}
	err := json.NewDecoder(io.LimitReader(response.Body, maxErrorBytes)).Decode(&e)
	if e.Code == "" {
		e.Code, e.Message = e.Type, e.Text
	}
	if err != nil || e.Code == "" {
		return c.foreign(fmt.Sprintf("status %d", response.StatusCode))
	}
	if stranger := c.stranger(response.StatusCode, e.Code); stranger != nil {
		return stranger
	}
	return &Error{URL: c.url, Status: response.StatusCode, Code: printable(e.Code), Message: "the daemon says: " + printable(e.Message), Hint: printable(e.Hint)}
}

// refusedOnWindows is WSAECONNREFUSED, which package syscall does not name.
const refusedOnWindows = syscall.Errno(10061)

// printable makes foreign words harmless for a terminal.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, text)
}

// unreachable says why there is no answer at all.
func (c *Client) unreachable(err error) error {
	var failed *url.Error
	if errors.As(err, &failed) {
		err = failed.Err // without the URL, which the message has
	}
	if errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, refusedOnWindows) {
		return &Error{URL: c.url, NoDaemon: true, Message: "no zol0 daemon answers at " + c.url, Hint: "start one with: zol0 dashboard", Err: err}
	}
	var unknown x509.UnknownAuthorityError
	var name x509.HostnameError
	if errors.As(err, &unknown) || errors.As(err, &name) {
		return &Error{URL: c.url, Message: "the certificate of " + c.url + " is not trusted", Hint: "name the file of the certificate that signed it with --ca, and use the name that stands in it", Err: err}
	}
	return &Error{URL: c.url, Message: "cannot ask the daemon at " + c.url, Hint: "check the address, and whether the daemon is busy or stopped", Err: err}
}

// foreign is the error when somebody else listens there.
func (c *Client) foreign(what string) error {
	return &Error{URL: c.url, Message: fmt.Sprintf("what answers at %s is no zol0 daemon (%s)", c.url, what), Hint: "check the address, or start a daemon at another with: zol0 dashboard --listen 127.0.0.1:PORT"}
}
