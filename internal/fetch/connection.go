// Package fetch reaches other programs over HTTP: with a secret that is sent to them alone,
// without following them to another host, and never for longer or for more bytes than was
// asked for.
package fetch

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"
)

// Connection is how another program is reached and who we are to it.
type Connection struct {
	// TokenFile holds a bearer token, or PasswordFile the password of Username. They are read
	// for each request: what renews them need not tell us. TokenVariable and PasswordVariable
	// name environment variables that hold the same.
	TokenFile, TokenVariable, Username, PasswordFile, PasswordVariable string
	// Header is the name of a header that holds the token, bare; empty: Authorization, as a
	// bearer token.
	Header string
	// CAFile holds certificates to be trusted instead of the system's.
	CAFile string
	// Tenant is sent as X-Scope-OrgID.
	Tenant string
	// Agent is what we call ourselves.
	Agent string
	// Timeout is how long one request may take; 0: 30 s.
	Timeout time.Duration
}

const (
	// maxSecretBytes bounds a file with a token or a password.
	maxSecretBytes = 64 << 10
	// requestTime is how long one request may take.
	requestTime = 30 * time.Second
	// maxConnections to one program: one writes, two read.
	maxConnections = 3
)

// errElsewhere refuses a redirect: it would tell another host our token.
var errElsewhere = errors.New("it redirects to another host, which is not followed")

// Client makes a client. Its errors name no secret.
func (c Connection) Client() (*http.Client, error) {
	timeout := cmp.Or(c.Timeout, requestTime)
	transport := &http.Transport{
		Proxy: http.ProxyFromEnvironment, MaxConnsPerHost: maxConnections, MaxIdleConnsPerHost: 1, IdleConnTimeout: 90 * time.Second,
		TLSHandshakeTimeout: 10 * time.Second, ResponseHeaderTimeout: timeout, MaxResponseHeaderBytes: 64 << 10,
		TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12},
	}
	if c.CAFile != "" {
		text, err := readSmall(c.CAFile)
		if err != nil {
			return nil, err
		}
		pool := x509.NewCertPool()
		if !pool.AppendCertsFromPEM(text) {
			return nil, fmt.Errorf("%s holds no certificate in PEM", c.CAFile)
		}
		transport.TLSClientConfig.RootCAs = pool
	}
	if _, _, err := c.Secret(); err != nil {
		return nil, err
	}
	return &http.Client{
		Transport: authorized{transport, c}, Timeout: timeout,
		CheckRedirect: func(r *http.Request, before []*http.Request) error {
			if r.URL.Host != before[0].URL.Host || r.URL.Scheme != before[0].URL.Scheme {
				return errElsewhere
			}
			if len(before) > 3 {
				return errors.New("it redirects again and again")
			}
			return nil
		},
	}, nil
}

// Secret is the header that says who we are, and its value; empty where there is none.
func (c *Connection) Secret() (header, value string, err error) {
	token, err := secretOf(c.TokenFile, c.TokenVariable)
	switch {
	case err != nil:
		return "", "", err
	case token != "" && c.Header != "":
		return c.Header, token, nil
	case token != "":
		return "Authorization", "Bearer " + token, nil
	}
	password, err := c.Password()
	if err != nil || password == "" {
		return "", "", err
	}
	r := http.Request{Header: http.Header{}}
	r.SetBasicAuth(c.Username, password)
	return "Authorization", r.Header.Get("Authorization"), nil
}

// Without takes our secret out of a text: some programs and proxies repeat what they were told.
func (c *Connection) Without(text string) string {
	_, value, err := c.Secret()
	if err != nil || value == "" {
		return text // it was not sent
	}
	secret := strings.TrimPrefix(strings.TrimPrefix(value, "Bearer "), "Basic ")
	text = strings.ReplaceAll(text, secret, "(redacted)")
	if password, err := c.Password(); err == nil && password != "" {
		text = strings.ReplaceAll(text, password, "(redacted)")
	}
	return text
}

// Password is that of Username; empty where there is none.
func (c *Connection) Password() (string, error) { return secretOf(c.PasswordFile, c.PasswordVariable) }

// secretOf reads a secret from a file or from a variable of the environment.
func secretOf(file, variable string) (string, error) {
	switch {
	case file != "":
		text, err := readSmall(file)
		if err != nil {
			return "", err
		}
		secret := strings.TrimSpace(string(text))
		if secret == "" || strings.ContainsAny(secret, "\r\n") {
			return "", fmt.Errorf("%s must hold one line, the secret", file)
		}
		return secret, nil
	case variable != "":
		secret := strings.TrimSpace(os.Getenv(variable))
		if secret == "" || strings.ContainsAny(secret, "\r\n") {
			return "", fmt.Errorf("the environment variable %s must hold one line, the secret", variable)
		}
		return secret, nil
	}
	return "", nil
}

func readSmall(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // it was only read
	text, err := io.ReadAll(io.LimitReader(f, maxSecretBytes+1))
	if err != nil {
		return nil, fmt.Errorf("cannot read %s: %w", path, err)
	}
	if len(text) > maxSecretBytes {
		return nil, fmt.Errorf("%s is longer than %d bytes", path, maxSecretBytes)
	}
	return text, nil
}

// authorized puts our name and secret on every request.
type authorized struct {
	next http.RoundTripper
	Connection
}

func (a authorized) RoundTrip(r *http.Request) (*http.Response, error) {
	header, secret, err := a.Secret()
	if err != nil {
		return nil, err
	}
	r = r.Clone(r.Context())
	if secret != "" && r.Header.Get(header) == "" {
		r.Header.Set(header, secret)
	}
	if a.Tenant != "" {
		r.Header.Set("X-Scope-OrgID", a.Tenant)
	}
	if a.Agent != "" {
		r.Header.Set("User-Agent", a.Agent)
	}
	return a.next.RoundTrip(r)
}

// PlainError is an error of a request without its URL, which every caller knows.
func PlainError(err error) error {
	var of *url.Error
	if errors.As(err, &of) {
		return of.Err
	}
	return err
}
