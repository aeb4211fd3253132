package redact

import "strings"

// shape is how the keys of one issuer look: a prefix, then at least least characters of
// an alphabet.
type shape struct {
	prefix   string
	least    int
	alphabet alphabet
}

type alphabet uint8

const (
	capitals alphabet = iota // A–Z 0–9
	alnum                    // A–Z a–z 0–9
	wordy                    // the same with _ and -
	dotted                   // the same with .
)

func (a alphabet) has(c byte) bool {
	switch {
	case digit(c) || c >= 'A' && c <= 'Z':
		return true
	case a == capitals:
		return false
	case letter(c):
		return true
	case c == '_' || c == '-':
		return a >= wordy
	}
	return c == '.' && a == dotted
}

// shapes masks keys of well-known issuers wherever they stand.
func shapes(arg string) string {
	for i := 0; i < len(arg); i++ {
		if i > 0 && alphanumeric(arg[i-1]) {
			if !digit(arg[i]) || digit(arg[i-1]) {
				continue // inside a word
			}
			// A bot's token follows the word bot in the addresses of Telegram.
			if n := botToken(arg[i:]); n > 0 {
				arg, i = mask(arg, i, i+n)
			}
			continue
		}
		if n := shapeAt(arg[i:]); n > 0 {
			arg, i = mask(arg, i, i+n)
		}
	}
	return arg
}

// shapeAt is the length of the key with which s begins; 0 where it begins with none.
func shapeAt(s string) int {
	switch c := s[0]; {
	case digit(c):
		return botToken(s)
	case c == '-':
		if strings.HasPrefix(s, "-----BEGIN ") && strings.Contains(s, "PRIVATE KEY") {
			return len(s)
		}
		return 0
	case c == 'e':
		if n := webToken(s); n > 0 {
			return n
		}
	case c == 'M' || c == 'N' || c == 'O':
		return discordToken(s)
	case strings.IndexByte("AydghlnprswxSP", c) < 0:
		return 0
	}
	for _, known := range [...]shape{
		{"AKIA", 16, capitals}, {"ASIA", 16, capitals}, // Amazon
		{"AIza", 30, wordy}, {"ya29.", 20, wordy}, // Google
		{"AGE-SECRET-KEY-1", 20, capitals},
		{"ghp_", 20, alnum}, {"gho_", 20, alnum}, {"ghu_", 20, alnum}, {"ghs_", 20, alnum}, {"ghr_", 20, alnum}, {"github_pat_", 20, wordy},
		{"glpat-", 16, wordy}, {"gldt-", 16, wordy}, {"glrt-", 16, wordy}, // GitLab
		{"xoxb-", 10, wordy}, {"xoxp-", 10, wordy}, {"xoxa-", 10, wordy}, {"xoxr-", 10, wordy}, {"xoxs-", 10, wordy}, {"xoxe-", 10, wordy}, {"xapp-1-", 10, wordy}, // Slack
		{"sk_live_", 10, alnum}, {"sk_test_", 10, alnum}, {"rk_live_", 10, alnum}, {"rk_test_", 10, alnum}, {"whsec_", 16, alnum}, // Stripe
		{"sk-ant-", 16, wordy}, {"sk-proj-", 16, wordy}, {"sk-", 32, wordy}, // Anthropic, OpenAI
		{"npm_", 30, alnum}, {"pypi-", 40, wordy}, {"hf_", 24, alnum}, {"dckr_pat_", 16, wordy}, {"dop_v1_", 32, alnum},
		{"hvs.", 20, wordy}, {"hvb.", 20, wordy}, // Vault
		{"SG.", 40, dotted}, // SendGrid
		{"shpat_", 20, alnum}, {"shpss_", 20, alnum}, {"glsa_", 20, wordy}, {"lin_api_", 20, alnum}, {"PMAK-", 20, wordy},
	} {
		if known.prefix[0] == s[0] && strings.HasPrefix(s, known.prefix) {
			if n := run(s, len(known.prefix), known.alphabet); n-len(known.prefix) >= known.least {
				return n
			} else if len(known.prefix) > 3 && cutAt(s, len(known.prefix), n) {
				return n
			}
		}
	}
	return 0
}

// cutAt reports whether s was cut short at end, within what looks like a key that begins at
// start.
func cutAt(s string, start, end int) bool {
	if s[end:] != "…" || end-start < 4 {
		return false
	}
	for i := start; i < end; i++ {
		if digit(s[i]) {
			return true
		}
	}
	return false
}

// run is where the characters of an alphabet that begin at i end.
func run(s string, i int, a alphabet) int {
	for i < len(s) && a.has(s[i]) {
		i++
	}
	return i
}

// webToken recognises a JSON web token (RFC 7519): three parts in base64url of which the
// first is an object, {"…, and the last may be missing. A text may have been cut short.
func webToken(s string) int {
	if !strings.HasPrefix(s, "eyJ") {
		return 0
	}
	n := run(s, 0, dotted)
	if head := run(s, 0, wordy); head >= 11 && n > head+4 || n >= 40 || n >= 8 && s[n:] == "…" {
		return n
	}
	return 0
}

// botToken recognises a bot's token of Telegram: a number, a colon, 35 characters.
func botToken(s string) int {
	n := 0
	for n < len(s) && digit(s[n]) {
		n++
	}
	if n < 6 || n > 12 || n >= len(s) || s[n] != ':' {
		return 0
	}
	end := run(s, n+1, wordy)
	if end-n-1 >= 30 || strings.HasPrefix(s[n+1:], "AA") && s[end:] == "…" {
		return end
	}
	return 0
}

// discordToken recognises a bot's token of Discord: three parts of 23 to 28, 6 or 7, and
// 27 or more characters.
func discordToken(s string) int {
	a := run(s, 0, wordy)
	if a < 23 || a > 28 || a >= len(s) || s[a] != '.' {
		return 0
	}
	b := run(s, a+1, wordy)
	if n := b - a - 1; n < 6 || n > 7 || b >= len(s) || s[b] != '.' {
		return 0
	}
	if c := run(s, b+1, wordy); c-b-1 >= 27 {
		return c
	}
	return 0
}
