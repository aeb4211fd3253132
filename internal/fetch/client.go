package fetch

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"unicode"
)

// Client asks one program. Its methods may be called by several goroutines.
type Client struct {
	http       *http.Client
	base       *url.URL
	connection Connection
	maxBytes   int64
}

// Error is why there is no answer.
type Error struct {
	// Status is that of HTTP; 0: nobody answered.
	Status int
	Err    error
	// Hint is the next step; may be empty.
	Hint string
}

func (e *Error) Error() string { return e.Err.Error() }

// Unwrap is the cause.
func (e *Error) Unwrap() error { return e.Err }

// maxReason is how much of an answer is shown as a reason.
const maxReason = 200

// NewClient asks the program below a URL, of whose answers at most so many bytes are read.
func NewClient(base string, c Connection, maxBytes int64) (*Client, error) {
	u, err := url.Parse(base)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, fmt.Errorf("%q is no URL of http or https", base)
	}
	if u.User != nil {
		return nil, errors.New("a URL with a password in it is not used: name a file with username and password_file, or token_file")
	}
	client, err := c.Client()
	if err != nil {
		return nil, err
	}
	return &Client{http: client, base: u, connection: c, maxBytes: maxBytes}, nil
}

// Close ends connections that are kept open.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Request is one question.
type Request struct {
	Method string // empty: GET
	// Path is put behind that of the base.
	Path  string
	Query url.Values
	// Types of content that are an answer, without parameters; empty: any.
	Types []string
	// Header and Value replace the secret that is sent otherwise.
	Header, Value string
}

// Do asks. The answer is whole, or there is an *Error.
func (c *Client) Do(ctx context.Context, q Request) (body []byte, contentType string, err error) {
	u := *c.base
	if q.Path != "" {
		u.Path = strings.TrimSuffix(u.Path, "/") + q.Path
	}
	if len(q.Query) > 0 {
		u.RawQuery = q.Query.Encode()
	}
	r, err := http.NewRequestWithContext(ctx, q.Method, u.String(), nil)
	if err != nil {
		return nil, "", &Error{Err: err}
	}
	r.Header.Set("Accept", accepted(q.Types))
	if q.Header != "" {
		r.Header.Set(q.Header, q.Value)
	}
	answer, err := c.http.Do(r)
	if err != nil {
		return nil, "", c.unreached(err)
	}
	defer answer.Body.Close() //nolint:errcheck // it was only read
	if answer.StatusCode/100 != 2 {
		return nil, "", c.refused(answer)
	}
	contentType = answer.Header.Get("Content-Type")
	kind, _, err := mime.ParseMediaType(contentType)
	if len(q.Types) > 0 && (err != nil || !contains(q.Types, kind)) {
		return nil, "", &Error{Status: answer.StatusCode, Err: fmt.Errorf("the answer is %q, not %s", printed(contentType), strings.Join(q.Types, " or ")), Hint: "see that the URL is that of the API and not of a page"}
	}
	body, err = io.ReadAll(io.LimitReader(answer.Body, c.maxBytes+1))
	switch {
	case err != nil:
		return nil, "", c.unreached(err)
	case int64(len(body)) > c.maxBytes:
		return nil, "", &Error{Status: answer.StatusCode, Err: fmt.Errorf("the answer is longer than %d MiB", c.maxBytes>>20), Hint: "ask for less of it, or choose another source"}
	}
	return body, contentType, nil
}

func accepted(types []string) string {
	if len(types) == 0 {
		return "*/*"
	}
	return strings.Join(types, ", ")
}

func contains(all []string, x string) bool {
	for _, s := range all {
		if s == x {
			return true
		}
	}
	return false
}

// refused is an answer that is none.
func (c *Client) refused(answer *http.Response) error {
	text, err := io.ReadAll(io.LimitReader(answer.Body, maxReason))
	if err != nil {
		text = nil // its status says enough
	}
	said := ""
	if kind, _, _ := mime.ParseMediaType(answer.Header.Get("Content-Type")); kind != "text/html" && len(bytes.TrimSpace(text)) > 0 {
		said = ": " + c.connection.Without(printed(string(text)))
	}
	out := &Error{Status: answer.StatusCode, Err: fmt.Errorf("it answered %s%s", printed(answer.Status), said)}
	switch answer.StatusCode {
	case http.StatusUnauthorized, http.StatusForbidden:
		out.Hint = "see that the token or the password is right, and that it may read"
	case http.StatusNotFound:
		out.Hint = "see that the URL is right, and that this version of the program has it"
	}
	return out
}

// unreached tells what kept us from an answer.
func (c *Client) unreached(err error) error {
	out := &Error{Err: PlainError(err), Hint: "see that it runs and listens there"}
	var unknown x509.UnknownAuthorityError
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	switch {
	case errors.Is(err, errElsewhere):
		out.Hint = "set the URL to where it leads, if that is meant"
	case errors.Is(err, context.DeadlineExceeded), isTimeout(err):
		out.Err, out.Hint = errors.New("it did not answer in time"), "set a longer timeout, or ask it less often"
	case errors.As(err, &unknown), errors.As(err, &name), errors.As(err, &invalid):
		out.Hint = "name its certificate in ca_file, or the host as the certificate does"
	}
	return out
}

func isTimeout(err error) bool {
	var timed interface{ Timeout() bool }
	return errors.As(err, &timed) && timed.Timeout()
}

// printed is foreign text for a log or a page.
func printed(text string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD")))
}
