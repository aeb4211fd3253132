package client_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/zol0/zol0/internal/api"
	"github.com/zol0/zol0/internal/client"
	"github.com/zol0/zol0/internal/service"
	"github.com/zol0/zol0/internal/wire"
)

// asked is what a machine was asked for.
type asked struct {
	service string
	pid     int32
	logs    api.LogQuery
	lives   api.LivesQuery
	marks   api.MarksQuery
	compare api.CompareQuery
}

func (m *machine) Service(name string) (wire.ServiceDetail, bool) {
	m.asked.service = name
	return wire.ServiceDetail{Service: wire.ServiceRow{Name: name}}, name != "nobody"
}

func (m *machine) Explain(pid int32) (service.Explanation, error) {
	if m.asked.pid = pid; pid == 1 {
		return service.Explanation{}, fmt.Errorf("no process 1: %w", fs.ErrNotExist)
	}
	// A step that has no name would be no word in JSON.
	return service.Explanation{PID: pid, Service: "bot", DecidedBy: service.StepUnit}, nil
}

func (m *machine) Processes() wire.ProcessTable {
	return wire.ProcessTable{Total: 1, Processes: []wire.ProcessRow{{PID: 9}}}
}
func (m *machine) Host() wire.HostState { return wire.HostState{Processes: 3} }
func (m *machine) Alerts() wire.Alerts  { return wire.Alerts{Status: "warning"} }
func (m *machine) Own() wire.OwnState   { return wire.OwnState{Version: "test"} }
func (m *machine) Config() wire.Config  { return wire.Config{Path: "/etc/zol0.yaml"} }

func (m *machine) Strategies() wire.Strategies {
	return wire.Strategies{Configured: true, Strategies: []wire.Strategy{{Name: "momentum"}}}
}

func (m *machine) Strategy(source, name string) (wire.StrategyDetail, bool) {
	return wire.StrategyDetail{Strategy: wire.Strategy{Source: source, Name: name}}, name != "none"
}

func (m *machine) Core() wire.Core {
	return wire.Core{Components: []wire.Component{{Name: "engine", Status: "up"}}}
}

func (m *machine) Logs(q api.LogQuery) wire.Logs {
	m.asked.logs = q
	return wire.Logs{Lines: []wire.LogLine{{ID: 5, Text: "hello"}}}
}

func (m *machine) Lives(_ context.Context, q api.LivesQuery) (wire.Lives, error) {
	m.asked.lives = q
	return wire.Lives{Service: q.Service}, nil
}

func (m *machine) Marks(_ context.Context, q api.MarksQuery) (wire.Marks, error) {
	m.asked.marks = q
	return wire.Marks{Marks: []wire.Mark{{Kind: "deploy"}}}, nil
}

func (m *machine) Compare(_ context.Context, q api.CompareQuery) (wire.Comparison, error) {
	m.asked.compare = q
	return wire.Comparison{Service: q.Service}, nil
}

