package probe

import (
	"bytes"

	"github.com/zol0/zol0/internal/process"
	"github.com/zol0/zol0/internal/redact"
)

// parseCmdline splits a NUL-separated argument list, makes it harmless and short, and
// redacts its secrets. A process may overwrite its arguments (setproctitle): then one
// long argument with blanks is what there is.
func parseCmdline(b []byte) []string {
	b = bytes.TrimRight(b, "\x00")
	if len(b) == 0 {
		return nil
	}
	var args []string
	total := 0
	for len(b) > 0 || len(args) == 0 {
		var arg []byte
		var more bool
		arg, b, more = bytes.Cut(b, []byte{0})
		text := printable(shorten(string(arg), process.MaxArgBytes))
		total += len(text)
		if len(args) == process.MaxArgs-1 && more || total > process.MaxCmdlineBytes {
			args = append(args, "…")
			break
		}
		args = append(args, text)
		if !more {
			break
		}
	}
	return redact.Args(args)
}

// shorten cuts s to at most n bytes, the mark "…" included, between two characters.
func shorten(s string, n int) string {
	if len(s) <= n {
		return s
	}
	cut := n - len("…")
	for cut > 0 && s[cut]&0xc0 == 0x80 {
		cut--
	}
	return s[:cut] + "…"
}
