package redact

import "strings"

// userOption reports whether an option takes a user, and with many programs the password
// behind a colon.
func userOption(name string) bool {
	switch name {
	case "-u", "--user", "--username", "--login", "--proxy-user":
		return true
	}
	return false
}

// account masks the password of user:password. A port (host:80), a group (1000:1000) and an
// address (http://h) stay; with programs that take a group there, a name that can be one
// stays too.
func account(value string, groups bool) string {
	i := strings.IndexByte(value, ':')
	if i <= 0 || i+1 == len(value) {
		return value
	}
	for j := range i {
		if c := value[j]; !nameByte(c) && c != '@' && c != '\\' && c != '+' && c < 0x80 {
			return value // no name: $(id -u):$(id -g)
		}
	}
	rest := value[i+1:]
	switch {
	case rest[0] == '/' || rest[0] == '\\' || rest[0] == ':' || rest == Mask:
		return value
	case number(value[:i]) && number(rest):
		return value
	case port(rest[:until(rest, 0, "/")]):
		return value
	case groups && group(rest):
		return value
	}
	return replace(value, i+1, len(value))
}

func number(s string) bool {
	for i := range len(s) {
		if !digit(s[i]) {
			return false
		}
	}
	return s != ""
}

func port(s string) bool { return len(s) <= len("65535") && number(s) }

// group reports whether s can be the name of a group: useradd(8) takes lower-case letters,
// digits, dashes and underscores, and a number is one too.
func group(s string) bool {
	if s[0] == '$' {
		return true
	}
	for i := range len(s) {
		if c := s[i]; !digit(c) && (c < 'a' || c > 'z') && c != '_' && c != '-' {
			return false
		}
	}
	return len(s) <= 32 && !random(s)
}
