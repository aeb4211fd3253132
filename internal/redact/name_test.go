package redact

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// A process names itself what it likes, and the system keeps the first 15 bytes of it.
func TestName(t *testing.T) {
	for _, test := range []struct{ name, want string }{
		{"PASSWORD=hunter2", "PASSWORD=***"},
		{"PASSWORD=hunter", "PASSWORD=***"},
		{"token:hunter2", "token:***"},
		{"my --token SECR", "my --token ***"},
		{"x password hunt", "x password ***"},
		{"x -u bob:hunter", "x -u bob:***"},
		{"mysql -phunter2", "mysql -p***"},
		// Cut within what would have been recognised.
		{awsKey[:15], Mask},
		{githubKey[:15], Mask},
		{webKey[:15], Mask},
		{botKey[:15], Mask},
		{"x --key a8Kd93j", "x --key ***"},
		{"redis://:hunter", "redis://:***"},
		{"ftp://bob:hunte", "ftp://bob:***"},
	} {
		got := Name(test.name)
		if got != test.want {
			t.Errorf("%q is shown as %q, want %q", test.name, got, test.want)
		}
		if again := Name(got); again != got {
			t.Errorf("%q redacted again is %q", got, again)
		}
	}
}

func TestHarmlessNames(t *testing.T) {
	for _, name := range []string{
		"", "?", "python3", "nginx", "(sd-pam)", "passwd", "systemd-ask-pas", "systemd-network", "gpg-agent", "ssh-agent", "secret-tool",
		"kworker/u16:2", "kworker/0:1H", "cpuhp/0", "jbd2/nvme0n1p2-", "irq/123-aerdrv", "xapp-sn-watcher", "token-refresher", "sk-learn-worker",
		"Web Content", "npm run build", "node server.js", "http-nio-8080-e", "tokio-runtime-w", "postgres: bob", "1234567:80", "key-store-worke",
		"MainThread", "GoogleUpdateTaskMachine.exe", "hf_trainer_main2",
	} {
		if got := Name(name); got != name {
			t.Errorf("%q is shown as %q", name, got)
		}
		if len(name) >= nameBytes {
			continue // the mark of a cut is added
		}
		if allocs := testing.AllocsPerRun(10, func() { Name(name) }); allocs != 0 {
			t.Errorf("%q: %v allocations though nothing is secret", name, allocs)
		}
	}
}

// Wherever a name is cut, what is left of the secret does not show.
func TestCutNamesShowNoSecret(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		prefix := rapid.SampledFrom([]string{
			"PASSWORD=", "x --token ", "a password ", "token:", "--api-key=", "pg://u:", "x -u u:", "mysql -p",
		}).Draw(t, "prefix")
		// Capitals and an underscore tell it from a port.
		secret := "S_" + rapid.StringMatching(`[A-Z0-9]{10,20}`).Draw(t, "secret")
		name := (prefix + secret)[:nameBytes]
		if got := Name(name); strings.Contains(got, "S_") {
			t.Fatalf("%q is shown as %q", name, got)
		}
	})
}

func FuzzName(f *testing.F) {
	for _, seed := range []string{"PASSWORD=hunter", "my --token SECR", "eyJhbGciOiJIUzI", "123456789:AAHdq", "a:b…", "password", "-u a:b", "/p:", "…"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, name string) {
		if got := Name(name); Name(got) != got {
			t.Fatalf("%q\n is %q\n then %q", name, got, Name(got))
		}
	})
}
