package top

import (
	"errors"
	"regexp"
	"regexp/syntax"
	"strings"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"
)

// filter is the expression that a service's name or kind must fit, in any case.
type filter struct {
	editing bool
	text    string
	pattern *regexp.Regexp // the last valid one; nil lets every service through
	mistake string         // what is wrong with text; empty where nothing is
}

// maxFilter bounds what is typed or pasted.
const maxFilter = 200

func newFilter(pattern *regexp.Regexp) filter {
	if pattern == nil {
		return filter{}
	}
	text := strings.TrimPrefix(pattern.String(), ignoreCase)
	if text == "" {
		return filter{}
	}
	return filter{text: text, pattern: pattern}
}

// ignoreCase stands before every expression.
const ignoreCase = "(?i)"

// set takes a new text. While it is no expression the one before holds.
func (f *filter) set(text string) {
	f.text, f.mistake = text, ""
	if text == "" {
		f.pattern = nil
		return
	}
	pattern, err := regexp.Compile(ignoreCase + text)
	if err != nil {
		f.mistake = mistakeOf(err)
		return
	}
	f.pattern = pattern
}

// mistakeOf leaves out what the person sees in front of them.
func mistakeOf(err error) string {
	var wrong *syntax.Error
	if errors.As(err, &wrong) {
		return wrong.Code.String()
	}
	return err.Error()
}

// fits reports whether a service is let through.
func (f *filter) fits(s *service) bool {
	return f.pattern == nil || f.pattern.MatchString(s.name) || s.kind != "" && f.pattern.MatchString(s.kind)
}

// press handles a key while the text is being edited.
func (f *filter) press(k tea.KeyPressMsg) {
	switch k.String() {
	case "esc", "ctrl+c":
		f.editing = false
		f.set("")
	case "enter", "up", "down", "tab":
		f.editing = false
		if f.mistake != "" { // back to the one that holds
			f.text, f.mistake = "", ""
			if f.pattern != nil {
				f.text = strings.TrimPrefix(f.pattern.String(), ignoreCase)
			}
		}
	case "backspace", "ctrl+h":
		_, size := utf8.DecodeLastRuneInString(f.text)
		f.set(f.text[:len(f.text)-size])
	case "ctrl+w":
		f.set(f.text[:strings.LastIndexByte(strings.TrimRight(f.text, " "), ' ')+1])
	case "ctrl+u":
		f.set("")
	default:
		f.insert(k.Text)
	}
}

// insert adds typed or pasted text, of which only one line is taken.
func (f *filter) insert(text string) {
	text, _, _ = strings.Cut(text, "\n")
	text = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == utf8.RuneError {
			return -1
		}
		return r
	}, text)
	if text != "" && len(f.text)+len(text) <= maxFilter {
		f.set(f.text + text)
	}
}
