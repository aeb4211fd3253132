package config

import (
	"errors"
	"fmt"
	"time"

	"github.com/zol0/zol0/internal/logs"
	"github.com/zol0/zol0/internal/tail"
)

// logFile is one entry of logs: whose last lines are shown.
type logFile struct {
	Name    value `yaml:"name"`
	Service value `yaml:"service"`
	File    value `yaml:"file"`
	Docker  value `yaml:"docker"`
	Unit    value `yaml:"unit"`
	Kernel  value `yaml:"kernel"`
	Zone    value `yaml:"zone"`
}

// addLog makes one source of lines.
func (c *Config) addLog(file string, f *logFile, number int) error {
	var o logs.Options
	line := 0
	wrong := func(key string, err error, hint string) error {
		return origin{file: file, line: line}.mistake(fmt.Sprintf("logs[%d].%s", number, key), err, hint)
	}
	set := func(to *string, parse func(string) (string, error)) func(string) error {
		return func(t string) error { return assign(t, parse, to) }
	}
	for _, k := range []sourceKey{
		{"name", &f.Name, set(&o.Name, parseName)}, {"service", &f.Service, set(&o.Service, parseName)},
		{"file", &f.File, set(&o.File, parseData)}, {"docker", &f.Docker, set(&o.Docker, parseData)},
		{"unit", &f.Unit, func(t string) error { o.Unit = t; return tail.CheckUnit(t) }},
		{"kernel", &f.Kernel, func(t string) error { return assign(t, parseReceive, &o.Kernel) }},
		{"zone", &f.Zone, func(t string) (err error) { o.Zone, err = time.LoadLocation(t); return err }},
	} {
		if k.value.line > 0 {
			line = k.value.line
		}
		if !k.value.set && !k.value.list {
			continue
		}
		err := error(&valueError{0, errors.New("one value is wanted, not a list or a block"), "write it on the line of its key"})
		if !k.value.list {
			err = k.set(k.value.text)
		}
		if err != nil {
			return wrong(k.name, err, "see docs/logs.md")
		}
	}
	from := 0
	for _, has := range []bool{o.File != "", o.Docker != "", o.Unit != "", o.Kernel} {
		if has {
			from++
		}
	}
	switch {
	case from != 1:
		return wrong("file", errors.New("one of file, docker, unit and kernel says where lines come from"), "write one of them; see docs/logs.md")
	case o.Service == "" && o.Kernel:
		o.Service = "host"
	case o.Service == "":
		return wrong("service", errors.New("whose lines are they?"), "write service: and its name, as the page has it")
	}
	for i := range c.Logs {
		if c.Logs[i].Title() == o.Title() {
			return wrong("name", fmt.Errorf("there are two logs named %q", o.Title()), "give one of them another name")
		}
	}
	if len(c.Logs) == logs.MaxSources {
		return wrong("name", fmt.Errorf("more than %d logs", logs.MaxSources), "leave some out")
	}
	c.Logs = append(c.Logs, o)
	return nil
}
