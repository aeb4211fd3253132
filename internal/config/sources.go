package config

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/zol0/zol0/internal/trading"
)

// sourceFile is one entry of sources: a trading system, or anything else that tells figures.
type sourceFile struct {
	Name     value `yaml:"name"`
	Kind     value `yaml:"kind"`
	URL      value `yaml:"url"`
	File     value `yaml:"file"`
	Service  value `yaml:"service"`
	Interval value `yaml:"interval"`
	Timeout  value `yaml:"timeout"`
	Balance  value `yaml:"balance"`
	Currency value `yaml:"currency"`
	Strategy value `yaml:"strategy"`

	TokenFile    value `yaml:"token_file"`
	TokenEnv     value `yaml:"token_env"`
	Header       value `yaml:"header"`
	Username     value `yaml:"username"`
	PasswordFile value `yaml:"password_file"`
	PasswordEnv  value `yaml:"password_env"`
	CAFile       value `yaml:"ca_file"`

	Label      value            `yaml:"label"`
	Metrics    map[string]value `yaml:"metrics"`
	Keep       []value          `yaml:"keep"`
	Values     map[string]value `yaml:"values"`
	Items      value            `yaml:"items"`
	Components value            `yaml:"components"`
	Work       value            `yaml:"work"`
	Columns    map[string]value `yaml:"columns"`
	Only       []value          `yaml:"only"`
}

// Bounds and defaults of sources.
const (
	// defaultSourceInterval is what a person who looks at trades waits for.
	defaultSourceInterval = 15 * time.Second
	minSourceInterval     = time.Second
	maxSourceInterval     = time.Hour
	// defaultTimeout: answers of 7 s are everyday for some.
	defaultTimeout = 15 * time.Second
	maxKept        = 32
)

