package target

import (
	"strings"
	"testing"
)

func TestPrintAlignsOutcomes(t *testing.T) {
	var out strings.Builder
	err := Print(&out, []Target{
		{Of(true), "small", "1 MB"},
		{Of(false), "fast", "9 s"},
		Unmeasured("quiet", "no microphone"),
	})
	if err != nil {
		t.Fatal(err)
	}
	want := "  met      small  1 MB\n" +
		"  missed   fast   9 s\n" +
		"  NOT RUN  quiet  no microphone\n"
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", out.String(), want)
	}
}
