package access

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// Bounds of a file of tokens.
const (
	// MaxTokens is more people and programs than look at one machine; every one of them is
	// compared with every token that comes.
	MaxTokens = 64
	// MaxFileBytes holds them with a line of comment each.
	MaxFileBytes = 32 << 10
	// MaxSecretBytes is how long a token that is sent may be: five times what ours are.
	MaxSecretBytes = 256
	// secretBytes is more than anybody ever tries out.
	secretBytes = 32
	// prefix lets scanners of repositories and logs recognise a token of ours.
	prefix = "zol0_"
)

// Digest is the SHA-256 of a token.
type Digest [sha256.Size]byte

// DigestOf makes it.
func DigestOf(secret string) Digest { return sha256.Sum256([]byte(secret)) }

// Token is one line of a file.
type Token struct {
	Name   string
	Role   Role
	Digest Digest
}

// line is a token as the file has it.
func (t *Token) line() string {
	return t.Name + " " + t.Role.String() + " sha256:" + hex.EncodeToString(t.Digest[:]) + "\n"
}

// NewSecret makes a token. It is shown once, to whoever is to use it, and kept nowhere.
func NewSecret() string {
	var b [secretBytes]byte
	_, _ = rand.Read(b[:]) // it never fails: crypto/rand ends the program instead
	return prefix + base64.RawURLEncoding.EncodeToString(b[:])
}

// name is what a token may be called: it stands in files, logs and on the page.
var name = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$`)

// CheckName says what is wrong with the name of a token.
func CheckName(text string) error {
	if !name.MatchString(text) {
		return fmt.Errorf("%.40q is no name for a token: use 1 to 64 letters, digits and . _ @ -", text)
	}
	return nil
}

// Parse reads a file of tokens: NAME ROLE sha256:HEX on each line, and empty lines and
// comments that begin with #. Its errors name the line and never what stands in the place of
// a digest: it may be a token that somebody wrote there by mistake.
func Parse(text []byte) ([]Token, error) {
	if len(text) > MaxFileBytes {
		return nil, fmt.Errorf("it is larger than %d bytes", MaxFileBytes)
	}
	var all []Token
	number := 0
	for raw := range bytes.Lines(text) {
		number++
		line := strings.TrimSpace(string(raw))
		if line == "" || line[0] == '#' {
			continue
		}
		t, err := parseLine(line)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", number, err)
		}
		for i := range all {
			if all[i].Name == t.Name {
				return nil, fmt.Errorf("line %d: there is another token of the name %q", number, t.Name)
			}
			if all[i].Digest == t.Digest {
				return nil, fmt.Errorf("line %d: %q has the same digest as %q", number, t.Name, all[i].Name)
			}
		}
		if all = append(all, t); len(all) > MaxTokens {
			return nil, fmt.Errorf("line %d: there are more than %d tokens", number, MaxTokens)
		}
	}
	return all, nil
}

const digestPrefix = "sha256:"

func parseLine(line string) (Token, error) {
	fields := strings.Fields(line)
	if len(fields) != 3 {
		return Token{}, fmt.Errorf("it has %d words; a token is NAME ROLE sha256:HEX", len(fields))
	}
	if err := CheckName(fields[0]); err != nil {
		return Token{}, err
	}
	role, err := ParseRole(fields[1])
	if err != nil {
		return Token{}, err
	}
	t := Token{Name: fields[0], Role: role}
	digits, found := strings.CutPrefix(fields[2], digestPrefix)
	if !found || len(digits) != hex.EncodedLen(len(t.Digest)) {
		return Token{}, errors.New("its third word is no digest: sha256: and 64 digits in base 16")
	}
	if _, err := hex.Decode(t.Digest[:], []byte(digits)); err != nil {
		return Token{}, errors.New("its third word is no digest: sha256: and 64 digits in base 16")
	}
	return t, nil
}

// match finds the token of a secret. How long it takes tells neither whether one fits nor
// which: digests are compared, all of them and each to its end.
func match(all []Token, d *Digest) (Token, bool) {
	found := -1
	for i := range all {
		same := subtle.ConstantTimeCompare(all[i].Digest[:], d[:])
		found = subtle.ConstantTimeSelect(same, i, found)
	}
	if found < 0 {
		return Token{}, false
	}
	return all[found], true
}
