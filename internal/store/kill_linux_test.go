package store

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// loaded is the environment variable with the directory in which this program, run anew by
// a test, appends as fast as it can until it is killed.
const loaded = "ZOL0_TEST_LOADED_STORE"

func TestMain(m *testing.M) {
	for variable, load := range map[string]func(string, io.Writer) error{loaded: load, flooded: flood} {
		if dir := os.Getenv(variable); dir != "" {
			if err := load(dir, os.Stdout); err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(1)
			}
			os.Exit(0)
		}
	}
	os.Exit(m.Run())
}

// script says what the loaded store holds, so that the child that writes and the parent
// that checks agree without talking: beat n is at a time, of some owners, with values that
// follow from both.
type script struct{ n int }

// beatsPerHour are few, so that many hours turn before the kill.
const beatsPerHour = 30

// at is the time of a beat. Every 400 beats the clock is set back for 40 beats: they lie
// between those that were there before.
func (b script) at() time.Time {
	step := time.Hour / beatsPerHour
	if b.n%400 >= 360 {
		return noon.Add(time.Duration(b.n-40)*step + step/2)
	}
	return noon.Add(time.Duration(b.n) * step)
}

// owners are one that is always there and those that come and go: some for some beats,
// some every other hour, with the first beat of it.
func (b script) owners() []string {
	out := []string{"always"}
	for i := range 12 {
		if (b.n/(5+i*7)+i)%3 == 0 {
			out = append(out, "guest "+strconv.Itoa(i))
		}
	}
	if b.n/beatsPerHour%3 == 0 {
		out = append(out, "job")
	}
	return append(out, "pid "+strconv.Itoa(b.n/50)) // a new one without end
}

func (b script) value(owner string, c Code) float64 {
	return float64(len(owner)*1000+int(owner[len(owner)-1])) + float64(b.n/3)*float64(c+1)
}

// load appends beats without a pause, from the one behind the last that is there, and
// writes the number of each to out when it was acknowledged.
func load(dir string, out io.Writer) error {
	s, err := Open(Options{Dir: dir, Now: noon, Raw: 24 * time.Hour, Minutes: 72 * time.Hour})
	if err != nil {
		return err
	}
	n, err := lastBeat(s)
	if err != nil {
		return err
	}
	for n++; ; n++ {
		b := script{n}
		var beat, minute []Sample
		for _, name := range b.owners() {
			l, err := NewLabels("name", name)
			if err != nil {
				return err
			}
			id, err := s.OwnerOf(Process, l, b.at().UnixMilli())
			if err != nil {
				return err
			}
			for c := range Code(3) {
				beat = append(beat, Sample{SeriesOf(id, c), b.value(name, c)})
			}
			if n%4 == 0 {
				minute = append(minute, Sample{SeriesOf(id, 9), b.value(name, 9)})
			}
		}
		s.Record(Event{At: int64(n), Kind: "beat", Subject: "load", Text: strconv.Itoa(n)})
		s.SaveDetector(Detector{Owner: "load", At: int64(n), Data: make([]byte, 2000)})
		if err := s.Append(b.at(), beat, minute); err != nil {
			return err
		}
		if err := binary.Write(out, binary.LittleEndian, uint32(n)); err != nil {
			return err
		}
		if _, err := s.Tidy(b.at()); err != nil {
			return err
		}
	}
}

// lastBeat is the number of the newest beat of the script in a store; -1 for none.
func lastBeat(s *Store) (int, error) {
	n := -1
	err := s.Events(0, 1, func(e Event) { n = int(e.At) })
	return n, err
}

