package access

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sync/atomic"
)

// Error is why a file of tokens cannot be used.
type Error struct {
	Path string
	Err  error
	Hint string // the next step
}

func (e *Error) Error() string {
	cause := e.Err
	var path *fs.PathError
	if errors.As(cause, &path) { // it names the file a second time
		cause = path.Err
	}
	return fmt.Sprintf("cannot use the tokens in %s: %v", e.Path, cause)
}

// Unwrap is the cause.
func (e *Error) Unwrap() error { return e.Err }

// Book is the file of tokens as it was read last. It is safe for concurrent use.
type Book struct {
	path string
	all  atomic.Pointer[[]Token]
}

// Open reads a file of tokens. A file that others can read is refused with an *Error, as is
// one with a mistake: half of the tokens would be worse than none.
func Open(path string) (*Book, error) {
	b := &Book{path: path}
	return b, b.Reload()
}

// Reload reads the file again. After an error what was read before holds.
func (b *Book) Reload() error {
	all, err := read(b.path)
	if err != nil {
		return err
	}
	b.all.Store(&all)
	return nil
}

// Match finds the token that a secret is.
func (b *Book) Match(secret string) (Token, bool) {
	if len(secret) > MaxSecretBytes {
		return Token{}, false
	}
	d := DigestOf(secret)
	return match(b.tokens(), &d)
}

// Of finds the token of a digest that Match returned: as long as it is there, who showed it
// is who they were.
func (b *Book) Of(d Digest) (Token, bool) { return match(b.tokens(), &d) }

// Tokens are all of them in the order of the file. They must not be changed.
func (b *Book) Tokens() []Token { return b.tokens() }

// Path is where the file is.
func (b *Book) Path() string { return b.path }

func (b *Book) tokens() []Token {
	if all := b.all.Load(); all != nil {
		return *all
	}
	return nil
}

// read reads and checks a file.
func read(path string) ([]Token, error) {
	f, err := os.Open(path)
	if err != nil {
		hint := "make the first token with: zol0 token new NAME --role viewer --file " + path
		if !errors.Is(err, fs.ErrNotExist) {
			hint = "make the file readable for the user that runs the daemon, and for nobody else"
		}
		return nil, &Error{path, err, hint}
	}
	defer f.Close() //nolint:errcheck // only read
	if err := private(f); err != nil {
		return nil, &Error{path, err, "chmod 600 " + path}
	}
	text, err := io.ReadAll(io.LimitReader(f, MaxFileBytes+1))
	if err != nil {
		return nil, &Error{path, err, "it is a file of lines NAME ROLE sha256:HEX; see docs/security.md"}
	}
	all, err := Parse(text)
	if err != nil {
		return nil, &Error{path, err, "each line is NAME ROLE sha256:HEX, as zol0 token new writes it"}
	}
	return all, nil
}

// private refuses a file that others can read or write. Digests cannot be turned back, but
// who can write the file makes tokens of their own. On Windows the access list of the
// directory decides, which these bits do not show.
func private(f *os.File) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return errors.New("it is no regular file")
	}
	if open := info.Mode().Perm() & 0o077; runtime.GOOS != "windows" && open != 0 {
		return fmt.Errorf("others than its owner can reach it (mode %04o)", info.Mode().Perm())
	}
	return nil
}

// Add makes a token and appends its line to a file, which it makes when there is none, and
// returns the secret.
func Add(path, name string, role Role) (string, error) {
	if err := CheckName(name); err != nil {
		return "", &Error{path, err, "name who is to use it, such as grafana or anna"}
	}
	all, err := read(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	for i := range all {
		if all[i].Name == name {
			return "", &Error{path, fmt.Errorf("there is a token of the name %q", name), "choose another name, or revoke it first with: zol0 token revoke " + name}
		}
	}
	if len(all) >= MaxTokens {
		return "", &Error{path, fmt.Errorf("there are %d tokens, which is all that it takes", MaxTokens), "revoke those that nobody uses with: zol0 token revoke NAME"}
	}
	secret := NewSecret()
	t := Token{name, role, DigestOf(secret)}
	return secret, edit(path, func(text []byte) []byte {
		if n := len(text); n > 0 && text[n-1] != '\n' {
			text = append(text, '\n')
		}
		return append(text, t.line()...)
	})
}

// Revoke takes a token out of a file; comments and other lines stay.
func Revoke(path, name string) error {
	all, err := read(path)
	if err != nil {
		return err
	}
	for i := range all {
		if all[i].Name == name {
			return edit(path, func(text []byte) []byte { return without(text, name) })
		}
	}
	return &Error{path, fmt.Errorf("there is no token of the name %.64q", name), "see which there are with: zol0 token list"}
}

// edit replaces a file as a whole, so that a daemon that reads it meanwhile sees the one or
// the other.
func edit(path string, change func([]byte) []byte) (err error) {
	fail := func(err error) error {
		return &Error{path, err, "make its directory writable for this user, or name another file with --file"}
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real // a link stays one
	}
	text, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fail(err)
	}
	text = change(text)
	if _, err := Parse(text); err != nil {
		return &Error{path, err, "take lines out of it that are not needed"}
	}
	next, err := os.CreateTemp(filepath.Dir(path), ".tokens-*") // of mode 0600
	if err != nil {
		return fail(err)
	}
	defer func() {
		if err != nil {
			_ = os.Remove(next.Name()) // the file as it was is still there
		}
	}()
	keepOwner(path, next)
	_, err = next.Write(text)
	if err = errors.Join(err, next.Sync(), next.Close()); err != nil {
		return fail(err)
	}
	if err = os.Rename(next.Name(), path); err != nil {
		return fail(err)
	}
	return nil
}
