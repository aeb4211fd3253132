// Package redact replaces secrets in command lines before anything is shown or stored.
//
// It knows a secret by its option or variable (--token x, PASSWORD=x, "Authorization:
// Bearer x"), by its place (postgres://user:x@host, mysql -px, curl -u user:x), and by the
// shape of well-known keys (AKIA…, ghp_…, JSON web tokens). What it cannot know is a
// secret in a plain argument of a program it has never heard of. In doubt it hides a
// harmless word rather than show a secret.
//
// Everything is scanned by hand: compiling the regular expressions for this would take
// more of a short command's time than reading all processes does.
package redact

import "strings"

// Mask stands where a secret was.
const Mask = "***"

// Args returns the arguments of one process with their secrets replaced by Mask. Their
// number stays the same; one of more than MaxArg bytes is cut. Where nothing is secret it returns args itself and allocates
// nothing; otherwise args stays untouched and a copy is returned. Redacting twice changes
// nothing more.
func Args(args []string) []string {
	out := cut(args)
	for range passes {
		clean, changed := once(out)
		if !changed {
			break
		}
		out = clean
	}
	return out
}

// MaxArg bounds an argument in bytes: some of the rules take time that grows with the
// square of its length, and what is shown of a command line is far shorter.
const MaxArg = 16 << 10

// cut shortens arguments that are too long; they end with "…" then.
func cut(args []string) []string {
	for i, arg := range args {
		if len(arg) <= MaxArg {
			continue
		}
		out := append([]string(nil), args...)
		for j := i; j < len(out); j++ {
			if len(out[j]) > MaxArg {
				out[j] = strings.ToValidUTF8(out[j][:MaxArg-len("…")], "") + "…"
			}
		}
		return out
	}
	return args
}

// passes bounds how often a command line is gone over. A mask can change where a value
// next to it ends, as it holds no blank and no quote; nearly always one pass does all and
// the second finds nothing.
const passes = 8

// once goes over a command line once.
func once(args []string) (out []string, changed bool) {
	out = args
	line := line{title: len(args) == 1}
	for i, arg := range args {
		clean := line.redact(arg)
		if clean == arg {
			continue
		}
		if !changed {
			out, changed = append([]string(nil), args...), true
		}
		out[i] = clean
	}
	return out, changed
}

// line is what is known at one point of a command line.
type line struct {
	// program is the last word so far that names a program with options of its own.
	program program
	// next says what the argument at hand is because of the one before it.
	next expectation
	// title says that there is one argument: a title that a server wrote over its
	// arguments, a command line of its own.
	title bool
	// set says that the argument before was the word set, as in config set KEY VALUE.
	set bool
	// command is the one that the argument belongs to.
	command command
	// depth counts the command lines around this one.
	depth uint8
}

// expectation is what an option makes of the argument after it.
type expectation uint8

const (
	nothing expectation = iota
	secret              // all of it
	auth                // all of it unless it is the name of a method
	digits              // all of it unless it is one digit
	maybe               // all of it if it looks random
	pair                // what follows the user and a colon
	percent             // what follows the user and a percent sign
	user                // the same as pair where it is no port and no group
	bare                // all of it unless it looks like an option or a path
	cookie              // all of it unless it is the name of a file
	script              // a command line for a shell
)

// redact cleans one argument.
func (l *line) redact(arg string) string {
	expected, set := l.next, l.set
	l.next, l.set = nothing, arg == "set"
	programs := l.command.meets(arg)
	switch expected {
	case pair:
		return hidePair(arg, ':')
	case percent:
		return hidePair(arg, '%')
	case script:
		return l.text(arg)
	case user:
		if clean := account(arg, l.command.kind == owner); clean != arg {
			return clean
		}
	case nothing:
	default:
		switch {
		case isOption(arg): // the option before it had no value
		case between(arg): // password = x
			l.next = expected
			return arg
		case authScheme(arg):
			l.next = secret // Authorization: Bearer x as three arguments
			return arg
		case arg != "" && expected.hides(arg):
			return Mask
		}
	}
	if clean, next, known := l.program.option(arg); known {
		l.next = next
		return clean
	}
	if set && isName(arg) {
		l.next = judge(arg)
		return arg
	}
	if len(arg) > 1 && arg[0] == '-' && l.command.kind != reader {
		option, value, ok := strings.Cut(arg, "=")
		switch {
		case !userOption(option):
		case !ok:
			l.next = user
			return arg
		default:
			if clean := account(value, l.command.kind == owner); clean != value {
				return arg[:len(option)+1] + clean
			}
		}
	}
	if l.next = l.keyBefore(arg); l.next != nothing && isName(strings.TrimRight(arg, ":=")) {
		return arg
	}
	if !programs && l.command.kind != reader {
		l.next = max(l.next, announced(arg))
	}
	l.remember(arg)
	if strings.Contains(arg, " ") && (l.title || strings.Contains(arg, " -")) && !beginsWithKey(arg) {
		return l.text(arg)
	}
	return shapes(urls(pairs(arg)))
}

