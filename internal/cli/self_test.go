package cli

import (
	"net"
	"strings"
	"testing"
)

func TestSelfOfNobody(t *testing.T) {
	for url, hint := range map[string]string{"nonsense": "give one such as http://", "ftp://localhost": "give one such as http://"} {
		r := runWith(strings.NewReader(""), "self", "--url", url)
		if r.code != exitUsage || !strings.Contains(r.err, url) || !strings.Contains(r.err, "hint: "+hint) {
			t.Errorf("--url %s ends with %d: %s", url, r.code, r.err)
		}
	}
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := "http://" + closed.Addr().String()
	if err := closed.Close(); err != nil {
		t.Fatal(err)
	}
	r := runWith(strings.NewReader(""), "self", "--url", address)
	if want := "zol0: no zol0 daemon answers at " + address + "\nhint: start one with: zol0 dashboard\n"; r.code != exitFailure || r.err != want {
		t.Errorf("where nobody listens it ends with %d: %q, want %q", r.code, r.err, want)
	}
}
