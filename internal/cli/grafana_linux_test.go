package cli

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/zol0/zol0/internal/client"
	"github.com/zol0/zol0/internal/query"
)

// TestGrafanaDashboard asks a real daemon everything that the dashboard asks. Grafana itself
// is not run.
func TestGrafanaDashboard(t *testing.T) {
	text, err := os.ReadFile("../../packaging/grafana/dashboard.json")
	if err != nil {
		t.Fatal(err)
	}
	var dashboard struct {
		Panels []struct {
			Title   string
			Targets []struct{ Expr string }
		}
		Templating struct{ List []struct{ Definition string } }
	}
	if err := json.Unmarshal(text, &dashboard); err != nil {
		t.Fatal(err)
	}
	d := daemonAt(t, t.TempDir(), nil)
	d.beats(4)
	c, err := client.New(d.url)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	variables := strings.NewReplacer("$__rate_interval", "1m", "$__range", "1h", "$host", ".*", "$service", ".*")
	known := query.OwnMetadata("", 0)
	answered, asked := map[string]bool{}, 0
	ask := func(of, expression string) {
		asked++
		for _, name := range regexp.MustCompile(`zol0_\w+`).FindAllString(expression, -1) {
			if known[name] == nil {
				t.Errorf("%s: there is no %s", of, name)
			}
		}
		a, err := c.Range(t.Context(), variables.Replace(expression), time.Now().Add(-time.Minute), time.Now(), time.Second)
		if err != nil {
			t.Errorf("%s: %v", of, err)
		}
		answered[of] = answered[of] || len(a.Series) > 0
	}
	for _, p := range dashboard.Panels {
		for _, x := range p.Targets {
			ask(p.Title, x.Expr)
		}
	}
	labelValues := regexp.MustCompile(`^label_values\((.+), \w+\)$`)
	for _, v := range dashboard.Templating.List {
		if m := labelValues.FindStringSubmatch(v.Definition); m != nil {
			ask(v.Definition, m[1])
		}
	}
	if asked < 20 {
		t.Errorf("it asks %d questions: the test looks in the wrong place", asked)
	}
	// What a daemon knows from its first beats on; verdicts and rates come later.
	for _, title := range []string{"Memory available", "Services", "Private memory", "Memory of the machine", "Processors of the machine"} {
		if !answered[title] {
			t.Errorf("%s: nothing to show", title)
		}
	}
	for _, name := range []string{"dashboards.yaml", "datasource.yaml"} {
		var file map[string]any
		if text, err = os.ReadFile("../../packaging/grafana/" + name); err != nil {
			t.Fatal(err)
		}
		if err := yaml.Unmarshal(text, &file); err != nil || fmt.Sprint(file["apiVersion"]) != "1" {
			t.Errorf("%s: %v, %v", name, file, err)
		}
	}
}
