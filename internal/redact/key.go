package redact

import "strings"

// class is what one word in the name of an option or variable says about its value.
type class uint8

const (
	plain     class = iota
	noun            // the value is a secret: password
	pass            // the same, but also what runs are called: ffmpeg -pass 1
	token           // a secret, unless a language model's tokens are meant
	tokens          // many of them are counted more often than given
	authWord        // a secret or the name of a method
	key             // a secret where another word says so: api key
	qualifier       // says that of a key: api, private, an exchange
	described       // at the end: not the secret but something about it, or where it lies
	target          // at the end: what the secret is for, or what a method or key belongs to
	id              // at the end: usually only a name
	switched        // at the beginning: switches something on or off
	bound           // a number: max tokens, minimum password
	model           // says that a token is a language model's
	classes
)

// judge says what the value of an option or variable is by its name.
func judge(name string) expectation {
	var seen [classes]bool
	first, last := plain, plain
	for begun := false; ; begun = true {
		word, rest := nextWord(name)
		if word == "" {
			break
		}
		last = classOf(word)
		if !begun {
			first = last
		}
		seen[last] = true
		name = rest
	}
	counted := seen[model] || seen[bound]
	switch {
	case first == switched || last == described || last == bound:
		return nothing
	case seen[noun], seen[key] && (seen[qualifier] || seen[authWord]):
		return secret
	case last == id:
		return nothing
	case seen[token] && !counted, seen[tokens] && (seen[qualifier] || seen[authWord]) && !counted:
		return secret
	case seen[pass]:
		return digits
	case last == target:
		return nothing
	case seen[authWord]:
		return auth
	case seen[key], seen[tokens] && !counted:
		return maybe
	}
	return nothing
}

// nextWord splits the first word from a name: words end at "_", "-" and ".", at digits, and
// where a capital letter begins another one (apiKey, APIKey).
func nextWord(name string) (word, rest string) {
	start := 0
	for start < len(name) && !letter(name[start]) {
		start++
	}
	upper := func(i int) bool { return name[i] < 'a' } // of letters
	end := start
	for end < len(name) && letter(name[end]) {
		if end > start && upper(end) {
			if !upper(end - 1) {
				break
			}
			if end+1 < len(name) && letter(name[end+1]) && !upper(end+1) {
				break
			}
		}
		end++
	}
	return name[start:end], name[end:]
}

// longest is the length of the longest word that classOf knows.
const longest = 16

// classOf looks a word up, in any case. The list holds words that are written together,
// too, because many names are.
func classOf(word string) class {
	var folded [longest]byte
	if len(word) > longest {
		return ending(word)
	}
	for i := range len(word) {
		folded[i] = word[i] | 0x20
	}
	switch string(folded[:len(word)]) {
	case "password", "passwords", "passwd", "passphrase", "passcode", "pwd", "pw", "pswd", "secret", "secrets", "credential",
		"credentials", "creds", "cred", "authorization", "bearer", "jwt", "cookie", "setcookie", "otp", "totp", "mnemonic", "phrase", "signature", "passin", "passout", "psk":
		return noun
	case "pass", "sig":
		return pass
	case "token":
		return token
	case "tokens":
		return tokens
	case "auth", "oauth":
		return authWord
	case "key", "keys":
		return key
	case "api", "access", "private", "priv", "encryption", "encrypt", "signing", "sign", "master", "account", "storage",
		"shared", "session", "app", "application", "admin", "deploy", "webhook", "hmac", "aes", "subscription", "license",
		"consumer", "ingest", "ingestion", "write", "bot", "refresh", "wallet", "exchange", "broker", "trading",
		"binance", "bybit", "kraken", "coinbase", "okx", "kucoin", "bitget", "bitfinex", "bitstamp", "bitmex", "gate",
		"gateio", "huobi", "htx", "mexc", "deribit", "gemini", "poloniex", "alpaca", "oanda", "ftx", "zonda", "upbit", "bithumb":
		return qualifier
	case "file", "files", "filename", "path", "paths", "dir", "directory", "folder", "name", "names", "url", "uri", "endpoint",
		"host", "hostname", "port", "type", "types", "mode", "method", "methods", "provider", "providers", "backend", "plugin",
		"plugins", "enabled", "disabled", "required", "optional", "timeout", "ttl", "expiry", "expiration", "expires", "lifetime",
		"duration", "age", "interval", "count", "limit", "limits", "length", "len", "size", "policy", "format", "prefix",
		"manager", "store", "source", "realm", "algorithm", "algo", "alg", "version", "field", "column", "param", "scope", "scopes",
		"issuer", "audience", "cache", "budget", "level", "bits", "usage", "rotation", "bucket", "window", "rate", "ref", "arn",
		"alias", "label", "selector", "kind", "template", "command", "cmd", "helper", "fd", "stdin", "prompt", "header",
		"attempts", "retries", "delay", "frequency", "hint":
		return described
	case "server", "service", "user", "username", "login", "email", "domain", "owner", "group", "proxy", "db", "database",
		"index", "table", "class", "module", "driver", "env", "var":
		return target
	case "id", "ids":
		return id
	case "no", "without", "disable", "enable", "skip", "require", "requires", "allow", "has", "is", "use", "with", "show", "ask", "print":
		return switched
	case "max", "min", "maximum", "minimum", "num", "total":
		return bound
	case "pad", "eos", "bos", "unk", "mask", "sep", "cls", "special", "stop":
		return model
	}
	return ending(word)
}

