package client_test

import (
	"encoding/pem"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/zol0/zol0/internal/client"
)

func TestWhoAsks(t *testing.T) {
	var got string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r.Header.Get("Authorization")
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte("{}"))
	}))
	defer server.Close()
	for _, x := range []struct {
		o    client.Options
		want string
	}{
		{client.Options{}, ""},
		{client.Options{Token: "zol0_a"}, "Bearer zol0_a"},
		{client.Options{User: "anna", Password: "b"}, "Basic YW5uYTpi"},
		{client.Options{Token: "zol0_a", User: "anna", Password: "b"}, "Bearer zol0_a"},
	} {
		x.o.URL = server.URL
		c, err := client.Open(x.o)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Self(t.Context()); err != nil || got != x.want {
			t.Errorf("%+v: %q, %v", x.o, got, err)
		}
		c.Close()
	}
}

func TestStrangers(t *testing.T) {
	for _, x := range []struct {
		token         string
		status        int
		kind, body    string
		message, hint string
	}{
		{"", 401, "application/json", `{"code": "unauthorized"}`, "asks who is there", "--token-file"},
		{"zol0_secret", 401, "application/json", `{"code": "unauthorized"}`, "does not take", "ZOL0_TOKEN"},
		{"zol0_secret", 401, "text/plain; charset=utf-8", "Unauthorized", "does not take", "ZOL0_USER"}, // of the layer of passwords
		{"zol0_secret", 403, "application/json", `{"code": "forbidden"}`, "may not", "operator"},
		{"zol0_secret", 429, "application/json", `{"code": "too_many_requests", "message": "too many", "hint": "wait"}`, "too many", "wait"},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", x.kind)
			w.WriteHeader(x.status)
			_, _ = w.Write([]byte(x.body))
		}))
		c, err := client.Open(client.Options{URL: server.URL, Token: x.token})
		if err != nil {
			t.Fatal(err)
		}
		var e *client.Error
		_, err = c.Self(t.Context())
		if !errors.As(err, &e) || e.Status != x.status || !strings.Contains(e.Message, x.message) || !strings.Contains(e.Hint, x.hint) || strings.Contains(err.Error()+e.Hint, "zol0_secret") {
			t.Errorf("%d %s: %v, %+v", x.status, x.body, err, e)
		}
		c.Close()
		server.Close()
	}
}

func TestCertificates(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte("{}"))
	}))
	defer server.Close()
	server.Config.ErrorLog = nil
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	c, err := client.Open(client.Options{URL: server.URL, CA: ca, Token: "zol0_a"})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Self(t.Context()); err != nil {
		t.Error(err)
	}
	other, err := client.Open(client.Options{URL: server.URL, Token: "zol0_a"})
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	var e *client.Error
	if _, err := other.Self(t.Context()); !errors.As(err, &e) || !strings.Contains(e.Hint, "--ca") {
		t.Errorf("%v", err)
	}
	if _, err := client.Open(client.Options{CA: []byte("nothing")}); err == nil {
		t.Error("no certificate was taken")
	}
}
