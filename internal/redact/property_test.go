package redact

import (
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// secretKeys are names whose value is always a secret.
var secretKeys = []string{
	"token", "api-key", "api_key", "apiKey", "API_KEY", "password", "passwd", "pass", "secret", "auth", "bearer", "credential",
	"credentials", "private-key", "access_key", "AWS_SECRET_ACCESS_KEY", "DB_PASSWORD", "spring.datasource.password", "client-secret",
	"authtoken", "session_token", "passphrase", "binance-key", "KRAKEN_API_SECRET", "jwt", "otp", "wallet.mnemonic", "x-api-key",
	"Authorization", "trustStorePassword", "signing-key", "SECRET_KEY_BASE", "token2", "TELEGRAM_BOT_TOKEN", "webhook_secret",
}

// forms are the ways in which a key and its secret stand in a command line.
var forms = []func(key, secret string) []string{
	func(k, s string) []string { return []string{"--" + k, s} },
	func(k, s string) []string { return []string{"-" + k, s} },
	func(k, s string) []string { return []string{"--" + k + "=" + s} },
	func(k, s string) []string { return []string{"-" + k + "=" + s} },
	func(k, s string) []string { return []string{k + "=" + s} },
	func(k, s string) []string { return []string{"-D" + k + "=" + s} },
	func(k, s string) []string { return []string{"--env=" + k + "=" + s} },
	func(k, s string) []string { return []string{"-e", k + "=" + s} },
	func(k, s string) []string { return []string{k + ": " + s} },
	func(k, s string) []string { return []string{"-H", k + ": " + s} },
	func(k, s string) []string { return []string{"-H", k + ": Bearer " + s} },
	func(k, s string) []string { return []string{k + ":", "Bearer", s} },
	func(k, s string) []string { return []string{`{"a":1,"` + k + `":"` + s + `","b":2}`} },
	func(k, s string) []string { return []string{`{"` + k + `": "` + s + `"}`} },
	func(k, s string) []string { return []string{"https://h/p?a=b&" + k + "=" + s + "&c=d"} },
	func(k, s string) []string { return []string{"https://h/p?" + k + "=" + s} },
	func(k, s string) []string { return []string{"host=h " + k + "=" + s + " dbname=d"} },
	func(k, s string) []string { return []string{"Server=h;" + k + "=" + s + ";Database=d"} },
	func(k, s string) []string { return []string{"sh", "-c", "run --" + k + " " + s + " --port 80"} },
	func(k, s string) []string { return []string{"sh", "-c", k + "=" + s + " run --port 80"} },
	func(k, s string) []string { return []string{"bash", "-c", `run --` + k + `="` + s + `" x`} },
	func(k, s string) []string { return []string{"su", "bob", "-c", `run "--` + k + `" '` + s + `' x`} },
	func(_, s string) []string { return []string{"postgres://u:" + s + "@h/db"} },
	func(_, s string) []string { return []string{"https://" + s + "@h/db"} },
	func(_, s string) []string { return []string{"mysql", "-p" + s} },
	func(_, s string) []string { return []string{"sshpass", "-p", s, "ssh", "h"} },
	func(_, s string) []string { return []string{"curl", "-u", "bob:" + s} },
	func(_, s string) []string { return []string{"x", "-u", "bob:s" + s} },
	func(_, s string) []string { return []string{"x", "connect", "password", s} },
	func(_, s string) []string { return []string{"x", "jdbc:oracle:thin:u/" + s + "@h:1:d"} },
	func(_, s string) []string { return []string{"--header", "Authorization: Bearer " + s} },
}

// A secret never shows, in whatever form and company it comes.
func TestSecretsNeverShow(t *testing.T) {
	neighbours := rapid.SampledFrom([]string{
		"python3", "-u", "app.py", "--port", "8501", "run", "--verbose", "-x", "/srv/a b", "a=b", "--", "", "http://h/", "{}", "it's",
	})
	rapid.Check(t, func(t *rapid.T) {
		// Letters and digits first: a leading dash would make it the next option.
		secret := rapid.StringMatching(`[A-Za-z0-9][A-Za-z0-9_.+=-]{7,40}`).Draw(t, "secret")
		args := rapid.SampledFrom(forms).Draw(t, "form")(rapid.SampledFrom(secretKeys).Draw(t, "key"), secret)
		args = append(rapid.SliceOfN(neighbours, 1, 4).Draw(t, "before"), args...)
		args = append(args, rapid.SliceOfN(neighbours, 0, 4).Draw(t, "after")...)
		got := Args(args)
		if len(got) != len(args) {
			t.Fatalf("%d arguments became %d", len(args), len(got))
		}
		if strings.Contains(strings.Join(got, "\x00"), secret) {
			t.Fatalf("the secret %q shows: %q", secret, got)
		}
		if again := Args(got); !slices.Equal(again, got) {
			t.Fatalf("%q redacted again is %q", got, again)
		}
	})
}

// As a title, the same command lines are one text.
func TestSecretsNeverShowInTitles(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		secret := rapid.StringMatching(`[A-Za-z0-9][A-Za-z0-9_.+=-]{7,40}`).Draw(t, "secret")
		args := rapid.SampledFrom(forms).Draw(t, "form")(rapid.SampledFrom(secretKeys).Draw(t, "key"), secret)
		title := "gunicorn: master " + strings.Join(args, " ") + " [api:app]"
		got := Args([]string{title})
		if len(got) != 1 || strings.Contains(got[0], secret) {
			t.Fatalf("the secret %q shows: %q", secret, got)
		}
		if again := Args(got); again[0] != got[0] {
			t.Fatalf("%q redacted again is %q", got, again)
		}
	})
}

