package logline

import (
	"strings"
	"testing"

	"github.com/zol0/zol0/internal/redact"
)

// What is not suspicious has to be what package redact would leave as it is. In quotes it
// masks some words only because they are nested, so those are left out.
func FuzzSuspicious(f *testing.F) {
	for _, seed := range []string{
		"password x", "PWDx=a", "KEYSx:a1b2c3d4e5f6g7h8", "x -u a:b", "mysql -pabc", "eyJabcdefghijk.abcdef", "hf_aaaaaaaaaaaaaaaaaaaaaaaaaaaa", "xfreerdp /p:x",
		"123456:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw", "a://b:c@d", "IDENTIFIED BY x", "jdbc:oracle:thin:u/p", "hooks.slack.com/services/x", "AKIAABCDEFGHIJKLMNOP",
		"MTIzNDU2Nzg5MDEyMzQ1Njc4OTA.abcdef.abcdefghijklmnopqrstuvwxyzabc", "SG.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "sigA=12", "://:0@", "x …", "set otp 1", "ya29.aaaaaaaaaaaaaaaaaaaaaaa",
		"freqtrade.worker - Bot heartbeat. PID=12345, version=2026", "pswd=1 jwt=2 psk=3 cred=4 mnemonic=5 phrase=6 cookie=7 auth=8 bearer 9",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var out strings.Builder
		printable(&out, []byte(text))
		text = out.String()
		if suspicious(text) || strings.ContainsAny(text, "\"'") {
			return
		}
		if clean := redact.Args([]string{text})[0]; clean != text {
			t.Fatalf("%q should be %q", text, clean)
		}
	})
}

func TestOrdinaryLinesAreNotSuspicious(t *testing.T) {
	for _, text := range []string{
		"freqtrade.worker - Bot heartbeat. PID=12345, version='2026.10', state='RUNNING'", "127.0.0.1:5000 - \"GET / HTTP/1.1\" 200 OK",
		"keyboard, tokenizer and author passed", "[main] com.x.Y - started in 3 s", "request_id=0a1b2c3d-1234-1234 took=3s",
	} {
		if suspicious(text) {
			t.Errorf("%q is", text)
		}
	}
}