// TestThePresentCanBeAsked asks the real server for every route of the last beat.
func TestThePresentCanBeAsked(t *testing.T) {
	m, c := daemon(t)
	ctx := t.Context()
	if v, err := c.Overview(ctx); err != nil || v.Services[0].Name != "bot" || v.HostState.Processes != 3 || v.Alerts.Status != "warning" {
		t.Errorf("%+v, %v", v, err)
	}
	if v, err := c.Strategies(ctx); err != nil || v.Strategies[0].Name != "momentum" {
		t.Errorf("%+v, %v", v, err)
	}
	if v, err := c.Strategy(ctx, "a&b", "c=d é"); err != nil || v.Source != "a&b" || v.Name != "c=d é" {
		t.Errorf("%+v, %v", v, err)
	}
	if _, err := c.Strategy(ctx, "a", "none"); err == nil {
		t.Error("a strategy that is not there")
	}
	if v, err := c.Core(ctx); err != nil || v.Components[0].Status != "up" {
		t.Errorf("%+v, %v", v, err)
	}
	const name = "a/b c?d&é"
	if v, err := c.Service(ctx, name); err != nil || v.Service.Name != name || m.asked.service != name {
		t.Errorf("%+v, %v", v, err)
	}
	var e *client.Error
	if _, err := c.Service(ctx, "nobody"); !errors.As(err, &e) || e.Status != http.StatusNotFound || e.Hint == "" {
		t.Errorf("a service that is not there: %v", err)
	}
	if v, err := c.Identity(ctx, 812); err != nil || v.PID != 812 || v.DecidedBy != service.StepUnit {
		t.Errorf("%+v, %v", v, err)
	}
	if _, err := c.Identity(ctx, 1); !errors.As(err, &e) || e.Status != http.StatusNotFound {
		t.Errorf("a process that is not there: %v", err)
	}
	if v, err := c.Processes(ctx); err != nil || v.Processes[0].PID != 9 {
		t.Errorf("%+v, %v", v, err)
	}
	if v, err := c.Host(ctx); err != nil || v.Processes != 3 {
		t.Errorf("%+v, %v", v, err)
	}
	if v, err := c.Alerts(ctx); err != nil || v.Status != "warning" {
		t.Errorf("%+v, %v", v, err)
	}
	if v, err := c.Config(ctx); err != nil || v.Path != "/etc/zol0.yaml" {
		t.Errorf("%+v, %v", v, err)
	}
	want := api.LogQuery{Service: "bot", Level: "error", After: 1<<63 + 1, Limit: 7}
	if v, err := c.Logs(ctx, client.LogQuery(want)); err != nil || v.Lines[0].Text != "hello" || m.asked.logs != want {
		t.Errorf("%+v, %v, asked for %+v", v, err, m.asked.logs)
	}
}

// TestThePastCanBeAsked asks it for every route of the store.
func TestThePastCanBeAsked(t *testing.T) {
	m, c := daemon(t)
	ctx := t.Context()
	from := time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)
	to := from.Add(time.Hour)
	q := client.SeriesQuery{Names: []string{"a", "b"}, From: from, To: to, Step: time.Minute, Columns: []string{"min", "last"}}
	if _, err := c.Series(ctx, q); err != nil || !slices.Equal(m.series.Names, q.Names) || m.series.Columns != (api.Columns{Min: true, Last: true}) {
		t.Errorf("%v, asked for %+v", err, m.series)
	}
	if v, err := c.Lives(ctx, "a b/c", 50, 3); err != nil || v.Service != "a b/c" || m.asked.lives != (api.LivesQuery{Service: "a b/c", Points: 50, Limit: 3}) {
		t.Errorf("%+v, %v, asked for %+v", v, err, m.asked.lives)
	}
	marks := client.MarksQuery{Service: "bot", From: from, To: to, Limit: 9}
	if v, err := c.Marks(ctx, marks); err != nil || v.Marks[0].Kind != "deploy" || m.asked.marks.Service != "bot" || !m.asked.marks.From.Equal(from) || !m.asked.marks.To.Equal(to) || m.asked.marks.Limit != 9 {
		t.Errorf("%+v, %v, asked for %+v", v, err, m.asked.marks)
	}
	if v, err := c.Compare(ctx, "bot", client.Stretch{From: from, To: to}, client.Stretch{PID: 7, Start: "99"}); err != nil || v.Service != "bot" {
		t.Errorf("%+v, %v", v, err)
	}
	if a := m.asked.compare; a.Service != "bot" || !a.Before.From.Equal(from) || !a.Before.To.Equal(to) || a.After.PID != 7 || a.After.Start != "99" {
		t.Errorf("asked for %+v", a)
	}
	events := client.JournalQuery{Kinds: []string{"verdict", "restart"}, Subject: "bot", From: from, To: to}
	if _, err := c.Journal(ctx, events); err != nil || !slices.Equal(m.events.Kinds, events.Kinds) || m.events.Subject != "bot" || !m.events.From.Equal(from) || !m.events.To.Equal(to) {
		t.Errorf("%v, asked for %+v", err, m.events)
	}
}
