package client

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/http"
)

// Options say whom to ask, and who asks.
type Options struct {
	// URL of the daemon, such as http://127.0.0.1:8509; empty is DefaultURL.
	URL string
	// Token is sent as a bearer token. Without one, User and Password are sent as basic
	// authentication, where there is a user.
	Token          string
	User, Password string
	// CA are certificates in PEM that are trusted instead of the system's; nil: the system's.
	CA []byte
	// Certificate and Key are those of the client, in PEM; nil: it has none.
	Certificate, Key []byte
}

// trust makes what TLS is done with; nil where nothing is set.
func (o *Options) trust() (*tls.Config, error) {
	if o.CA == nil && o.Certificate == nil {
		return nil, nil
	}
	t := &tls.Config{MinVersion: tls.VersionTLS12}
	if o.CA != nil {
		t.RootCAs = x509.NewCertPool()
		if !t.RootCAs.AppendCertsFromPEM(o.CA) {
			return nil, errors.New("there is no certificate in PEM among those that are to be trusted")
		}
	}
	if o.Certificate != nil {
		pair, err := tls.X509KeyPair(o.Certificate, o.Key)
		if err != nil {
			return nil, err
		}
		t.Certificates = []tls.Certificate{pair}
	}
	return t, nil
}

// identified adds to each request who sends it. There are no redirects that could carry it
// elsewhere: see CheckRedirect.
type identified struct {
	http.RoundTripper
	token, user, password string
}

func (i *identified) RoundTrip(r *http.Request) (*http.Response, error) {
	if i.token != "" || i.user != "" {
		r = r.Clone(r.Context())
		if i.token != "" {
			r.Header.Set("Authorization", "Bearer "+i.token)
		} else {
			r.SetBasicAuth(i.user, i.password)
		}
	}
	return i.RoundTripper.RoundTrip(r)
}

// CloseIdleConnections lets those of the transport go.
func (i *identified) CloseIdleConnections() {
	if t, ok := i.RoundTripper.(*http.Transport); ok {
		t.CloseIdleConnections()
	}
}

// stranger explains answers to whoever the daemon does not let in; nil for other answers.
func (c *Client) stranger(status int, code string) *Error {
	switch {
	case status == http.StatusUnauthorized && c.sends:
		return &Error{URL: c.url, Status: status, Code: code, Message: "the daemon at " + c.url + " does not take the token or the password that was sent",
			Hint: "check ZOL0_TOKEN, --token-file, ZOL0_USER and ZOL0_PASSWORD; zol0 token list shows on the daemon's machine which tokens there are"}
	case status == http.StatusUnauthorized:
		return &Error{URL: c.url, Status: status, Code: code, Message: "the daemon at " + c.url + " asks who is there",
			Hint: "give a token with --token-file FILE or in ZOL0_TOKEN (on the daemon's machine: zol0 token new NAME), or a user in ZOL0_USER and ZOL0_PASSWORD"}
	case status == http.StatusForbidden && code == "forbidden":
		return &Error{URL: c.url, Status: status, Code: code, Message: "the token that was sent may not do that at " + c.url,
			Hint: "use one of the role operator: zol0 token new NAME --role operator"}
	}
	return nil
}
