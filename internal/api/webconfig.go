package api

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	toolkit "github.com/prometheus/exporter-toolkit/web"
	"go.yaml.in/yaml/v2"
)

// maxWebConfigBytes bounds a web configuration file: it is read again with every connection.
const maxWebConfigBytes = 256 << 10

// WebSettings is what a web configuration file of Prometheus's exporters asks for.
type WebSettings struct {
	TLS bool // it serves https
	// Passwords: every request needs a user and a password. Certificates: those of clients
	// are verified. Either says who asks.
	Passwords, Certificates bool
	// MustCertify: nobody gets in without a certificate.
	MustCertify bool
}

// Authenticates reports whether it says who asks.
func (w WebSettings) Authenticates() bool { return w.Passwords || w.Certificates }

// CheckWebConfig reads a web configuration file with the certificates that it names, and
// says what it asks for. A mistake in it is an error: the server would not start with it.
func CheckWebConfig(path string) (WebSettings, error) {
	w, err := readWebConfig(path)
	if err == nil {
		err = toolkit.Validate(path)
	}
	if err != nil {
		return WebSettings{}, fmt.Errorf("cannot use the web configuration %s: %w", path, plainCause(path, err))
	}
	return w, nil
}

// plainCause leaves out the path where the cause has it a second time.
func plainCause(path string, err error) error {
	var p *os.PathError
	if errors.As(err, &p) && p.Path == path {
		return p.Err
	}
	var wrong *yaml.TypeError
	if errors.As(err, &wrong) {
		return errors.New(strings.ReplaceAll(strings.Join(wrong.Errors, "; "), " in type web.Config", ""))
	}
	if text := strings.TrimSpace(err.Error()); strings.Contains(text, "crypto/bcrypt") {
		return fmt.Errorf("a password of basic_auth_users is no bcrypt hash (%s)", text)
	}
	return err
}

func readWebConfig(path string) (WebSettings, error) {
	info, err := os.Stat(path)
	if err != nil {
		return WebSettings{}, err
	}
	if info.Size() > maxWebConfigBytes || !info.Mode().IsRegular() {
		return WebSettings{}, fmt.Errorf("it is no file of at most %d bytes", maxWebConfigBytes)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return WebSettings{}, err
	}
	var c toolkit.Config
	if err := yaml.UnmarshalStrict(text, &c); err != nil {
		return WebSettings{}, err
	}
	c.TLSConfig.SetDirectory(filepath.Dir(path))
	auth := c.TLSConfig.ClientAuth
	return WebSettings{
		TLS: c.TLSConfig.IsEnabled(), Passwords: len(c.Users) > 0,
		Certificates: auth == "VerifyClientCertIfGiven" || auth == "RequireAndVerifyClientCert", MustCertify: auth == "RequireAndVerifyClientCert",
	}, nil
}

// passwords looks whether the file asks for them still. The layer below reads it with each
// request; were its users taken out while the daemon runs, any user would pass there, and
// none may pass here.
type passwords struct {
	path string

	mu    sync.Mutex
	at    time.Time
	bytes int64
	ask   bool
}

func (p *passwords) asked() bool {
	info, err := os.Stat(p.path)
	if err != nil {
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.at.Equal(info.ModTime()) && p.bytes == info.Size() {
		return p.ask
	}
	w, err := readWebConfig(p.path)
	p.at, p.bytes, p.ask = info.ModTime(), info.Size(), err == nil && w.Passwords
	return p.ask
}
