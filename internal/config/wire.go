package config

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/zol0/zol0/internal/service"
	"github.com/zol0/zol0/internal/wire"
)

// Wire is what holds as JSON, with the origin of every key.
func (c *Config) Wire() wire.Config {
	out := wire.Config{
		Path: c.Path, ProcRoot: c.ProcRoot, ElevatedBytes: uint64(c.Limits.Elevated), HighBytes: uint64(c.Limits.High),
		DashboardBytes: uint64(c.Limits.Own), WatchedTotalBytes: uint64(c.Limits.Watched),
		Daemon: wire.ConfigDaemon{Listen: c.Daemon.Listen, Data: c.Daemon.Data, IntervalSeconds: c.Daemon.Interval.Seconds(), Receive: c.Daemon.Receive,
			Tokens: c.Daemon.Tokens, WebConfig: c.Daemon.WebConfig, Hosts: c.Daemon.Hosts, RateLimit: c.Daemon.RateLimit, Insecure: c.Daemon.Insecure},
		Store: wire.ConfigStore{
			SizeBytes: uint64(c.Store.Size), RawSeconds: c.Store.Raw.Seconds(),
			MinutesSeconds: c.Store.Minutes.Seconds(), HoursSeconds: c.Store.Hours.Seconds(),
		},
		Memory:   wire.ConfigMemory{BudgetBytes: uint64(c.Memory.Budget)},
		Services: []wire.Rule{}, Origins: make(map[string]string),
	}
	if e := &c.Store.Engine; e.Write != "" || e.Read != "" {
		out.Store.Engine = &wire.ConfigEngine{Write: e.Write, Read: e.Read, Host: e.Host, Instance: e.Instance, SpoolBytes: uint64(e.Spool), Tenant: e.Tenant}
	}
	out.Sources, out.Logs = []wire.ConfigSource{}, []wire.ConfigSource{}
	for i := range c.Sources {
		o := &c.Sources[i]
		out.Sources = append(out.Sources, wire.ConfigSource{Name: o.Name, Kind: o.Kind, From: o.URL + o.File, Service: o.Service})
	}
	for i := range c.Logs {
		o := &c.Logs[i]
		kind := "file"
		switch {
		case o.Docker != "":
			kind = "docker"
		case o.Unit != "":
			kind = "unit"
		case o.Kernel:
			kind = "kernel"
		}
		out.Logs = append(out.Logs, wire.ConfigSource{Name: o.Title(), Kind: kind, From: o.File + o.Docker + o.Unit, Service: o.Service})
	}
	for _, s := range c.Settings() {
		out.Origins[s.Key] = s.Origin
	}
	for i := range c.Rules {
		r := &c.Rules[i]
		out.Services = append(out.Services, wire.Rule{
			Name: r.Name, Kind: r.Kind, Source: r.Source, Match: MatchText(&r.Match),
			ElevatedBytes: r.Thresholds.ElevatedBytes, HighBytes: r.Thresholds.HighBytes, LimitBytes: r.Thresholds.LimitBytes, YAML: RuleText(r),
		})
	}
	return out
}

// MatchText is a match as it would stand in one line of the file.
func MatchText(m *service.Match) string {
	var parts []string
	for _, f := range []struct {
		key string
		re  *regexp.Regexp
	}{
		{"command", m.Command}, {"executable", m.Executable}, {"cwd", m.Cwd}, {"user", m.User},
		{"cgroup", m.Cgroup}, {"container", m.Container}, {"unit", m.Unit},
	} {
		if f.re != nil {
			parts = append(parts, f.key+": "+f.re.String())
		}
	}
	for _, p := range m.Ports {
		parts = append(parts, fmt.Sprintf("port: %d", p))
	}
	return strings.Join(parts, ", ")
}
