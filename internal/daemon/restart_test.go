package daemon

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zol0/zol0/internal/process"
	"github.com/zol0/zol0/internal/service"
	"github.com/zol0/zol0/internal/store"
)

// restartsOf are the details of the events of restarts, oldest first.
func restartsOf(t *testing.T, d *Daemon, subject string) (out []restartDetail) {
	t.Helper()
	if err := d.store.Flush(); err != nil {
		t.Fatal(err)
	}
	err := history{d}.events(t.Context(), eventQuery{kinds: []string{kindRestart}, subject: subject}, func(e store.Event) bool {
		var v restartDetail
		if err := json.Unmarshal([]byte(e.Detail), &v); err != nil {
			t.Errorf("the detail is %s: %v", e.Detail, err)
		}
		out = append(out, v)
		return true
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Reverse(out)
	return out
}

// disk answers what processes run; the test changes it.
type disk map[string]file

func (s disk) look(q *question) image {
	return image{looked: true, interpreted: q.interpreted, executable: s[q.executable], program: s[q.program]}
}

// begin starts a daemon that looks at the files of a disk at once.
func (s disk) begin(t *testing.T, m *machine) *Daemon {
	t.Helper()
	d, _ := start(t, m, t.TempDir(), nil)
	d.past.restarts.files.look = s.look
	return d
}

// minutes lets some go by at a beat every five seconds, each of which waits for the files
// to be looked at.
func minutes(t *testing.T, d *Daemon, m *machine, n int) {
	t.Helper()
	for range n * 12 {
		run(t, d, m, 1)
		if f := &d.past.restarts.files; f.answers != nil {
			out := <-f.answers
			f.answers <- out
		}
	}
}

// TestRestartsAreTold: a deploy is one only where the file is another, and no deploy only
// where it was seen both times.
func TestRestartsAreTold(t *testing.T) {
	m := newMachine()
	first := file{path: "/opt/leaky", inode: 7, size: 100, modified: noon.Add(-24 * time.Hour)}
	files := disk{"/opt/leaky": first}
	d := files.begin(t, m)
	minutes(t, d, m, 3)

	m.replace(2, 201, constant(50<<20))
	began := m.Now()
	minutes(t, d, m, 2)
	second := first
	second.inode, second.modified = 8, m.Now()
	files["/opt/leaky"] = second
	m.pass(time.Second)
	m.replace(2, 301, constant(50<<20))
	minutes(t, d, m, 2)
	delete(files, "/opt/leaky")
	m.replace(2, 401, constant(50<<20))
	minutes(t, d, m, 2)

	got := restartsOf(t, d, "leaky")
	if len(got) != 3 {
		t.Fatalf("%d restarts: %+v", len(got), got)
	}
	if x := got[0]; x.PID != 201 || x.PreviousPID != 101 || x.Deploy == nil || *x.Deploy || x.File != "" || x.StartTime.Sub(began).Abs() > time.Second {
		t.Errorf("from the same file: %+v", x)
	}
	if x := got[1]; x.PID != 301 || x.PreviousPID != 201 || x.Deploy == nil || !*x.Deploy || x.File != "/opt/leaky" {
		t.Errorf("from a changed file: %+v", x)
	}
	if x := got[2]; x.PID != 401 || x.PreviousPID != 301 || x.Deploy != nil || x.File != "" {
		t.Errorf("from a file that nobody can see: %+v", x)
	}
	if others := restartsOf(t, d, ""); len(others) != 3 {
		t.Errorf("what was there all the time was restarted: %+v", others)
	}
	marks := marksOf(t, d, "leaky", noon, m.Now(), 100)
	if got := kindsOf(marks); got != "end start end deploy end start" {
		t.Errorf("the marks are %s: %+v", got, marks)
	}
}

// TestRestartsOfScripts: the interpreter is the same, and its script is another.
func TestRestartsOfScripts(t *testing.T) {
	before, now := noon, noon.Add(time.Hour)
	python := file{path: "/usr/bin/python3", inode: 1, size: 9, modified: noon.Add(-1000 * time.Hour)}
	script := file{path: "/opt/app.py", inode: 2, size: 5, modified: noon.Add(-time.Hour)}
	copied, edited, touched := script, script, python
	copied.inode, edited.modified, touched.modified = 3, noon.Add(time.Minute), noon.Add(time.Minute)
	yes, no := "true", "false"
	for _, test := range []struct {
		name        string
		was, is     image
		want, named string
	}{
		{"the same", image{true, true, python, script}, image{true, true, python, script}, no, ""},
		{"a copy over it", image{true, true, python, script}, image{true, true, python, copied}, yes, "/opt/app.py"},
		{"edited before it was first looked at", image{true, true, python, edited}, image{true, true, python, edited}, yes, "/opt/app.py"},
		{"another interpreter", image{true, true, python, script}, image{true, true, touched, script}, yes, "/usr/bin/python3"},
		{"no sight of the script now", image{true, true, python, script}, image{true, true, python, file{}}, "null", ""},
		{"no sight of the script then", image{true, true, python, file{}}, image{true, true, python, script}, "null", ""},
		{"then unseen, and written since", image{true, true, python, file{}}, image{true, true, python, edited}, yes, "/opt/app.py"},
		{"never looked at", image{}, image{}, "null", ""},
		{"no interpreter any more", image{true, true, python, script}, image{true, false, python, file{}}, "null", ""},
	} {
		deploy, path := deployed(&lived{start: before, image: test.was}, &lived{start: now, image: test.is})
		got, err := json.Marshal(deploy)
		if err != nil || string(got) != test.want || path != test.named {
			t.Errorf("%s: %s, %q, %v; want %s, %q", test.name, got, path, err, test.want, test.named)
		}
	}
}

// TestWhatIsNoRestart: one process more, a compiler that comes and goes, a worker.
func TestWhatIsNoRestart(t *testing.T) {
	m := newMachine()
	d := disk{}.begin(t, m)
	minutes(t, d, m, 2)
	m.procs = append(m.procs, proc{500, "leaky", m.elapsed, constant(10 << 20)})
	minutes(t, d, m, 2)
	m.procs = append(m.procs, proc{600, "cc", m.elapsed, constant(10 << 20)})
	for i := range 20 {
		run(t, d, m, 3)
		m.replace(4, int32(601+i), constant(10<<20)) // fifteen seconds each
	}
	if got := restartsOf(t, d, ""); len(got) != 0 {
		t.Errorf("restarts: %+v", got)
	}
	// One of the two leaky ends and nobody comes; much later there is one more again.
	m.procs[3].name = "gone"
	minutes(t, d, m, 15)
	m.procs = append(m.procs, proc{700, "leaky", m.elapsed, constant(10 << 20)})
	minutes(t, d, m, 2)
	if got := restartsOf(t, d, "leaky"); len(got) != 0 {
		t.Errorf("one more a quarter of an hour later is a restart: %+v", got)
	}
}

// TestAServiceThatWasGone: where none was left, a later one is a restart however late, and
// it can be compared with the last one.
func TestAServiceThatWasGone(t *testing.T) {
	m := newMachine()
	files := disk{"/opt/leaky": {path: "/opt/leaky", inode: 7, size: 100, modified: noon.Add(-24 * time.Hour)}}
	d := files.begin(t, m)
	minutes(t, d, m, 2)
	gone := m.procs[2]
	m.procs = m.procs[:2]
	minutes(t, d, m, 30)
	gone.pid, gone.began = 201, m.elapsed
	m.procs = append(m.procs, gone)
	minutes(t, d, m, 2)
	got := restartsOf(t, d, "leaky")
	if len(got) != 1 || got[0].PreviousPID != 101 || got[0].Deploy == nil || *got[0].Deploy {
		t.Errorf("after half an hour: %+v", got)
	}
}

// TestCrashLoopsAreBounded: the journal is told of four in four hours, and of how many it
// was not told.
func TestCrashLoopsAreBounded(t *testing.T) {
	m := newMachine()
	d, _ := start(t, m, t.TempDir(), seldom)
	run(t, d, m, 4)
	for i := range 100 { // every two and a half minutes, for more than four hours
		m.replace(2, int32(1000+i), constant(10<<20))
		run(t, d, m, 5)
	}
	got := restartsOf(t, d, "leaky")
	if len(got) != 2*maxTold {
		t.Fatalf("%d restarts are told: %+v", len(got), got)
	}
	if got[3].Unreported != 0 || got[4].Unreported != 92 {
		t.Errorf("the fifth counts %d before it that are not told, want 92", got[4].Unreported)
	}
}

// TestRestartsAreBounded: services come and go by the thousand.
func TestRestartsAreBounded(t *testing.T) {
	m := newMachine()
	d := disk{}.begin(t, m)
	for round := range 5 {
		m.procs = m.procs[:3]
		for i := range 600 {
			m.procs = append(m.procs, proc{int32(10_000 + 1000*round + i), fmt.Sprintf("s%d-%d", round, i), m.elapsed - time.Hour, constant(1 << 20)})
		}
		run(t, d, m, 1)
	}
	r := &d.past.restarts
	if n := len(r.services); n != maxRemembered {
		t.Errorf("%d services are remembered, want %d", n, maxRemembered)
	}
	if r.services["leaky"] == nil || r.services["s4-599"] == nil {
		t.Error("what is there is forgotten for what is gone")
	}
	if n := len(r.files.questions); n > maxQuestions {
		t.Errorf("%d questions wait", n)
	}
	// Many processes under one name.
	m.procs = m.procs[:3]
	for i := range 100 {
		m.procs = append(m.procs, proc{int32(20_000 + i), "many", m.elapsed - time.Hour, constant(1 << 20)})
	}
	run(t, d, m, 1)
	m.procs = m.procs[:3]
	run(t, d, m, 1)
	if x := r.services["many"]; len(x.living) > maxRoots || len(x.ended) != maxRoots {
		t.Errorf("%d living and %d ended are remembered, want at most %d", len(x.living), len(x.ended), maxRoots)
	}
}

// TestNobodyWaitsForFiles: a file system that does not answer holds no beat, and a restart
// that waits for it is told without.
func TestNobodyWaitsForFiles(t *testing.T) {
	m := newMachine()
	d, _ := start(t, m, t.TempDir(), nil)
	stuck := make(chan struct{})
	t.Cleanup(func() { close(stuck) })
	d.past.restarts.files.look = func(*question) image { <-stuck; return image{} }
	run(t, d, m, 24)
	m.replace(2, 201, constant(50<<20))
	run(t, d, m, 24)
	got := restartsOf(t, d, "leaky")
	if len(got) != 1 || got[0].Deploy != nil {
		t.Errorf("restarts: %+v", got)
	}
}

// TestQuestionsNameWhatIsRun: the facts of a process become what is looked at.
func TestQuestionsNameWhatIsRun(t *testing.T) {
	var f files
	asked := facts{Known: process.NeedCmdline | process.NeedExecutable | process.NeedCwd, Cmdline: []string{"python3", "bots/app.py"}, Executable: "/usr/bin/python3.11", Cwd: "/srv"}
	f.want(asked, "app", process.ID{PID: 1})
	if len(f.questions) != 0 {
		t.Error("it asks though nobody looks")
	}
	f.look = disk{}.look
	f.want(asked, "app", process.ID{PID: 1})
	asked.Cmdline = []string{"python3", "/srv/" + strings.Repeat("x", 300) + "…"}
	f.want(asked, "app", process.ID{PID: 2})
	asked.Known = 0
	f.want(asked, "app", process.ID{PID: 3})
	want := []question{
		{service: "app", id: process.ID{PID: 1}, executable: "/usr/bin/python3.11", cwd: "/srv", program: "bots/app.py", interpreted: true},
		{service: "app", id: process.ID{PID: 2}, executable: "/usr/bin/python3.11", cwd: "/srv", interpreted: true},
	}
	if !slices.Equal(f.questions, want) {
		t.Errorf("the questions are %+v", f.questions)
	}
}

// facts are those of any process.
type facts process.Facts

func (f facts) Describe(process.ID, process.Need) (process.Facts, error) {
	return process.Facts(f), nil
}

var _ service.Describer = facts{}

// TestWhoBecomesAnotherProgram: a process that a script starts is looked at again when the
// script gives way to it.
func TestWhoBecomesAnotherProgram(t *testing.T) {
	m := newMachine()
	files := disk{"/opt/leaky": {path: "/opt/leaky", inode: 7, size: 100, modified: noon.Add(-24 * time.Hour)}, "/opt/other": {path: "/opt/other", inode: 8, size: 100, modified: noon.Add(-24 * time.Hour)}}
	d := files.begin(t, m)
	minutes(t, d, m, 1)
	d.past.restarts.services["leaky"].living[0].name = "sh" // as if it had been one
	minutes(t, d, m, 1)
	files["/opt/leaky"] = file{path: "/opt/leaky", inode: 9, size: 100, modified: noon.Add(-24 * time.Hour)}
	d.past.restarts.services["leaky"].living[0].name = "sh"
	minutes(t, d, m, 1)
	if got := d.past.restarts.services["leaky"].living[0]; got.name != "leaky" || got.image.executable.inode != 9 {
		t.Errorf("it is still %+v", got)
	}
}
