package cli

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/zol0/zol0/internal/access"
	"github.com/zol0/zol0/internal/api"
	"github.com/zol0/zol0/internal/client"
	"github.com/zol0/zol0/internal/config"
)

// asking is how a command reaches the daemon. Secrets come from files and the environment,
// never from the command line, which every user of the machine can read.
type asking struct {
	tokenFile, ca string
}

// askFlags are the flags of a command that asks the daemon.
func (a *app) askFlags(c *cobra.Command, url *string) {
	c.Flags().StringVar(url, "url", "", "`URL` of the daemon (default: daemon.listen of the configuration)")
	c.Flags().StringVar(&a.asking.tokenFile, "token-file", "", "`FILE` with the token to send (default: the token in ZOL0_TOKEN)")
	c.Flags().StringVar(&a.asking.ca, "ca", "", "`FILE` of certificates to trust instead of the system's (default: the file in ZOL0_CA)")
}

// maxCertificateBytes bounds a file of certificates: those of a system are 250 KB.
const maxCertificateBytes = 1 << 20

// client asks the daemon at a URL; empty is where the configuration has it listen.
func (a *app) client(url string) (*client.Client, error) {
	if url == "" {
		c, err := a.load()
		if err != nil {
			return nil, err
		}
		url = addressOf(&c.Daemon)
	}
	o := client.Options{URL: url}
	o.Token, _ = a.Env("ZOL0_TOKEN")
	if a.asking.tokenFile != "" {
		text, err := readBounded(a.asking.tokenFile, access.MaxSecretBytes+2)
		if err != nil {
			return nil, usageError("name a file with nothing but the token, as zol0 token new prints it", "cannot read --token-file: %w", err)
		}
		o.Token = string(text)
	}
	if o.Token = strings.TrimSpace(o.Token); strings.ContainsFunc(o.Token, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return nil, usageError("give nothing but the token, as zol0 token new prints it", "what is to be sent is no token")
	}
	o.User, _ = a.Env("ZOL0_USER")
	o.Password, _ = a.Env("ZOL0_PASSWORD")
	ca := a.asking.ca
	if ca == "" {
		ca, _ = a.Env("ZOL0_CA")
	}
	if ca != "" {
		text, err := readBounded(ca, maxCertificateBytes)
		if err != nil {
			return nil, usageError("name a file of certificates in PEM", "cannot read the certificates to trust: %w", err)
		}
		o.CA = text
	}
	asked, err := client.Open(o)
	var wrong *client.Error
	if errors.As(err, &wrong) {
		return nil, usageError(wrong.Hint, "%w", err)
	}
	return asked, err
}

// readBounded reads a small file.
func readBounded(path string, most int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // only read
	text, err := io.ReadAll(io.LimitReader(f, most+1))
	if err == nil && int64(len(text)) > most {
		err = fmt.Errorf("%s is larger than %d bytes", path, most)
	}
	return text, err
}

// addressOf is where a daemon with these settings is asked from its own machine.
func addressOf(d *config.Daemon) string {
	scheme := "http"
	if d.WebConfig != "" {
		// A file that this user may not read leaves it at http, and the daemon's answer says so.
		if w, err := api.CheckWebConfig(d.WebConfig); err == nil && w.TLS {
			scheme = "https"
		}
	}
	host, port, err := net.SplitHostPort(d.Listen)
	if err != nil {
		return scheme + "://" + d.Listen
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	return scheme + "://" + net.JoinHostPort(host, port)
}

// askError gives an error of the client its hint.
func askError(err error) error {
	var e *client.Error
	switch {
	case errors.As(err, &e) && e.NoDaemon:
		return failure(e.Hint, errors.New(e.Message)) // its own text has the hint in it
	case errors.As(err, &e) && e.Hint != "":
		return failure(e.Hint, err)
	}
	return err
}
