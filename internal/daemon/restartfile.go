package daemon

import (
	"slices"
	"strings"
	"time"

	"github.com/zol0/zol0/internal/process"
	"github.com/zol0/zol0/internal/service"
)

// file is a file as it was at one time; the zero value is one that could not be seen.
type file struct {
	path     string
	inode    uint64 // 0 where the system has none
	size     int64
	modified time.Time
}

// image is what a process runs: its executable, and the script or archive of an
// interpreter.
type image struct {
	looked      bool
	interpreted bool
	executable  file
	program     file // of an interpreter
}

// deployed says whether a life began from another file than the one before, and which
// changed. deploy is nil where that could not be seen: it is false only where every file
// was seen both times.
func deployed(before, now *lived) (deploy *bool, path string) {
	yes, no := true, false
	known := true
	pairs := [][2]file{{before.image.executable, now.image.executable}}
	if now.image.interpreted {
		pairs = append(pairs, [2]file{before.image.program, now.image.program})
	}
	for _, p := range pairs {
		was, is := p[0], p[1]
		switch {
		case is.path == "":
			known = false
		case was.path != "" && (was.path != is.path || was.inode != is.inode || was.size != is.size || !was.modified.Equal(is.modified)),
			// A script that was changed before it was first looked at, but after it was started.
			is.modified.After(before.start) && is.modified.Before(now.start):
			return &yes, is.path
		case was.path == "":
			known = false
		}
	}
	if !known || before.image.interpreted != now.image.interpreted {
		return nil, ""
	}
	return &no, ""
}

// question asks what a process runs.
type question struct {
	service string
	id      process.ID
	// executable and cwd are as the process sees them; program is the file of an interpreter.
	executable, cwd, program string
	interpreted              bool
}

// answer is what was found.
type answer struct {
	service string
	id      process.ID
	image   image
}

// files look at files beside the beat: a file system on the network that does not answer
// holds whoever looks at it, for ever if need be. Nothing waits for them; while one look
// has not come back there is no other, and what began meanwhile is not known.
type files struct {
	look      func(*question) image // nil: there is nothing to look at
	questions []question
	answers   chan []answer // nil while nobody looks
}

// maxQuestions bounds what waits: all services of a machine at the first beat.
const maxQuestions = maxRemembered

// describer reads facts of a process.
type describer interface {
	Describe(id process.ID, need process.Need) (process.Facts, error)
}

// want asks what a process runs.
func (f *files) want(d describer, name string, id process.ID) {
	if f.look == nil || len(f.questions) >= maxQuestions {
		return
	}
	facts, err := d.Describe(id, process.NeedCmdline|process.NeedExecutable|process.NeedCwd)
	if err != nil || !facts.Has(process.NeedCmdline) {
		return // it has ended, or belongs to somebody else
	}
	q := question{service: name, id: id, executable: facts.Executable, cwd: facts.Cwd}
	q.program, q.interpreted = service.ProgramFile(facts.Cmdline)
	if strings.HasSuffix(q.program, "…") {
		q.program = "" // it was cut short
	}
	f.questions = append(f.questions, q)
}

// ask begins to look for what was asked, unless somebody still looks.
func (f *files) ask() {
	if len(f.questions) == 0 || f.answers != nil {
		return
	}
	look, questions, answers := f.look, slices.Clone(f.questions), make(chan []answer, 1)
	f.questions, f.answers = f.questions[:0], answers
	go func() {
		out := make([]answer, 0, len(questions))
		for i := range questions {
			q := &questions[i]
			out = append(out, answer{q.service, q.id, look(q)})
		}
		answers <- out
	}()
}

// answered is what was found since it was last called; it does not wait.
func (f *files) answered() []answer {
	if f.answers == nil {
		return nil
	}
	select {
	case out := <-f.answers:
		f.answers = nil
		return out
	default:
		return nil
	}
}
