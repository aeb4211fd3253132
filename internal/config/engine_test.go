package config

import (
	"strings"
	"testing"
)

func TestEngine(t *testing.T) {
	c, err := Load(write(t, "store:\n  engine:\n    write: https://metrics.example.org/api/v1/write/\n    read: http://127.0.0.1:9090\n    host: trader\n    spool: 32MiB\n    username: zol0\n    password_file: /etc/zol0/password\n"),
		environment("ZOL0_STORE_ENGINE_TENANT", "desk"))
	if err != nil {
		t.Fatal(err)
	}
	want := Engine{Write: "https://metrics.example.org/api/v1/write", Read: "http://127.0.0.1:9090", Host: "trader", Spool: 32 << 20,
		Username: "zol0", PasswordFile: "/etc/zol0/password", Tenant: "desk"}
	if c.Store.Engine != want {
		t.Errorf("%+v, want %+v", c.Store.Engine, want)
	}
	w := c.Wire()
	if e := w.Store.Engine; e == nil || e.Write != want.Write || e.Host != "trader" || e.SpoolBytes != 32<<20 {
		t.Errorf("as JSON: %+v", e)
	}
}

func TestEnginesThatAreRefused(t *testing.T) {
	const secret = "hunter2"
	for _, c := range []struct{ name, text, want string }{
		{"no URL", "write: metrics.example.org", "no URL of http or https"},
		{"another scheme", "write: ftp://metrics.example.org", "no URL of http or https"},
		{"a password in it", "write: https://zol0:" + secret + "@metrics.example.org", "holds a name or a password"},
		{"a token in it", "read: https://metrics.example.org/?token=" + secret, "has a query"},
		{"half an account", "{write: 'http://a', username: zol0}", "a user needs a password"},
		{"the other half", "{write: 'http://a', password_file: /p}", "a user needs a password"},
		{"two ways in", "{write: 'http://a', username: zol0, password_file: /p, token_file: /t}", "takes one of them"},
		{"nothing to do", "{host: trader}", "neither store.engine.write nor store.engine.read"},
		{"a small spool", "{write: 'http://a', spool: 1MB}", "less than 16MiB"},
		{"a relative file", "{write: 'http://a', token_file: token}", "no absolute path"},
		{"a host with blanks", "{write: 'http://a', host: 'a b'}", "no word"},
	} {
		text := "store:\n  engine: " + c.text + "\n"
		if !strings.HasPrefix(c.text, "{") {
			text = "store:\n  engine:\n    " + c.text + "\n"
		}
		_, err := Load(write(t, text), environment())
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		} else if strings.Contains(err.Error(), secret) {
			t.Errorf("%s: the error tells the secret: %v", c.name, err)
		}
	}
}
