package top

import "charm.land/bubbles/v2/key"

// keys are the bindings with their words for the help.
type keys struct {
	up, down, pageUp, pageDown, home, end key.Binding
	toggle, open, shut                    key.Binding
	next, previous, reverse               key.Binding
	filter, all, pause, slower, faster    key.Binding
	help, suspend, quit                   key.Binding
}

// Space opens a service, as it does in file managers; p alone pauses.
func newKeys() keys {
	bind := func(help, word string, names ...string) key.Binding {
		return key.NewBinding(key.WithKeys(names...), key.WithHelp(help, word))
	}
	return keys{
		up:       bind("↑ k", "one line up", "up", "k"),
		down:     bind("↓ j", "one line down", "down", "j"),
		pageUp:   bind("PgUp", "one screen up", "pgup", "ctrl+b"),
		pageDown: bind("PgDn", "one screen down", "pgdown", "ctrl+f"),
		home:     bind("Home g", "first line; the cursor stays on top then", "home", "g"),
		end:      bind("End G", "last line", "end", "G"),
		toggle:   bind("Enter Space", "open a service to its processes, close it", "enter", "space"),
		open:     bind("→ l", "open", "right", "l"),
		shut:     bind("← h", "close", "left", "h"),
		next:     bind("s", "sort by the next key", "s"),
		previous: bind("S", "sort by the previous key", "S"),
		reverse:  bind("r", "reverse the order", "r"),
		filter:   bind("/", "show what fits a regular expression; Esc clears it", "/"),
		all:      bind("a", "all services, or those that a rule watches", "a"),
		pause:    bind("p", "pause reading, and go on", "p"),
		slower:   bind("+", "read less often", "+", "="),
		faster:   bind("-", "read more often", "-"),
		help:     bind("?", "this help", "?"),
		suspend:  bind("Ctrl-Z", "back to the shell; fg returns", "ctrl+z"),
		quit:     bind("q Ctrl-C", "quit", "q", "ctrl+c"),
	}
}

// listed are the bindings in the order of the help.
func (k *keys) listed() []key.Binding {
	return []key.Binding{
		k.up, k.down, k.pageUp, k.pageDown, k.home, k.end, k.toggle, k.open, k.shut,
		k.next, k.previous, k.reverse, k.filter, k.all, k.pause, k.slower, k.faster, k.help, k.suspend, k.quit,
	}
}