func TestArbitraryArguments(t *testing.T) {
	pieces := rapid.SampledFrom([]string{
		"--token", "token", "=", ":", " ", "\"", "'", "\\", "://", "@", "?", "&", ";", ",", "{", "}", "-p", "-c", "sh", "mysql", "curl",
		"-u", "-b", "grep", "docker", "psk", "/p:", "xfreerdp", "jdbc:oracle:", "jdbc:oracle:thin:", "a:b", "|", "Bearer", "Authorization", "password", "auth", "key", "***", "…", "x", "1", "/", "-", "eyJ", "bot", "\n", "ä", "\xff", "pass",
	})
	rapid.Check(t, func(t *rapid.T) {
		args := rapid.SliceOf(rapid.Custom(func(t *rapid.T) string {
			return strings.Join(rapid.SliceOfN(pieces, 0, 8).Draw(t, "pieces"), "")
		})).Draw(t, "args")
		before := slices.Clone(args)
		once := Args(args)
		if len(once) != len(args) {
			t.Fatalf("%d arguments became %d", len(args), len(once))
		}
		if !slices.Equal(args, before) {
			t.Fatalf("%q were changed to %q", before, args)
		}
		if twice := Args(once); !slices.Equal(twice, once) {
			t.Fatalf("%q\n is %q\n then %q", args, once, twice)
		}
	})
}

// No argument, however hostile, stops the monitor.
func TestHostileArgumentsTakeLittleTime(t *testing.T) {
	for _, piece := range []string{
		"://a:b", "a://b:c@", "token=x ", "--token x ", `"password":"`, "/secret:/a", "eyJ.", "M-", "-----BEGIN ", "a=", "'", `"`, "\\", "Bearer ", "sh -c ",
		"jdbc:oracle:thin:u/", "jdbc:oracle:", "password x ", "by '", "-u a:b ", "password = ",
	} {
		start := time.Now()
		for _, args := range [][]string{{strings.Repeat(piece, 1<<20)}, {"sh", "-c", strings.Repeat(piece, 1<<20)}} {
			if got := Args(args); len(got) != len(args) {
				t.Errorf("%d arguments became %d", len(args), len(got))
			}
		}
		if took := time.Since(start); took > 10*time.Second {
			t.Errorf("a million times %q takes %v", piece, took)
		}
	}
}

func TestLongArgumentsAreCut(t *testing.T) {
	args := []string{"x", strings.Repeat("ä", MaxArg), "--token", "abc"}
	got := Args(args)
	if len(got) != 4 || len(got[1]) > MaxArg || !strings.HasSuffix(got[1], "…") || !utf8.ValidString(got[1]) || got[3] != Mask {
		t.Errorf("%d bytes became %d", len(args[1]), len(got[1]))
	}
}

func FuzzArgs(f *testing.F) {
	for _, seed := range []string{
		"x\x00--token\x00abc", "mysql\x00-pabc", "a --password 'b c", `{"password":"a\"b"}`, "postgres://u:p@h/db", "sh\x00-c\x00sh -c 'x --token y'",
		"x\x00Authorization: Bearer abc", "u:p@tcp(h)/d", "https://h/?token=a&b=c", "x\x00123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw",
		"curl\x00-u\x00a:b", "x password y | grep password z", "x\x00-u\x00a:b", "jdbc:oracle:thin:u/p@h", "xfreerdp\x00/p:x",
		"BY 'a'", "IDENTIFIED BY 'a", "x\x00password\x00=\x00y", "\"", "'", "=", ":", "-", "--", "Bearer ", "token=\"", "\\\"password\\\":\\\"x", "-----BEGIN PRIVATE KEY",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, line string) {
		args := strings.Split(line, "\x00")
		once := Args(args)
		if len(once) != len(args) {
			t.Fatalf("%d arguments became %d", len(args), len(once))
		}
		if twice := Args(once); !slices.Equal(twice, once) {
			t.Fatalf("%q\n is %q\n then %q", args, once, twice)
		}
	})
}
