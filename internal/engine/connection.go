// Package engine is the way to an engine elsewhere that keeps what many machines measure:
// Prometheus, VictoriaMetrics, Mimir, Thanos. A Writer sends it everything by remote write;
// a Reader asks it in PromQL.
//
// The beat never waits for it: what is to be sent is put into a spool on disk, and Step
// sends from there, in a goroutine and with a clock that the daemon owns.
package engine

import (
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

// Connection is how an engine is reached and who we are to it.
type Connection struct {
	// TokenFile holds a bearer token, or PasswordFile the password of Username. They are read
	// for each request: what renews them need not tell us.
	TokenFile, Username, PasswordFile string
	// CAFile holds certificates to be trusted instead of the system's.
	CAFile string
	// Tenant is sent as X-Scope-OrgID.
	Tenant string
	// Agent is what we call ourselves.
	Agent string
}

const (
	// maxSecretBytes bounds a file with a token or a password.
	maxSecretBytes = 64 << 10
	// requestTime is how long one request may take.
	requestTime = 30 * time.Second
	// maxConnections to one engine: one writes, two read.
	maxConnections = 3
)

// errElsewhere refuses a redirect: it would tell another host our token.
var errElsewhere = errors.New("it redirects to another host, which is not followed")

// client makes a client. Its errors name no secret.
func (c Connection) client() (*http.Client, error) {
	transport := &http.Transport{
		Proxy: http.ProxyFromEnvironment, MaxConnsPerHost: maxConnections, MaxIdleConnsPerHost: 1, IdleConnTimeout: 90 * time.Second,
		TLSHandshakeTimeout: 10 * time.Second, ResponseHeaderTimeout: requestTime, MaxResponseHeaderBytes: 64 << 10,
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
	if _, err := c.authorization(); err != nil {
		return nil, err
	}
	return &http.Client{
		Transport: authorized{transport, c}, Timeout: requestTime,
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

// authorization is the value of that header; empty where there is none.
func (c *Connection) authorization() (string, error) {
	name := c.TokenFile
	if name == "" {
		name = c.PasswordFile
	}
	if name == "" {
		return "", nil
	}
	text, err := readSmall(name)
	if err != nil {
		return "", err
	}
	secret := strings.TrimSpace(string(text))
	if secret == "" || strings.ContainsAny(secret, "\r\n") {
		return "", fmt.Errorf("%s must hold one line, the secret", name)
	}
	if c.TokenFile != "" {
		return "Bearer " + secret, nil
	}
	r := http.Request{Header: http.Header{}}
	r.SetBasicAuth(c.Username, secret)
	return r.Header.Get("Authorization"), nil
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
	secret, err := a.authorization()
	if err != nil {
		return nil, err
	}
	r = r.Clone(r.Context())
	if secret != "" {
		r.Header.Set("Authorization", secret)
	}
	if a.Tenant != "" {
		r.Header.Set("X-Scope-OrgID", a.Tenant)
	}
	if a.Agent != "" {
		r.Header.Set("User-Agent", a.Agent)
	}
	return a.next.RoundTrip(r)
}

// plainError is an error of a request without its URL, which every caller knows.
func plainError(err error) error {
	var of *url.Error
	if errors.As(err, &of) {
		return of.Err
	}
	return err
}
