package service

import (
	"strconv"
	"strings"
)

// portOptions are the options, without their dashes, that give the port a server is
// reached at. Ports of debuggers and metrics are not among them: they tell nothing apart.
const portOptions = "port server.port server.http.port http-port http_port http.port listen-port server-port web-port api-port " +
	"ServerApp.port NotebookApp.port Dserver.port Dhttp.port Dquarkus.http.port Dserver.http.port"

// addressOptions are those that give an address with the port behind its last colon.
const addressOptions = "bind listen address addr listen-address http-address web.listen-address bind-addr host-port http.addr"

// Programs whose -p, -b and -l mean the port or the address. (The -p of gunicorn is a file.)
const (
	shortPort    = "flask rails puma next serve http-server json-server daphne airflow mlflow postgres postmaster memcached mosquitto jekyll thin vite nuxt"
	shortAddress = "gunicorn hypercorn puma serve -S"
)

// writtenPort is the port that a command line tells its program to listen on; 0 where it
// tells none. It is known before the socket is open and without anybody's rights.
func writtenPort(argv []string) uint16 {
	if len(argv) == 1 {
		argv = strings.Fields(argv[0])
	}
	short, address := false, false
	for i, a := range argv {
		if len(a) < 2 || a[0] != '-' {
			// The word before the options may be a program: python -m flask, rails, …
			name := withoutScriptExtension(executableName(a))
			short = short || listed(shortPort, name)
			address = address || listed(shortAddress, name)
			continue
		}
		name, value, given := strings.Cut(strings.TrimLeft(a, "-"), "=")
		if !given {
			value = at(argv, i+1)
		}
		switch {
		case listed(portOptions, name):
		case listed(addressOptions, name):
		case short && len(a) == 2 && a[1] == 'p', address && len(a) == 2 && (a[1] == 'b' || a[1] == 'l'):
		case a == "-S" && family(executableName(argv[0])) == "php":
		case short && strings.HasPrefix(a, "-p"), address && strings.HasPrefix(a, "-b"):
			value = a[2:]
		default:
			continue
		}
		if port := portOf(value); port != 0 {
			return port
		}
	}
	return positionalPort(argv)
}

// positionalPort knows the few programs that take their port as a plain argument.
func positionalPort(argv []string) uint16 {
	for i, a := range argv {
		switch {
		case i > 0 && argv[i-1] == "-m" && a == "http.server":
			return portOf(at(argv, i+1))
		case i == 0 && (executableName(a) == "redis-server" || executableName(a) == "redis-sentinel"):
			// redis-server 127.0.0.1:6379 is the title it gives itself
			if next := at(argv, 1); strings.Contains(next, ":") {
				return portOf(next)
			}
		}
	}
	return 0
}

// portOf reads "8501", ":8501", "0.0.0.0:8501", "[::]:8501" and "tcp://0.0.0.0:8501".
func portOf(value string) uint16 {
	value = strings.TrimSuffix(value, "/")
	if i := strings.LastIndexByte(value, ':'); i >= 0 {
		value = value[i+1:]
	}
	port, err := strconv.ParseUint(value, 10, 16)
	if err != nil {
		return 0
	}
	return uint16(port)
}