var (
	metricName   = regexp.MustCompile(`^[a-zA-Z_:][a-zA-Z0-9_:]{0,127}$`)
	labelName    = regexp.MustCompile(`^[a-zA-Z_][a-zA-Z0-9_]{0,63}$`)
	variableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,127}$`)
	headerName   = regexp.MustCompile(`^[A-Za-z0-9-]{1,64}$`)
)

// sourceKey is one key of a source that takes one value.
type sourceKey struct {
	name  string
	value *value
	set   func(text string) error
}

// addSource makes one source.
func (c *Config) addSource(file string, f *sourceFile, number int) error {
	o := trading.Options{Interval: defaultSourceInterval, Timeout: defaultTimeout}
	at := fmt.Sprintf("sources[%d]", number)
	wrong := func(v *value, key string, err error, hint string) error {
		return origin{file: file, line: max(v.line, f.Name.line)}.mistake(at+"."+key, err, hint)
	}
	for _, k := range f.keys(&o) {
		if !k.value.set && !k.value.list {
			continue
		}
		err := error(&valueError{0, errors.New("one value is wanted, not a list or a block"), "write it on the line of its key"})
		if !k.value.list {
			err = k.set(k.value.text)
		}
		if err != nil {
			return wrong(k.value, k.name, err, "see docs/sources.md")
		}
	}
	if err := f.lists(&o); err != nil {
		return wrong(&f.Kind, err.key, err.err, "see docs/sources.md")
	}
	if err := checkSource(&o); err != nil {
		return wrong(&f.Name, err.key, err.err, "see docs/sources.md")
	}
	if slices.ContainsFunc(c.Sources, func(x trading.Options) bool { return x.Name == o.Name }) {
		return wrong(&f.Name, "name", fmt.Errorf("there are two sources named %q", o.Name), "give each its own name")
	}
	if len(c.Sources) == trading.MaxSources {
		return wrong(&f.Name, "name", fmt.Errorf("more than %d sources", trading.MaxSources), "leave some out, or let another daemon ask them")
	}
	c.Sources = append(c.Sources, o)
	return nil
}

// keys are those that take one value.
func (f *sourceFile) keys(o *trading.Options) []sourceKey {
	text := func(to *string, parse func(string) (string, error)) func(string) error {
		return func(t string) error { return assign(t, parse, to) }
	}
	matching := func(re *regexp.Regexp, what string) func(string) (string, error) {
		return func(t string) (string, error) {
			if !re.MatchString(t) {
				return "", &valueError{0, fmt.Errorf("%.60q is no %s", t, what), "write letters, digits and _"}
			}
			return t, nil
		}
	}
	c := &o.Connection
	return []sourceKey{
		{"name", &f.Name, text(&o.Name, parseName)}, {"kind", &f.Kind, text(&o.Kind, parseSourceKind)}, {"url", &f.URL, text(&o.URL, parseSourceURL)},
		{"file", &f.File, text(&o.File, parseData)}, {"service", &f.Service, text(&o.Service, parseName)},
		{"interval", &f.Interval, func(t string) error { return assign(t, parseSourceInterval, &o.Interval) }},
		{"timeout", &f.Timeout, func(t string) error { return assign(t, parseSourceInterval, &o.Timeout) }},
		{"balance", &f.Balance, func(t string) error { return assign(t, parseBalance, &o.Balance) }},
		{"currency", &f.Currency, text(&o.Currency, parseWord)}, {"strategy", &f.Strategy, text(&o.Strategy, parseName)},
		{"token_file", &f.TokenFile, text(&c.TokenFile, parseData)}, {"token_env", &f.TokenEnv, text(&c.TokenVariable, matching(variableName, "name of a variable"))},
		{"header", &f.Header, text(&c.Header, matching(headerName, "name of a header"))}, {"username", &f.Username, text(&c.Username, parseWord)},
		{"password_file", &f.PasswordFile, text(&c.PasswordFile, parseData)}, {"password_env", &f.PasswordEnv, text(&c.PasswordVariable, matching(variableName, "name of a variable"))},
		{"ca_file", &f.CAFile, text(&c.CAFile, parseData)}, {"label", &f.Label, text(&o.Label, matching(labelName, "name of a label"))},
		{"items", &f.Items, text(&o.Items, parseJSONPath)}, {"components", &f.Components, text(&o.Components, parseJSONPath)},
		{"work", &f.Work, text(&o.Work, parseName)},
	}
}

// keyError is a mistake under a key.
type keyError struct {
	key string
	err error
}

// lists are the keys that take several values.
func (f *sourceFile) lists(o *trading.Options) *keyError {
	for _, m := range []struct {
		key  string
		from map[string]value
		to   *map[string]string
	}{{"metrics", f.Metrics, &o.Metrics}, {"values", f.Values, &o.Values}, {"columns", f.Columns, &o.Columns}} {
		if len(m.from) > maxKept {
			return &keyError{m.key, fmt.Errorf("%d entries; %d are the most", len(m.from), maxKept)}
		}
		for _, name := range slices.Sorted(maps.Keys(m.from)) {
			v := m.from[name]
			if v.list || v.text == "" || len(v.text) > 200 {
				return &keyError{m.key + "." + name, errors.New("one value of at most 200 letters is wanted")}
			}
			if *m.to == nil {
				*m.to = make(map[string]string)
			}
			(*m.to)[name] = v.text
		}
	}
	for _, v := range f.Only {
		if v.list || !slices.Contains(trading.Parts, v.text) {
			return &keyError{"only", fmt.Errorf("%.60q is none of %s", v.text, strings.Join(trading.Parts, ", "))}
		}
		o.Only = append(o.Only, v.text)
	}
	if len(f.Keep) > maxKept {
		return &keyError{"keep", fmt.Errorf("%d patterns; %d are the most", len(f.Keep), maxKept)}
	}
	for _, v := range f.Keep {
		if _, err := path.Match(v.text, ""); v.list || v.text == "" || err != nil {
			return &keyError{"keep", fmt.Errorf("%.60q is no pattern of names, like queue_*", v.text)}
		}
		o.Keep = append(o.Keep, v.text)
	}
	return nil
}

// checkSource refuses what does not go together.
func checkSource(o *trading.Options) *keyError {
	wrong := func(key, format string, args ...any) *keyError { return &keyError{key, fmt.Errorf(format, args...)} }
	c := &o.Connection
	switch {
	case o.Name == "":
		return wrong("name", "a source without a name")
	case o.Kind == "":
		return wrong("kind", "source %q has no kind: write one of %s", o.Name, strings.Join(trading.Kinds, ", "))
	case o.Kind == trading.KindTrades && o.File == "":
		return wrong("file", "source %q needs the file of trades", o.Name)
	case o.Kind == trading.KindTrades && o.URL != "", o.Kind != trading.KindTrades && o.File != "":
		return wrong("kind", "a source of kind %s has a %s", o.Kind, map[bool]string{true: "file and no url", false: "url and no file"}[o.Kind == trading.KindTrades])
	case o.Kind != trading.KindTrades && o.URL == "":
		return wrong("url", "source %q needs a url", o.Name)
	case c.TokenFile != "" && c.TokenVariable != "", c.PasswordFile != "" && c.PasswordVariable != "":
		return wrong("name", "source %q has a secret twice: in a file and in the environment", o.Name)
	case (c.Username == "") != (c.PasswordFile == "" && c.PasswordVariable == ""):
		return wrong("username", "a user needs a password and a password a user: set username, and password_file or password_env")
	case c.Username != "" && (c.TokenFile != "" || c.TokenVariable != ""):
		return wrong("username", "source %q has a token and a user with a password; it takes one of them", o.Name)
	case c.Header != "" && c.TokenFile == "" && c.TokenVariable == "":
		return wrong("header", "a header needs the token that stands in it: set token_file or token_env")
	case o.Work != "" && o.Service == "":
		return wrong("work", "source %q counts work, but of no service: set service", o.Name)
	case len(o.Columns) > 0 && o.Kind != trading.KindTrades:
		return wrong("columns", "only a file of trades has columns")
	case len(o.Keep) > 0 && o.Kind != trading.KindOpenMetrics, o.Label != "" && o.Kind != trading.KindOpenMetrics:
		return wrong("keep", "only an exposition of metrics has labels, and names to keep")
	case len(o.Values) > 0 && o.Kind != trading.KindJSON, (o.Items != "" || o.Components != "") && o.Kind != trading.KindJSON:
		return wrong("values", "only a source of kind json has paths")
	case len(o.Metrics) > 0 && o.Kind != trading.KindOpenMetrics && o.Kind != trading.KindJSON:
		return wrong("metrics", "a source of kind %s knows its figures by itself", o.Kind)
	case o.Kind == trading.KindOpenMetrics && len(o.Metrics) == 0 && len(o.Keep) == 0 && o.Work == "":
		return wrong("metrics", "nothing of source %q is wanted: set metrics, keep or work", o.Name)
	case o.Kind == trading.KindJSON && len(o.Metrics) == 0 && len(o.Values) == 0 && o.Components == "" && o.Work == "":
		return wrong("values", "nothing of source %q is wanted: set metrics, values, components or work", o.Name)
	}
	for figure, at := range o.Metrics {
		if _, known := trading.Figures[figure]; !known && (figure != "name" || o.Kind != trading.KindJSON) {
			return wrong("metrics."+figure, "there is no figure %q; there are %s", figure, strings.Join(slices.Sorted(maps.Keys(trading.Figures)), ", "))
		}
		if o.Kind == trading.KindJSON {
			if err := trading.CheckPath(at); err != nil {
				return wrong("metrics."+figure, "%v", err)
			}
		} else if !metricName.MatchString(at) {
			return wrong("metrics."+figure, "%q is no name of a metric", at)
		}
	}
	for name, at := range o.Values {
		if err := trading.CheckPath(at); err != nil {
			return wrong("values."+name, "%v", err)
		}
		if !metricName.MatchString(name) || strings.HasPrefix(name, "zol0_") {
			return wrong("values."+name, "%q is no name for a metric: letters, digits and _, and not one that begins with zol0_", name)
		}
	}
	for column := range o.Columns {
		if _, known := trading.Columns[column]; !known {
			return wrong("columns."+column, "there is no column %q; there are %s", column, strings.Join(slices.Sorted(maps.Keys(trading.Columns)), ", "))
		}
	}
	return nil
}

// parseName reads a name that people see.
func parseName(text string) (string, error) {
	text = strings.TrimSpace(text)
	if text == "" || len(text) > 100 || strings.ContainsFunc(text, func(r rune) bool { return !strconv.IsPrint(r) }) {
		return "", &valueError{0, fmt.Errorf("%.60q is no name of 1 to 100 letters", text), "write letters, digits, blanks and signs"}
	}
	return text, nil
}

func parseSourceKind(text string) (string, error) {
	if !slices.Contains(trading.Kinds, text) {
		return "", &valueError{0, fmt.Errorf("there is no kind of source %.60q", text), "write one of " + strings.Join(trading.Kinds, ", ")}
	}
	return text, nil
}

// parseSourceURL is a URL whose query, unlike an engine's, may choose what is asked for.
func parseSourceURL(text string) (string, error) {
	const example = "write a URL like http://localhost:5001"
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
		// The text is not repeated: it may hold what should not be read.
		return "", &valueError{0, errors.New("it is no URL of http or https with a host"), example}
	case u.User != nil:
		return "", &valueError{0, errors.New("it holds a name or a password"), "write those under username and password_file, which are not shown"}
	case u.Fragment != "":
		return "", &valueError{0, errors.New("it has a fragment"), "leave out what begins with #"}
	}
	for key := range u.Query() {
		if secretName.MatchString(key) {
			return "", &valueError{0, fmt.Errorf("its query has a secret under %s", key), "write it under token_file, with header where it is no bearer token"}
		}
	}
	return u.String(), nil
}

// secretName is what a secret in a query is called.
var secretName = regexp.MustCompile(`(?i)(token|secret|passw|api_?key|auth)`)

func parseSourceInterval(text string) (time.Duration, error) {
	return parseSpan(text, minSourceInterval, maxSourceInterval)
}

func parseBalance(text string) (float64, error) {
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || !(v > 0) || math.IsInf(v, 0) || v > 1e15 {
		return 0, &valueError{0, fmt.Errorf("%.60q is no balance", text), "write the amount that each strategy began with, like 10000"}
	}
	return v, nil
}

func parseJSONPath(text string) (string, error) {
	if err := trading.CheckPath(text); err != nil {
		return "", &valueError{0, err, "write a path like data.strategies[0].profit"}
	}
	return text, nil
}
