package web

import (
	"bytes"
	"compress/gzip"
	"io"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
)

func zipped(t *testing.T, text string) *fstest.MapFile {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return &fstest.MapFile{Data: out.Bytes()}
}

// text unpacks a file.
func text(t *testing.T, f *File) string {
	t.Helper()
	file, err := f.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	r, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	out, err := io.ReadAll(r)
	if err != nil {
		t.Fatalf("%s: %v", f.Name, err)
	}
	return string(out)
}

func TestFiles(t *testing.T) {
	script := strings.Repeat("let a;", 10_000)
	files := fstest.MapFS{"index.html.gz": zipped(t, "<p>"), "assets/a-1.js.gz": zipped(t, script), "assets/a-2.css.gz": zipped(t, "")}
	s, err := New(files)
	if err != nil {
		t.Fatal(err)
	}
	f := s.File("assets/a-1.js")
	if f == nil || f.Bytes != len(script) || f.PackedBytes != len(files["assets/a-1.js.gz"].Data) || f.ContentType != "text/javascript; charset=utf-8" || text(t, f) != script {
		t.Errorf("%+v", f)
	}
	if f := s.File("assets/a-2.css"); f == nil || f.Bytes != 0 || f.ContentType != "text/css; charset=utf-8" {
		t.Errorf("%+v", f)
	}
	for _, name := range []string{"", ".", "assets", "assets/", "assets/a-1.js.gz", "index.html.gz", "../web.go", "/index.html", "assets/../index.html", "INDEX.html"} {
		if s.File(name) != nil {
			t.Errorf("%q is a file", name)
		}
	}
	files["index.html.gz"] = zipped(t, "<b>")
	changed, err := New(files)
	if err != nil {
		t.Fatal(err)
	}
	if changed.File(Index).ETag == s.File(Index).ETag || changed.File("assets/a-1.js").ETag != f.ETag {
		t.Error("a tag does not tell one content from another")
	}
	if !regexp.MustCompile(`^W/"[0-9a-f]{20}"$`).MatchString(f.ETag) || len(s.Names()) != 3 {
		t.Errorf("%s of %v", f.ETag, s.Names())
	}
}

func TestWhatIsNoPage(t *testing.T) {
	page := zipped(t, "<p>")
	for reason, files := range map[string]fstest.MapFS{
		"npm run build":     {"assets/a.js.gz": page},
		"not packed":        {"index.html.gz": page, "index.html": page},
		"content type":      {"index.html.gz": page, "a.exe.gz": page},
		"no gzip":           {"index.html.gz": {Data: []byte("<p>and some more bytes than a trailer</p>")}},
		"is no gzip":        {"index.html.gz": {Data: page.Data[:10]}},
		"more than 1048576": {"index.html.gz": page, "a.js.gz": {Data: append(page.Data[:10:10], make([]byte, maxFileBytes)...)}},
	} {
		if s, err := New(files); err == nil || !strings.Contains(err.Error(), reason) || s != nil {
			t.Errorf("%s: %v", reason, err)
		}
	}
}

// TestEmbedded unpacks every file of the page in the binary, and follows what it names.
func TestEmbedded(t *testing.T) {
	s, err := Embedded()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range s.Names() {
		f := s.File(name)
		if got := text(t, f); len(got) != f.Bytes {
			t.Errorf("%s has %d bytes and says %d", name, len(got), f.Bytes)
		}
		if name != Index && !regexp.MustCompile(`^assets/[\w-]+-[\w-]{8}\.[a-z]+$`).MatchString(name) {
			t.Errorf("%s: the name of an asset has no hash, but is kept for a year", name)
		}
	}
	page := text(t, s.File(Index))
	named := regexp.MustCompile(`(?:src|href)="(/[^"]*)"`).FindAllStringSubmatch(page, -1)
	if len(named) < 2 {
		t.Errorf("the page names %d files", len(named))
	}
	for _, found := range named {
		if s.File(strings.TrimPrefix(found[1], "/")) == nil {
			t.Errorf("the page names %s, which is not there", found[1])
		}
	}
	if strings.Contains(page, "<script>") || regexp.MustCompile(`\s(on\w+|style)="|https?://`).MatchString(strings.ReplaceAll(page, "http://www.w3.org/", "")) {
		t.Errorf("the content security policy stops a part of\n%s", page)
	}
}