// ending finds the words that others are written together with: DBPASSWORD, authtoken.
func ending(word string) class {
	for _, known := range [...]struct {
		suffix string
		class  class
	}{
		{"password", noun}, {"passwd", noun}, {"passphrase", noun}, {"passwort", noun}, {"secret", noun}, {"apikey", noun},
		{"secretkey", noun}, {"privatekey", noun}, {"accesskey", noun}, {"authkey", noun}, {"signingkey", noun},
		{"encryptionkey", noun}, {"accountkey", noun}, {"apikeys", noun}, {"credentials", noun}, {"presharedkey", noun}, {"storepass", noun},
		{"keypass", noun}, {"requirepass", noun}, {"dbpass", noun}, {"userpass", noun}, {"rootpass", noun}, {"adminpass", noun},
		{"token", token},
	} {
		if n := len(word) - len(known.suffix); n >= 0 && equalFold(word[n:], known.suffix) {
			return known.class
		}
	}
	return plain
}

// equalFold compares with a word of lower-case letters.
func equalFold(s, lower string) bool {
	if len(s) != len(lower) {
		return false
	}
	for i := range len(s) {
		if s[i]|0x20 != lower[i] {
			return false
		}
	}
	return true
}

// authMethod reports whether the value of an option called auth is no secret but one of
// the words for how to authenticate.
func authMethod(value string) bool {
	switch value {
	case "true", "false", "yes", "no", "on", "off", "none", "auto", "default", "required", "optional", "anonymous", "basic",
		"digest", "ntlm", "negotiate", "kerberos", "gssapi", "ldap", "oauth", "oauth2", "oidc", "saml", "jwt", "mtls", "tls",
		"cert", "pam", "trust", "peer", "ident", "md5", "scram", "scram-sha-256", "token", "password", "iam", "0", "1":
		return true
	}
	return false
}

// authScheme reports whether a word names a scheme of the Authorization header (RFC 9110,
// section 11.4); its credentials follow.
func authScheme(word string) bool {
	for _, scheme := range [...]string{"bearer", "basic", "digest", "token", "negotiate", "apikey", "jwt", "aws4-hmac-sha256"} {
		if equalFold(word, scheme) {
			return true
		}
	}
	return false
}

// endsWithScheme reports whether an argument breaks off where the credentials begin.
func endsWithScheme(arg string) bool {
	n := len(arg) - len("bearer")
	return n >= 0 && equalFold(arg[n:], "bearer") && (n == 0 || blank(arg[n-1]))
}

// random reports whether a value looks drawn by chance: long, without blanks, letters and
// digits mixed, and no path. Of one that was cut short a beginning with a digit among letters is enough.
func random(value string) bool {
	least, fewest := 16, 2
	if cut := strings.TrimSuffix(value, "…"); len(cut) < len(value) {
		value, least, fewest = cut, 4, 1
	}
	if len(value) < least || value[0] == '/' || value[0] == '.' || value[0] == '~' {
		return false
	}
	letters, numbers := 0, 0
	for i := range len(value) {
		switch c := value[i]; {
		case letter(c):
			letters++
		case digit(c):
			numbers++
		case c != '-' && c != '_' && c != '+' && c != '/' && c != '=':
			return false
		}
	}
	return letters > 0 && numbers >= fewest
}