// TestKillLosesNothing kills a program that appends as fast as it can, at random moments,
// and looks for every sample that was acknowledged.
func TestKillLosesNothing(t *testing.T) {
	kills, longest := 20, 100
	if os.Getenv("ZOL0_SOAK") != "" {
		kills, longest = 200, 250
	}
	random := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 1))
	dir, beats, samples, unacknowledged := t.TempDir(), 0, 0, 0
	acknowledged := -1
	checked := -1
	for k := range kills {
		if k%20 == 0 { // a new store now and then, so that checking all of it stays short
			dir, acknowledged, checked = t.TempDir(), -1, -1
		}
		before := acknowledged
		acknowledged = max(acknowledged, killAt(t, loaded, dir, time.Duration(10+random.IntN(longest))*time.Millisecond))
		beats += acknowledged - before
		s := open(t, dir)
		last, err := lastBeat(s)
		if err != nil {
			t.Fatal(err)
		}
		if last < acknowledged || last > acknowledged+1 {
			t.Fatalf("kill %d: the last beat is %d, and %d was acknowledged", k, last, acknowledged)
		}
		if last > acknowledged {
			unacknowledged++
			acknowledged = last // it was written, and the kill came before it was told
		}
		for _, a := range s.Asides() {
			t.Fatalf("kill %d: %s was set aside: %v", k, a.Path, a.Why)
		}
		samples += checkScript(t, s, checked+1, last)
		checked = max(-1, last-3*beatsPerHour) // what was written since then is looked at again
		if k%20 == 19 || k == kills-1 {
			checkScript(t, s, 0, last)
			whole(t, s)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d kills, %d beats acknowledged, %d samples looked at, %d beats written and not told", kills, beats, samples, unacknowledged)
}

// killAt runs a loaded store in dir, kills it some time after its first beat and returns
// the number of the last beat that it acknowledged.
func killAt(t *testing.T, variable, dir string, after time.Duration) int {
	t.Helper()
	ctx, kill := context.WithCancel(t.Context())
	defer kill()
	child := exec.CommandContext(ctx, os.Args[0], "-test.run=^$")
	child.Env = append(os.Environ(), variable+"="+dir)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	in := bufio.NewReader(out)
	last := -1
	for first := true; ; first = false {
		var n uint32
		err := binary.Read(in, binary.LittleEndian, &n)
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		last = int(n)
		if first {
			time.AfterFunc(after, kill)
		}
	}
	if err := child.Wait(); err == nil || child.ProcessState.ExitCode() != -1 {
		t.Fatalf("the loaded store ended by itself: %v", err)
	}
	return last
}

// checkScript fails unless the store has what the beats from one to another appended. Of
// what was thinned it looks at the last sample of each minute, which the script has one of.
func checkScript(t *testing.T, s *Store, from, to int) int {
	t.Helper()
	if to < from {
		return 0
	}
	type value struct {
		t int64
		c Code
	}
	want := make(map[string]map[value]float64)
	for n := from; n <= to; n++ {
		b := script{n}
		for _, name := range b.owners() {
			if want[name] == nil {
				want[name] = make(map[value]float64)
			}
			for c := range Code(3) {
				want[name][value{b.at().UnixMilli(), c}] = b.value(name, c)
			}
			if n%4 == 0 {
				want[name][value{b.at().UnixMilli(), 9}] = b.value(name, 9)
			}
		}
	}
	owners, err := s.Owners(t.Context(), Process, 0, stillOpen, func(Labels) bool { return true })
	if err != nil {
		t.Fatal(err)
	}
	ids := make(map[string]OwnerID)
	for _, o := range owners {
		ids[o.Labels.Get("name")] = o.ID
	}
	looked := 0
	var missing []string
	for name, values := range want {
		id, ok := ids[name]
		if !ok {
			t.Fatalf("there is no %s", name)
		}
		have := make(map[value]float64)
		for _, c := range []Code{0, 1, 2, 9} {
			err := s.Points(t.Context(), SeriesOf(id, c), 0, stillOpen, func(p Point) bool {
				have[value{p.T, c}] = p.Value
				return true
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		for at, v := range values {
			looked++
			if got, ok := have[at]; ok && got == v {
				continue
			}
			minute := value{at.t - at.t%minuteMillis + minuteMillis - 1, at.c} // where it was thinned
			if got, ok := have[minute]; ok && got == v {
				continue
			}
			hour := value{at.t - at.t%hourMillis + hourMillis - 1, at.c}
			if _, ok := have[hour]; ok {
				continue // what hours say of minutes is what the tests of thinning compare
			}
			missing = append(missing, fmt.Sprintf("%s: sample %d of %s: want %v, have %v", time.UnixMilli(at.t).UTC().Format("01-02 15:04:05"), at.c, name, v, have[at]))
		}
	}
	if len(missing) > 0 {
		slices.Sort(missing)
		t.Errorf("beats %d to %d, the last at %s: %d of %d samples are not there:\n%s", from, to, script{to}.at().UTC(), len(missing), looked, strings.Join(missing[:min(20, len(missing))], "\n"))
		if keep := os.Getenv("ZOL0_KEEP"); keep != "" {
			copyFile(t, s.path, filepath.Join(keep, "lost.db"))
			copyFile(t, s.path+"-wal", filepath.Join(keep, "lost.db-wal"))
		}
		t.FailNow()
	}
	return looked
}

// TestKillWhileSettingAside kills between the parts of a file that is set aside: nothing of
// it is deleted by what is opened next.
func TestKillWhileSettingAside(t *testing.T) {
	for _, moved := range []int{1, 2} {
		dir, _ := unfinished(t)
		path := filepath.Join(dir, FileName)
		log, err := os.ReadFile(path + "-wal")
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range fileParts[:moved] {
			if err := os.Rename(path+part, path+".damaged-20260301-115959"+part); err != nil {
				t.Fatal(err)
			}
		}
		goesOn(t, open(t, dir))
		found := 0
		for _, name := range asides(t, dir) {
			if b, err := os.ReadFile(filepath.Join(dir, name)); err == nil && string(b) == string(log) {
				found++
			}
		}
		if found != 1 {
			t.Errorf("killed after %d parts: the log is there %d times: %v", moved, found, asides(t, dir))
		}
	}
}
