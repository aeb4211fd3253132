package redact

import "strings"

// kind is a family of programs for which a word means something else than for others.
type kind uint8

const (
	ordinary kind = iota
	reader        // its words are patterns and files: grep password file
	owner         // its users come with groups: docker run -u app:staff
)

func kindOf(name string) kind {
	switch name {
	case "grep", "egrep", "fgrep", "zgrep", "rg", "ag", "ack", "git", "find", "fd", "locate", "pgrep", "pkill", "pidof", "which", "whereis", "type",
		"less", "more", "most", "cat", "zcat", "bat", "tac", "head", "tail", "vi", "vim", "nvim", "view", "nano", "emacs", "ed", "sed", "awk", "gawk",
		"cut", "sort", "uniq", "wc", "diff", "cmp", "cp", "mv", "ln", "ls", "rm", "mkdir", "touch", "chmod", "stat", "file", "tar", "rsync",
		"man", "getent", "journalctl", "socat", "zol0":
		return reader
	case "docker", "docker-compose", "podman", "podman-compose", "nerdctl", "buildah", "runc", "crun", "ctr", "lxc", "chown", "chgrp", "install",
		"setpriv", "systemd-run", "start-stop-daemon", "gosu", "su-exec", "chroot", "unshare", "uwsgi", "spawn-fcgi":
		return owner
	}
	return ordinary
}

// command follows where in a command a word stands. A program is known by its kind only
// where a program can stand: a network may be called cat.
type command struct {
	kind kind
	// running says that the program's name has come.
	running bool
}

// meets takes note of a word and reports whether it is the program of its command.
func (c *command) meets(word string) bool {
	switch {
	case operator(word):
		*c = command{}
		return false
	case c.running:
		if strings.HasSuffix(word, ";") {
			*c = command{}
		}
		return false
	case word == "" || word[0] == '-' || digit(word[0]) || strings.IndexByte(word, '=') > 0 || wraps(lastPart(word)):
		return false // sudo, -E, 10s, LANG=C
	}
	*c = command{kind: kindOf(lastPart(word)), running: true}
	return true
}

// operator reports whether a word ends one command of a shell, so that another can begin.
func operator(word string) bool {
	switch word {
	case "|", "||", "&", "&&", ";", ";;", "|&", "(", ")", "{", "}", "then", "do", "else", "done", "fi":
		return true
	}
	return false
}

// wraps reports whether a program runs the one behind it.
func wraps(name string) bool {
	switch name {
	case "sudo", "doas", "env", "nohup", "exec", "time", "nice", "ionice", "command", "xargs", "timeout", "stdbuf", "setsid", "busybox", "if", "!":
		return true
	}
	return false
}

// announced says what the word after a bare one is: the secret in "nmcli … password x". What
// follows token and secret is a verb more often (vault token lookup, kubectl get secret x),
// so it has to look drawn by chance.
func announced(word string) expectation {
	n := len(word)
	if n < len("psk") || word[0] == '-' {
		return nothing
	}
	switch word[n-1] | 0x20 {
	case 'd', 'e', 'k', 'n', 't':
	default:
		return nothing // the end of none of the words below
	}
	name := word[strings.LastIndexByte(word, '.')+1:] // wifi-sec.psk
	for _, known := range [...]string{"password", "passwd", "passphrase", "psk"} {
		if equalFold(name, known) {
			return bare
		}
	}
	if equalFold(word, "token") || equalFold(word, "secret") {
		return maybe
	}
	if i := strings.IndexAny(word, "-_"); i > 0 && isName(word) && (word[:i] == "set" || word[:i] == "reset" || word[:i] == "change") {
		if last := word[strings.LastIndexAny(word, "-_")+1:]; last == "password" || last == "passwd" {
			return bare // neo4j-admin set-initial-password x
		}
	}
	return nothing
}

// follows reports whether a word can be the secret that a bare word announced: no option, no
// path, nothing of a shell's.
func follows(word string) bool {
	switch word[0] {
	case '-', '/', '~', '<', '>', ')', '}', ']':
		return false
	case '.':
		return !strings.HasPrefix(word, "./") && !strings.HasPrefix(word, "../")
	}
	return !operator(word) && !strings.HasPrefix(word, "2>")
}

// between reports whether a word only joins a key and its value.
func between(word string) bool { return word == "=" || word == ":" || word == ":=" }
