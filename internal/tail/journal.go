package tail

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// JournalOptions are which entries of the systemd journal are wanted.
type JournalOptions struct {
	// Program is journalctl; empty finds it by its name.
	Program string
	// Units are those whose entries are wanted; none: of all.
	Units []string
	// Args replace --follow --lines=0, as for a journal in a file.
	Args []string
}

// JournalEntry is one entry.
type JournalEntry struct {
	Time     time.Time
	Priority int // 0 to 7, as syslog has them; -1: it tells none
	// Unit is empty for what no unit wrote, as the kernel.
	Unit, Identifier, Message string
	Kernel                    bool
}

// maxEntry is how much of an entry in JSON is read.
const maxEntry = 64 << 10

// unit is a name that cannot be an option.
var unit = regexp.MustCompile(`^[A-Za-z0-9@_:.\\][A-Za-z0-9@_:.\\-]*$`)

// CheckUnit says what is wrong with the name of a unit.
func CheckUnit(name string) error {
	if len(name) > 255 || !unit.MatchString(name) {
		return fmt.Errorf("%q is no name of a unit", name)
	}
	return nil
}

// Journal reads entries until ctx ends or the child does, which is killed then with all that
// it started. Entries that are too long are cut.
func Journal(ctx context.Context, o JournalOptions, each func(JournalEntry)) error {
	args := o.Args
	if args == nil {
		args = []string{"--follow", "--lines=0"}
	}
	args = append(args[:len(args):len(args)], "--output=json", "--output-fields=MESSAGE,PRIORITY,_SYSTEMD_UNIT,SYSLOG_IDENTIFIER,_TRANSPORT", "--no-pager", "--quiet")
	for _, u := range o.Units {
		if err := CheckUnit(u); err != nil {
			return err
		}
		args = append(args, "--unit="+u)
	}
	program := o.Program
	if program == "" {
		program = "journalctl"
	}
	child := exec.CommandContext(ctx, program, args...)
	child.Env = []string{"PATH=" + os.Getenv("PATH"), "LANG=C.UTF-8"}
	alone(child)
	stdout, err := child.StdoutPipe()
	if err != nil {
		return fmt.Errorf("cannot read the journal: %w", err)
	}
	said := &lastWords{}
	child.Stderr = said
	child.WaitDelay = time.Second
	if err := child.Start(); err != nil {
		return fmt.Errorf("cannot read the journal: %w", err)
	}
	readErr := entries(stdout, each)
	err = child.Wait()
	switch {
	case ctx.Err() != nil:
		return nil //nolint:nilerr // it was told to end
	case err != nil:
		return fmt.Errorf("%s ended: %w%s", program, err, said.text())
	}
	return readErr
}

// entries reads one JSON object a line.
func entries(r io.Reader, each func(JournalEntry)) error {
	in := bufio.NewReaderSize(r, maxEntry)
	for {
		line, err := in.ReadSlice('\n')
		long := errors.Is(err, bufio.ErrBufferFull)
		if !long && len(line) > 0 {
			if e, ok := JournalEntryOf(line); ok {
				each(e)
			}
		}
		if long {
			// What is in the midst of a message is left out with the rest of the line.
			each(JournalEntry{Priority: -1, Message: fmt.Sprintf("(an entry of more than %d KiB was left out)", maxEntry>>10)})
			for errors.Is(err, bufio.ErrBufferFull) {
				_, err = in.ReadSlice('\n')
			}
		}
		if errors.Is(err, io.EOF) || errors.Is(err, os.ErrClosed) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("cannot read the journal: %w", err)
		}
	}
}

// JournalEntryOf reads an entry as journalctl writes it in JSON; ok is false where it is none.
func JournalEntryOf(line []byte) (e JournalEntry, ok bool) {
	var x map[string]json.RawMessage
	if json.Unmarshal(line, &x) != nil || x["__REALTIME_TIMESTAMP"] == nil {
		return e, false
	}
	e.Priority = -1
	if n, err := strconv.Atoi(textOf(x["PRIORITY"])); err == nil && n >= 0 && n <= 7 {
		e.Priority = n
	}
	if us, err := strconv.ParseInt(textOf(x["__REALTIME_TIMESTAMP"]), 10, 64); err == nil {
		e.Time = time.UnixMicro(us)
	}
	e.Unit, e.Identifier, e.Message = textOf(x["_SYSTEMD_UNIT"]), textOf(x["SYSLOG_IDENTIFIER"]), textOf(x["MESSAGE"])
	e.Kernel = textOf(x["_TRANSPORT"]) == "kernel"
	return e, true
}

// textOf is a field: a text, null where it was too long, the numbers of its bytes where it is
// no text, or a list of these where there were several.
func textOf(raw json.RawMessage) string {
	var text string
	if len(raw) == 0 || json.Unmarshal(raw, &text) == nil {
		return text
	}
	var numbers []int
	if json.Unmarshal(raw, &numbers) == nil {
		out := make([]byte, len(numbers))
		for i, n := range numbers {
			out[i] = byte(n)
		}
		return string(out)
	}
	var several []json.RawMessage
	if json.Unmarshal(raw, &several) == nil && len(several) > 0 && len(several) <= 64 {
		parts := make([]string, len(several))
		for i := range several {
			if len(several[i]) > 0 && several[i][0] == '[' {
				if json.Unmarshal(several[i], &numbers) == nil {
					parts[i] = textOf(several[i])
				}
				continue
			}
			parts[i] = textOf(several[i])
		}
		return strings.Join(parts, "\n")
	}
	return ""
}

// lastWords keeps the end of what a child says of its mistakes.
type lastWords struct{ end []byte }

// maxWords of it are kept.
const maxWords = 300

func (w *lastWords) Write(b []byte) (int, error) {
	w.end = append(w.end, b...)
	if n := len(w.end); n > maxWords {
		w.end = append(w.end[:0], w.end[n-maxWords:]...)
	}
	return len(b), nil
}

func (w *lastWords) text() string {
	text := strings.TrimSpace(strings.ToValidUTF8(string(w.end), "?"))
	if text == "" {
		return ""
	}
	return ": " + text
}