// hides reports whether a value that stands where a secret is expected is one.
func (e expectation) hides(value string) bool {
	switch e {
	case auth:
		return !authMethod(value)
	case digits:
		return len(value) > 1 || !digit(value[0])
	case maybe:
		return random(value)
	case bare:
		return follows(value)
	case cookie:
		return strings.IndexByte(value, '=') > 0
	}
	return e == secret
}

// keyBefore says what an argument that ends with a key makes of the one after it: --token,
// X-Api-Key: and the few commands of servers that take a secret.
func (l *line) keyBefore(arg string) expectation {
	switch arg {
	case "requirepass", "masterauth", "authtoken", "add-authtoken":
		return secret
	}
	if len(arg) < 2 {
		return nothing
	}
	if last := arg[len(arg)-1]; last == ':' || last == '=' && l.depth > 0 {
		// Also {"token": in a text, whose value is the next word.
		name := strings.TrimRight(arg[:len(arg)-1], "\"'\\")
		start := len(name)
		for start > 0 && nameByte(name[start-1]) {
			start--
		}
		return judgeKey(name[start:])
	}
	if arg[0] == '-' {
		if isName(arg) {
			return judgeKey(arg)
		}
		return nothing
	}
	if endsWithScheme(arg) {
		return secret
	}
	return nothing
}

// remember takes note of programs whose options mean something of their own. They can
// stand behind others: sudo, env, nohup, docker exec.
func (l *line) remember(arg string) {
	switch p := programOf(lastPart(strings.TrimLeft(arg, "({$`"))); {
	case p != none:
		l.program = p
	case l.program == registry && arg == "login":
		l.program = login
	}
}

// maxDepth bounds command lines within command lines, like sh -c "sh -c '…'".
const maxDepth = 4

// text cleans a command line that is one text: its words, which blanks separate and
// quotes hold together, are the arguments of a line of their own.
func (l *line) text(text string) string {
	if l.depth >= maxDepth {
		return Mask
	}
	inner := line{depth: l.depth + 1}
	for i := 0; i < len(text); {
		if blank(text[i]) {
			i++
			continue
		}
		end := wordEnd(text, i)
		from, to := i, end
		if q := text[i]; (q == '"' || q == '\'') && end-i > 1 && text[end-1] == q {
			from, to = i+1, end-1 // quoted as a whole
		}
		word := text[from:to]
		if clean := inner.redact(word); clean != word {
			text = text[:from] + clean + text[to:]
			end += len(clean) - len(word)
		}
		i = end
	}
	return text
}

// wordEnd finds the end of the word that begins at i. A quote that is never closed is an
// apostrophe.
func wordEnd(text string, i int) int {
	for i < len(text) && !blank(text[i]) {
		if c := text[i]; c == '"' || c == '\'' {
			if shut := strings.IndexByte(text[i+1:], c); shut >= 0 {
				i += shut + 2
				continue
			}
		}
		i++
	}
	return i
}

// hidePair masks what stands behind the first separator.
func hidePair(value string, separator byte) string {
	i := strings.IndexByte(value, separator)
	if i < 0 || i+1 == len(value) {
		return shapes(urls(value))
	}
	return replace(value, i+1, len(value))
}

// replace puts the mask in place of text[from:to].
func replace(text string, from, to int) string {
	if text[from:to] == Mask {
		return text
	}
	return text[:from] + Mask + text[to:]
}

// isOption reports whether an argument where a secret is expected is the next option
// instead. Secrets can begin with a dash too; what looks like "--some-name" or is a
// single letter is taken for an option.
func isOption(arg string) bool {
	if len(arg) == 2 && arg[0] == '-' {
		return true
	}
	if len(arg) < 4 || arg[:2] != "--" {
		return false
	}
	name, _, _ := strings.Cut(arg[2:], "=")
	for i := range len(name) {
		if c := name[i]; (c < 'a' || c > 'z') && c != '-' && c != '.' && c != '_' {
			return false
		}
	}
	return name != ""
}

// lastPart is a path's last part.
func lastPart(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }

// isName reports whether s could be the name of an option or variable.
func isName(s string) bool {
	for i := range len(s) {
		if !nameByte(s[i]) {
			return false
		}
	}
	return s != ""
}

func nameByte(c byte) bool { return alphanumeric(c) || c == '_' || c == '-' || c == '.' }

func alphanumeric(c byte) bool { return letter(c) || digit(c) }

func letter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

func digit(c byte) bool { return c-'0' <= 9 }

func blank(c byte) bool { return c == ' ' || c == '\t' || c == '\n' }
