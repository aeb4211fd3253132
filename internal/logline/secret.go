package logline

import (
	"strings"

	"github.com/zol0/zol0/internal/redact"
)

// withoutSecret takes secrets out of a text. Package redact reads every word as one of a
// command line, which takes ten times as long as all the rest here, so only a text that
// suspicious does not clear goes there.
func withoutSecret(text string) string {
	if !suspicious(text) {
		return text
	}
	const pem = "-----BEGIN "
	if i := strings.Index(text, pem); i >= 0 && strings.Contains(text[i:], "PRIVATE KEY") {
		text = text[:i] + redact.Mask // its blanks would make words of it
	}
	return redact.Args([]string{text})[0]
}

// withoutSecrets takes secrets out of a piece of JSON. As the second argument it is not
// split at its blanks, so a value in quotes goes as a whole.
func withoutSecrets(b []byte) []byte {
	b = bound(b)
	text := string(b)
	if !suspicious(text) {
		return b
	}
	return []byte(redact.Args([]string{"", text})[1])
}

// seconds says which characters can follow one where something begins that package redact
// masks: one bit for each, of its lowest five bits. A test holds both together.
var seconds = func() (out [256]uint32) {
	for _, pair := range [...]struct {
		first   byte
		seconds string
	}{
		{'p', "aswhym"}, {'s', "eigkh"}, {'a', "uksi"}, {'b', "e"}, {'c', "ro"}, {'d', "co"}, {'e', "y"}, {'g', "hil"},
		{'h', "vfo"}, {'i', "d"}, {'j', "wd"}, {'k', "e"}, {'l', "i"}, {'m', "n"}, {'n', "p"}, {'o', "t"}, {'r', "dk"},
		{'t', "o"}, {'w', "h"}, {'x', "oa"}, {'y', "a"},
	} {
		for _, c := range pair.seconds {
			out[pair.first] |= 1 << (c & 31)
		}
		out[pair.first&^0x20] = out[pair.first]
	}
	const all = 1<<32 - 1
	out['@'], out['-'], out[':'], out['.'], out[0xe2] = all, all, all, all, 1<<(0x80&31)
	return out
}()

// suspicious reports whether package redact could find a secret in a text.
func suspicious(s string) bool {
	for i := 0; i+1 < len(s); i++ {
		if seconds[s[i]]&(1<<(s[i+1]&31)) != 0 && triggers(s, i) {
			return true
		}
	}
	return strings.HasSuffix(s, "@")
}

// triggers reports whether something that a secret has about it begins at i.
func triggers(s string, i int) bool {
	switch t := s[i:]; s[i] | 0x20 {
	case '@' | 0x20:
		return true // user and password in front of a host
	case '-' | 0x20: // an option, a key in PEM
		return (letter(t[1]) || t[1] == '-' && len(t) > 2 && letter(t[2])) && (i == 0 || !letter(s[i-1]) && !digit(s[i-1]))
	case ':' | 0x20: // a bot's token of Telegram
		return i >= 6 && digits(s[i-6:i]) && (letter(t[1]) || digit(t[1]) || t[1] == '_' || t[1] == '-')
	case '.' | 0x20: // one of Discord
		return i >= 23 && wordy(s[i-23:i])
	case 0xe2:
		return strings.HasPrefix(t, "…") // cut short, perhaps in a secret
	case 'p':
		return wordAt(t, "pass", "wpcio") || wordAt(t, "pw", "d") || wordAt(t, "psk", "") || wordAt(t, "pswd", "") || anyAt(t, "phrase", "pypi-", "pmak-")
	case 's':
		return wordAt(t, "sig", "") || anyAt(t, "secret", "signature", "sg.", "sk-", "sk_", "shpat_", "shpss_")
	case 'a':
		return wordAt(t, "auth", "") || anyAt(t, "authorization", "akia", "asia", "aiza")
	case 'b':
		return anyAt(t, "bearer")
	case 'c':
		return wordAt(t, "cred", "") || anyAt(t, "credential", "cookie")
	case 'd':
		return anyAt(t, "dckr_", "dop_")
	case 'e':
		return strings.HasPrefix(t, "eyJ")
	case 'g':
		return anyAt(t, "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_", "glpat-", "gldt-", "glrt-", "glsa_")
	case 'h':
		return anyAt(t, "hvs.", "hvb.", "hf_", "hook")
	case 'i':
		return anyAt(t, "identified")
	case 'j':
		return anyAt(t, "jwt", "jdbc:")
	case 'k':
		return wordAt(t, "key", "")
	case 'l':
		return anyAt(t, "lin_api_")
	case 'm':
		return anyAt(t, "mnemonic")
	case 'n':
		return anyAt(t, "npm_")
	case 'o':
		return wordAt(t, "otp", "")
	case 'r':
		return anyAt(t, "rdp", "rk_")
	case 't':
		return wordAt(t, "token", "")
	case 'w':
		return anyAt(t, "whsec_", "webhook")
	case 'x':
		return anyAt(t, "xox", "xapp-")
	case 'y':
		return anyAt(t, "ya29.")
	}
	return false
}

// wordAt reports whether s begins with a word, in any case, that ends there or goes on with an
// s or one of more: "key" and "keys", but not "keyboard".
func wordAt(s, lower, more string) bool {
	if !anyAt(s, lower) {
		return false
	}
	if len(s) == len(lower) {
		return true
	}
	c := s[len(lower)]
	return c < 'a' || c > 'z' || c == 's' || strings.IndexByte(more, c) >= 0
}

// anyAt reports whether s begins with one of some words, in any case.
func anyAt(s string, lower ...string) bool {
	for _, word := range lower {
		if len(s) < len(word) {
			continue
		}
		i := 0
		for i < len(word) && (s[i] == word[i] || letter(word[i]) && s[i]|0x20 == word[i]) {
			i++
		}
		if i == len(word) {
			return true
		}
	}
	return false
}

func digits(s string) bool {
	for i := range len(s) {
		if !digit(s[i]) {
			return false
		}
	}
	return true
}

func wordy(s string) bool {
	for i := len(s) - 1; i >= 0; i-- { // a dot stands behind most names, not far from a blank
		if c := s[i]; !letter(c) && !digit(c) && c != '_' && c != '-' {
			return false
		}
	}
	return true
}
