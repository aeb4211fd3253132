package plot

import (
	"bytes"
	"encoding/xml"
	"errors"
	"image"
	"image/png"
	"io"
	"math"
	"runtime"
	"strings"
	"testing"

	"github.com/zol0/zol0/leak"
)

type discard struct{}

func (discard) Write(b []byte) (int, error) { return len(b), nil }

// allocated is how many bytes f takes from the heap.
func allocated(t *testing.T, f func() error) uint64 {
	t.Helper()
	if err := f(); err != nil { // what is set up once is not counted
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if err := f(); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

func svg(t *testing.T, p Picture) string {
	t.Helper()
	var out bytes.Buffer
	if err := SVG(&out, p); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// elements reads an SVG strictly, and returns how often each element occurs and the text of
// all of them.
func elements(t *testing.T, text string) (count map[string]int, texts map[string]string) {
	t.Helper()
	count, texts = map[string]int{}, map[string]string{}
	name := ""
	decoder := xml.NewDecoder(strings.NewReader(text))
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return count, texts
		}
		if err != nil {
			t.Fatalf("the SVG is no XML: %v\n%s", err, text)
		}
		switch token := token.(type) {
		case xml.StartElement:
			name = token.Name.Local
			count[name]++
			for _, a := range token.Attr {
				if strings.HasPrefix(strings.ToLower(a.Name.Local), "on") || strings.Contains(a.Value, "NaN") || strings.Contains(a.Value, "Inf") {
					t.Errorf("<%s> has the attribute %s=%q", name, a.Name.Local, a.Value)
				}
			}
		case xml.CharData:
			texts[name] += string(token) + "\n"
		}
	}
}

func TestHostileTextIsText(t *testing.T) {
	p := sawtooth()
	p.Title = "<script>alert('1')</script>\x1b[31m\x00\u202e]]>&amp;\xff\" onload=\"x"
	p.Sentence = "first\nsecond\t<image href='x'/>\x07\ufffe"
	p.Unit = "<b>"
	text := svg(t, p)
	count, texts := elements(t, text)
	for name := range count {
		switch name {
		case "svg", "title", "desc", "path", "text", "circle":
		default:
			t.Errorf("the SVG has an element <%s>", name)
		}
	}
	const title = `<script>alert('1')</script>?[31m??]]>&amp;?" onload="x`
	const sentence = `first second <image href='x'/>??`
	if !strings.Contains(texts["title"], title) || !strings.Contains(texts["text"], title) {
		t.Errorf("the title is %q", texts["title"])
	}
	if !strings.Contains(texts["desc"], sentence) {
		t.Errorf("the description is %q", texts["desc"])
	}
	if got := terminal(t, p, 80, 16, false); !strings.HasPrefix(got, title+"\n") || !strings.HasSuffix(got, sentence+"\n") {
		t.Errorf("on a terminal:\n%s", got)
	}
}

func TestLongTextIsCut(t *testing.T) {
	p := sawtooth()
	p.Title, p.Sentence = strings.Repeat("m", 1_000_000), strings.Repeat("word ", 1_000_000)
	_, texts := elements(t, svg(t, p))
	if n := len([]rune(strings.TrimSpace(texts["title"]))); n != maxTitle {
		t.Errorf("a title of %d characters", n)
	}
	if n := len([]rune(texts["text"])); n > 2000 || !strings.Contains(texts["text"], "m…\n") || !strings.Contains(texts["text"], "word …\n") {
		t.Errorf("%d characters are drawn: %q", n, texts["text"])
	}
}

func TestImagesSayWhatTheyShow(t *testing.T) {
	_, texts := elements(t, svg(t, sawtooth()))
	for _, want := range []string{
		"payments: private memory", "measured", "trend +1 MB/h", "95 %: +700 KB/h to +1.3 MB/h",
		"forecast: limit in 15h", "limit 64 MB", "60 MB", "12h", "time since the first sample", "leaking since 9h",
	} {
		if !strings.Contains(texts["text"], want) {
			t.Errorf("the SVG does not say %q: %q", want, texts["text"])
		}
	}
}

func TestPNGHasItsSizeAndColours(t *testing.T) {
	var out bytes.Buffer
	if err := PNG(&out, sawtooth()); err != nil {
		t.Fatal(err)
	}
	picture, err := png.Decode(&out)
	if err != nil {
		t.Fatal(err)
	}
	if want := image.Rect(0, 0, 2*ImageWidth, 2*ImageHeight); picture.Bounds() != want {
		t.Errorf("the PNG has the bounds %v, not %v", picture.Bounds(), want)
	}
	if _, _, _, alpha := picture.At(3, 3).RGBA(); alpha != 0xffff {
		t.Error("the PNG has no background of its own")
	}
	// The trend is red, the limit violet, the values blue: each must be there.
	seen := map[string]int{}
	for y := range picture.Bounds().Dy() {
		for x := range picture.Bounds().Dx() {
			r, g, b, _ := picture.At(x, y).RGBA()
			switch [3]uint8{uint8(r >> 8), uint8(g >> 8), uint8(b >> 8)} {
			case [3]uint8{red.R, red.G, red.B}:
				seen["red"]++
			case [3]uint8{violet.R, violet.G, violet.B}:
				seen["violet"]++
			case [3]uint8{steel.R, steel.G, steel.B}:
				seen["steel"]++
			}
		}
	}
	for _, colour := range []string{"red", "violet", "steel"} {
		if seen[colour] < 500 {
			t.Errorf("%d pixels are %s", seen[colour], colour)
		}
	}
}

// odd are series that no service has.
func odd() map[string]Picture {
	nan, inf := math.NaN(), math.Inf(1)
	wild := leak.Verdict{
		State: 99, At: 60, Value: nan, Level: 1e300, Rate: leak.Interval{Value: -1e300, Low: -inf, High: inf},
		Onset: leak.Interval{Value: -inf}, Forecast: leak.Forecast{Outlook: leak.Reaches, In: leak.Interval{Value: inf}},
	}
	settling := wild
	settling.Rate = leak.Unknown()
	settling.Forecast = leak.Forecast{Outlook: leak.Settles, Near: leak.Interval{Value: 3, Low: -inf, High: inf}}
	two := []Point{{0, 1}, {60, 2}}
	return map[string]Picture{
		"empty":          {},
		"all NaN":        {Points: []Point{{1, nan}, {2, nan}}, Verdict: wild, Limit: 3},
		"infinite":       {Points: []Point{{1, inf}, {2, -inf}, {nan, 3}, {inf, 3}, {-inf, 3}}, Limit: nan},
		"one point":      {Points: []Point{{1e9, 5}}, Unit: "bytes", Restarts: []float64{1e9, nan, inf}},
		"one of zero":    {Points: []Point{{0, 0}}, Unit: "count"},
		"one time":       {Points: []Point{{1e15, 5}, {1e15, 7}}},
		"constant":       {Points: []Point{{0, 7e9}, {60, 7e9}}, Unit: "bytes", Limit: inf},
		"zero":           {Points: []Point{{0, 0}, {60, 0}}, Unit: "bytes", Limit: 1},
		"huge":           {Points: []Point{{-1e300, -1e300}, {1e300, 1e300}}, Unit: "bytes", Limit: 1e300, Verdict: wild},
		"beyond":         {Points: []Point{{0, math.MaxFloat64}, {60, 1}, {120, -math.MaxFloat64}}},
		"tiny":           {Points: []Point{{0, 5e-324}, {5e-324, 1e-300}}, Unit: "count"},
		"negative":       {Points: []Point{{0, -5e6}, {60, -9e6}}, Unit: "bytes", Limit: -3, Verdict: wild},
		"back in time":   {Points: []Point{{60, 1}, {0, 2}, {30, 3}}},
		"wild verdict":   {Points: two, Verdict: wild},
		"wild settling":  {Points: two, Verdict: settling},
		"unknown":        {Points: two, Verdict: leak.Verdict{At: nan, Level: nan, Rate: leak.Unknown(), Onset: leak.Unknown()}},
		"fraction of ns": {Points: []Point{{0, 1}, {1e-12, 2}}},
		"many restarts":  {Points: two, Restarts: make([]float64, 100_000)},
	}
}

func TestOddSeries(t *testing.T) {
	empty := map[string]bool{"empty": true, "all NaN": true, "infinite": true}
	for name, p := range odd() {
		text := terminal(t, p, 60, 12, true)
		fits(t, text, 60, 12)
		_, texts := elements(t, svg(t, p))
		for format, said := range map[string]string{"terminal": text, "SVG": texts["text"]} {
			if strings.Contains(said, noData) != empty[name] {
				t.Errorf("%s: the %s says %q", name, format, said)
			}
			if strings.Contains(said, "NaN") || strings.Contains(said, "Inf") {
				t.Errorf("%s: the %s shows what is no figure: %q", name, format, said)
			}
		}
	}
	for _, name := range []string{"empty", "huge", "one point"} { // a PNG takes a while
		var out bytes.Buffer
		if err := PNG(&out, odd()[name]); err != nil {
			t.Errorf("%s: %v", name, err)
		} else if _, err := png.DecodeConfig(&out); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

type full struct{}

var errFull = errors.New("no space left on device")

func (full) Write([]byte) (int, error) { return 0, errFull }

func TestErrorsOfTheWriterAreReturned(t *testing.T) {
	for name, err := range map[string]error{
		"Terminal": Terminal(full{}, sawtooth(), 80, 24, false), "SVG": SVG(full{}, sawtooth()), "PNG": PNG(full{}, sawtooth()),
	} {
		if !errors.Is(err, errFull) {
			t.Errorf("%s returns %v", name, err)
		}
	}
}
