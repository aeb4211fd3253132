package api

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestDocumentation holds docs/api.md against the routes, the codes of errors and the
// fields of the shapes.
func TestDocumentation(t *testing.T) {
	read := func(path string) string {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	docs := read("../../docs/api.md")
	count := 0
	has := func(what, word string) {
		count++
		if !strings.Contains(docs, word) {
			t.Errorf("docs/api.md does not have the %s %s", what, word)
		}
	}
	s := New(newStage(t).options)
	for _, x := range s.Routes() {
		has("route", "`"+x.Method+" "+x.Path+"`")
		for _, p := range x.Parameters {
			has("parameter", "`"+p+"`")
		}
	}
	for _, found := range regexp.MustCompile(`Code\w+ += "(\w+)"`).FindAllStringSubmatch(read("error.go"), -1) {
		has("code", "`"+found[1]+"`")
	}
	for _, file := range []string{"alerts", "comparison", "config", "error", "event", "logs", "overview", "self", "series", "service", "services", "session", "store"} {
		for _, found := range regexp.MustCompile(`json:"(\w+)`).FindAllStringSubmatch(read("../wire/"+file+".go"), -1) {
			has("field of "+file, "`"+found[1]+"`")
		}
	}
	if count < 350 {
		t.Errorf("only %d words were looked for: the test looks in the wrong place", count)
	}
}
