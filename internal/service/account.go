package service

import (
	"bufio"
	"io"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
)

// accounts looks up the users of the watched host.
type accounts struct {
	root string // of the host's file system
}

// maxPasswd bounds the host's list of users: 8 MiB hold 100,000.
const maxPasswd = 8 << 20

// of returns name and home directory of a user, "" where there is none of that number.
// On its own file system the system is asked, which knows of directories in the network
// too; of another one only the file etc/passwd can be read (passwd(5)).
func (a accounts) of(uid string) (name, home string) {
	if filepath.Clean(a.root) == string(filepath.Separator) {
		u, err := user.LookupId(uid)
		if err != nil {
			return "", ""
		}
		return u.Username, u.HomeDir
	}
	file, err := openBounded(filepath.Join(a.root, "etc/passwd"), maxPasswd)
	if err != nil {
		return "", ""
	}
	defer file.Close() //nolint:errcheck // only read
	return findAccount(file, uid)
}

func (a accounts) name(uid int64) string {
	name, _ := a.of(strconv.FormatInt(uid, 10))
	return name
}

func (a accounts) home(uid string) string {
	_, home := a.of(uid)
	return home
}

// findAccount reads lines "name:password:uid:gid:comment:home:shell".
func findAccount(r io.Reader, uid string) (name, home string) {
	for lines := bufio.NewScanner(r); lines.Scan(); {
		fields := strings.Split(lines.Text(), ":")
		if len(fields) >= 6 && fields[2] == uid && fields[0] != "" && fields[0][0] != '#' {
			return printable(fields[0]), fields[5]
		}
	}
	return "", ""
}
