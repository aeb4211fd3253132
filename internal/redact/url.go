package redact

import "strings"

// urls masks passwords in front of the hosts of URLs (RFC 3986, section 3.2.1) and of the
// data source names of Go's MySQL driver, and the secret paths of web hooks.
func urls(arg string) string {
	for at := 0; ; {
		n := strings.Index(arg[at:], "://")
		if n < 0 {
			break
		}
		start := at + n + len("://")
		arg = userinfo(arg, start, scheme(arg[:at+n]))
		at = start
	}
	for _, hook := range [...]string{"hooks.slack.com/services/", "/api/webhooks/"} {
		if i := strings.Index(arg, hook); i >= 0 {
			from := i + len(hook)
			arg, _ = mask(arg, from, until(arg, from, " ?#\"'"))
		}
	}
	return dataSource(oracle(arg))
}

// scheme is the word in front of "://".
func scheme(before string) string {
	i := len(before)
	for i > 0 && (alphanumeric(before[i-1]) || before[i-1] == '+' || before[i-1] == '.' || before[i-1] == '-') {
		i--
	}
	return before[i:]
}

// userinfo masks the secret between start and the "@" that ends user and password. On the
// web the user can be the secret (https://TOKEN@host), so there all of it goes; elsewhere
// the user stays.
func userinfo(arg string, start int, scheme string) string {
	end := until(arg, start, "/?# \"'<>")
	at := strings.LastIndexByte(arg[start:end], '@')
	colon := strings.IndexByte(arg[start:end], ':')
	if at < 0 && colon >= 0 && !portLike(arg[start+colon+1:end]) {
		// A password that should have been escaped, or a text that was cut short.
		end = until(arg, start, " \"'<>")
		if at = strings.LastIndexByte(arg[start:end], '@'); at < 0 && strings.HasSuffix(arg, "…") {
			return replace(arg, start+colon+1, end)
		}
	}
	if at < 0 {
		return arg
	}
	info := arg[start : start+at]
	scheme = scheme[strings.LastIndexByte(scheme, '+')+1:] // git+https
	if equalFold(scheme, "http") || equalFold(scheme, "https") {
		return replace(arg, start, start+at)
	}
	if colon = strings.IndexByte(info, ':'); colon >= 0 && colon+1 < len(info) {
		return replace(arg, start+colon+1, start+at)
	}
	return arg
}

// portLike reports whether what follows a colon is a port, or a list of hosts with ports.
func portLike(s string) bool {
	return s == "" || digit(s[0]) && (len(s) < 6 || strings.ContainsAny(s, ",:")) || s[0] == '[' || s[0] == '$' || s[0] == '{'
}

// dataSource masks the password of user:password@tcp(host)/db.
func dataSource(arg string) string {
	for _, mark := range [...]string{"@tcp(", "@tcp6(", "@unix("} {
		at := strings.Index(arg, mark)
		if at < 0 {
			continue
		}
		start := strings.LastIndexAny(arg[:at], " ='\"/") + 1
		if colon := strings.IndexByte(arg[start:at], ':'); colon >= 0 && start+colon+1 < at {
			return replace(arg, start+colon+1, at)
		}
	}
	return arg
}

// oracle masks the password of jdbc:oracle:thin:user/password@host.
func oracle(arg string) string {
	const driver = "jdbc:oracle:"
	for at := 0; ; {
		n := strings.Index(arg[at:], driver)
		if n < 0 {
			return arg
		}
		at += n + len(driver)
		kind := strings.IndexByte(arg[at:], ':')
		if kind < 0 || kind > len("oci8") { // thin, oci, kprb
			return arg
		}
		at += kind + 1
		arg = oracleUser(arg, at)
	}
}

// oracleUser masks the password of user/password@host that begins at start.
func oracleUser(arg string, start int) string {
	end := until(arg, start, " '<>")
	slash := strings.IndexByte(arg[start:end], '/')
	at := strings.IndexByte(arg[start:end], '@')
	if slash < 0 || at >= 0 && at < slash {
		return arg // no password: thin:@//host
	}
	if at = strings.LastIndexByte(arg[start:end], '@'); at < 0 {
		at = end - start
	}
	if slash+1 < at {
		return replace(arg, start+slash+1, start+at)
	}
	return arg
}
