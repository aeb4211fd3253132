package redact

import "strings"

// program is a family of programs with options that hold a secret and are not called so.
type program uint8

const (
	none program = iota
	mysql
	sshpass
	curl
	httpie
	redis
	mongo
	mssql
	ldap
	registry // a client of a registry, before the word login
	login    // the same behind it
	archiver
	zip
	openssl
	samba
	mosquitto
	shell
	freerdp
)

func programOf(name string) program {
	switch name {
	case "mysql", "mysqldump", "mysqladmin", "mysqlimport", "mysqlshow", "mysqlcheck", "mysqlslap", "mysqlpump", "mysqlbinlog",
		"mysqlsh", "mariadb", "mariadb-dump", "mariadb-admin", "mariadb-import", "mariadb-show", "mariadb-check", "mariadb-slap",
		"mariadb-binlog", "mariadb-backup", "mariabackup", "xtrabackup", "mydumper", "myloader", "mycli":
		return mysql
	case "sshpass":
		return sshpass
	case "curl":
		return curl
	case "http", "https", "xh", "xhs":
		return httpie
	case "redis-cli", "valkey-cli":
		return redis
	case "mongo", "mongosh", "mongodump", "mongorestore", "mongoexport", "mongoimport", "mongostat", "mongotop":
		return mongo
	case "sqlcmd", "bcp", "osql", "tsql", "ipmitool":
		return mssql
	case "ldapsearch", "ldapadd", "ldapmodify", "ldapdelete", "ldapwhoami", "ldappasswd":
		return ldap
	case "docker", "podman", "nerdctl", "helm", "skopeo", "buildah", "oras", "crane", "az", "oc", "cf":
		return registry
	case "7z", "7za", "7zr", "7zz", "rar", "unrar":
		return archiver
	case "zip", "unzip":
		return zip
	case "openssl":
		return openssl
	case "smbclient", "smbget", "rpcclient":
		return samba
	case "mosquitto_pub", "mosquitto_sub", "mosquitto_rr":
		return mosquitto
	case "sh", "bash", "zsh", "dash", "ash", "ksh", "fish", "su", "-bash", "-sh", "-zsh":
		return shell
	case "xfreerdp", "xfreerdp3", "wlfreerdp", "wlfreerdp3", "sdl-freerdp", "sdl-freerdp3":
		return freerdp
	}
	return none
}

// option handles an option that means something of its own to the program at hand.
func (p program) option(arg string) (clean string, next expectation, known bool) {
	if len(arg) < 2 || arg[0] != '-' && arg[0] != '/' {
		return arg, nothing, false
	}
	if p == freerdp { // options as on Windows: password, that of the gateway, its hash
		for _, option := range [...]string{"p:", "gp:", "pth:", "pass:"} {
			if strings.HasPrefix(arg[1:], option) && len(arg) > len(option)+1 {
				return replace(arg, len(option)+1, len(arg)), nothing, true
			}
		}
	}
	if arg[0] == '/' {
		return arg, nothing, false
	}
	switch p {
	case mysql: // a bare -p asks for the password
		return attached(arg, "-p", nothing)
	case archiver:
		if strings.HasPrefix(arg, "-hp") {
			return attached(arg, "-hp", nothing)
		}
		return attached(arg, "-p", nothing)
	case sshpass, mongo, login:
		return attached(arg, "-p", secret)
	case mssql, zip, mosquitto:
		return attached(arg, "-P", secret)
	case ldap:
		return attached(arg, "-w", secret)
	case redis:
		return attached(arg, "-a", secret)
	case openssl:
		if arg == "-k" || arg == "-K" {
			return arg, secret, true
		}
	case curl:
		if clean, next, known := cookies(arg); known {
			return clean, next, known
		}
		return credentials(arg, "--user", "--proxy-user", 'u', ':', pair)
	case httpie:
		return credentials(arg, "--auth", "--auth", 'a', ':', pair)
	case samba:
		return credentials(arg, "--user", "--user", 'U', '%', percent)
	case shell:
		if arg[1] != '-' && arg[len(arg)-1] == 'c' || arg == "--command" {
			return arg, script, true
		}
	}
	return arg, nothing, false
}

// attached handles a short option whose value follows at once, or as the next argument
// where next says so.
func attached(arg, option string, next expectation) (string, expectation, bool) {
	switch {
	case arg == option:
		return arg, next, true
	case strings.HasPrefix(arg, option) && arg[1] != '-':
		return replace(arg, len(option), len(arg)), nothing, true
	}
	return arg, nothing, false
}

// credentials handles the options that take user and secret in one. Short options can
// stand together in front: curl -su user:x.
func credentials(arg, long, other string, short, separator byte, next expectation) (string, expectation, bool) {
	for _, name := range [...]string{long, other} {
		if arg == name {
			return arg, next, true
		}
		if strings.HasPrefix(arg, name) && arg[len(name)] == '=' {
			return arg[:len(name)+1] + hidePair(arg[len(name)+1:], separator), nothing, true
		}
	}
	if arg[1] == '-' {
		return arg, nothing, false
	}
	i := strings.IndexByte(arg, short)
	if i < 0 || !lettersOnly(arg[1:i]) {
		return arg, nothing, false
	}
	if i+1 == len(arg) {
		return arg, next, true
	}
	if i > 1 && strings.IndexByte(arg[i:], separator) < 0 {
		return arg, nothing, false
	}
	return arg[:i+1] + hidePair(arg[i+1:], separator), nothing, true
}

// cookies handles curl's -b, which takes name=value or the name of a file. Switches can
// stand in front; what follows an option with a value is the value.
func cookies(arg string) (string, expectation, bool) {
	i := 1
	for i < len(arg) && letter(arg[i]) && strings.IndexByte("AbcCdDeEFhHKmoPQrtTuUwxXyYz", arg[i]) < 0 {
		i++
	}
	switch {
	case i == len(arg) || arg[i] != 'b':
		return arg, nothing, false
	case i+1 == len(arg):
		return arg, cookie, true
	case cookie.hides(arg[i+1:]):
		return replace(arg, i+1, len(arg)), nothing, true
	}
	return arg, nothing, true
}

func lettersOnly(s string) bool {
	for i := range len(s) {
		if !letter(s[i]) {
			return false
		}
	}
	return true
}
