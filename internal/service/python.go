package service

import "strings"

// pythonProgram reads the arguments of a Python interpreter (python(1), SYNOPSIS). Code
// given with -c or on the standard input has no name.
func pythonProgram(args []string) program {
	for i := 0; i < len(args); i++ {
		a := args[i]
		switch {
		case a == "" || a == "-":
			return program{}
		case a == "--":
			return pythonFile(args[i+1:])
		case a[0] != '-':
			return pythonFile(args[i:])
		case strings.HasPrefix(a, "--"):
			if a == "--check-hash-based-pycs" {
				i++
			}
			continue
		}
		for j := 1; j < len(a); j++ { // short options can stand together: -um pkg
			switch a[j] {
			case 'c':
				return program{}
			case 'm':
				if module := a[j+1:]; module != "" {
					return pythonModule(module, args[i+1:])
				}
				return pythonModule(at(args, i+1), args[min(i+2, len(args)):])
			case 'W', 'X', 'Q':
				if j+1 == len(a) {
					i++ // its value is the next argument
				}
				j = len(a)
			}
		}
	}
	return program{}
}

// pythonFile names what "python FILE …" runs. A file without an extension is a console
// script, which may be a launcher of something with a better name.
func pythonFile(args []string) program {
	path := at(args, 0)
	if path == "" {
		return program{}
	}
	name := executableName(path)
	name = strings.TrimSuffix(name, "-script.py") // Windows
	if !strings.HasSuffix(name, ".py") {
		if p, ok := pythonLauncher(name, args[1:]); ok {
			return p
		}
	}
	return withCommand(fileProgram(path), args[1:])
}

// pythonModule names what "python -m MODULE …" runs.
func pythonModule(module string, args []string) program {
	if module == "" {
		return program{}
	}
	first, _, _ := strings.Cut(module, ".")
	if p, ok := pythonLauncher(first, args); ok && first != "multiprocessing" {
		return p
	}
	if first == "multiprocessing" {
		return program{} // workers and their resource tracker
	}
	return program{label: module, vague: vagueModule(module)}
}

// Options of launchers. What is not known to be without a value is taken to have one
// where a launcher has many more with one than without.
const (
	gunicornFlags = "-D --daemon -R --enable-stdio-inheritance --reload --preload --check-config --print-config " +
		"--capture-output --spew --no-sendfile --reuse-port --proxy-protocol --log-syslog --initgroups " +
		"--disable-redirect-access-to-syslog --do-handshake-on-connect --suppress-ragged-eofs -h --help -v --version " +
		"--permit-obsolete-folding --permit-unconventional-http-method --permit-unconventional-http-version " +
		"--casefold-http-method --strip-header-spaces --no-control-socket"
	uvicornFlags = "--reload --factory --access-log --no-access-log --use-colors --no-use-colors --proxy-headers " +
		"--no-proxy-headers --server-header --no-server-header --date-header --no-date-header --version --help"
	hypercornFlags  = "--debug --reload -D --daemon --h2c --version -h --help"
	daphneFlags     = "--no-server-name --proxy-headers -h --help --version"
	waitressFlags   = "--call --help --expose-tracebacks --no-expose-tracebacks --ipv4 --no-ipv4 --ipv6 --no-ipv6 --asyncore-use-poll"
	granianFlags    = "--reload --no-reload --factory --no-factory --ws --no-ws --access-log --no-access-log --log --no-log --help --version"
	debugpyValued   = "--listen --connect --log-to --configure-subProcess --adapter-access-token"
	coverageValued  = "--rcfile --source --include --omit --data-file --context --concurrency --debug"
	memrayValued    = "-o --output --live-port"
	profilerValued  = "-o --outfile -s --sort -c --output_file --rcfile"
	tracerValued    = "--service_name --service-name --traces_exporter --metrics_exporter --logs_exporter --exporter_otlp_endpoint"
	celeryValued    = "-A --app -b --broker --result-backend --loader --config --workdir -C"
	flaskValued     = "-A --app -e --env-file"
	streamlitFlags  = "--help --version"
	airflowLike     = "airflow superset mlflow prefect dagster jupyter dask scrapy rq arq huey dbt"
	pythonWrappers  = "debugpy coverage memray cProfile profile pdb ddtrace-run opentelemetry-instrument viztracer scalene kernprof"
	pythonHosts     = "supervisord circusd honcho"
	pythonModuleArg = "-m"
)

// pythonLauncher names what a well-known launcher runs.
func pythonLauncher(name string, args []string) (program, bool) {
	switch name {
	case "streamlit":
		return streamlitProgram(args), true
	case "gunicorn":
		return serverProgram(name, args, gunicornFlags), true
	case "uvicorn":
		return serverProgram(name, args, uvicornFlags), true
	case "hypercorn":
		return serverProgram(name, args, hypercornFlags), true
	case "daphne":
		return serverProgram(name, args, daphneFlags), true
	case "waitress-serve", "waitress":
		return serverProgram(name, args, waitressFlags), true
	case "granian":
		return serverProgram(name, args, granianFlags), true
	case "flask":
		return flaskProgram(args), true
	case "celery":
		return celeryProgram(args), true
	case "fastapi":
		i := firstPositional(args, isListed("--host --port --root-path --app --workers"))
		rest := args[min(i+1, len(args)):]
		if file := at(rest, firstPositional(rest, isListed("--host --port --root-path --app --workers"))); file != "" {
			return fileProgram(file), true
		}
		return program{label: "fastapi", vague: true}, true
	}
	switch {
	case listed(airflowLike, name):
		if command := at(args, firstPositional(args, isListed(""))); command != "" {
			return program{label: name + " " + command, vague: listed("rq arq huey scrapy dbt", name)}, true
		}
	case listed(pythonHosts, name):
		return program{label: name, host: true}, true
	case listed(pythonWrappers, name):
		return wrappedProgram(name, args), true
	}
	return program{}, false
}

// streamlitProgram: streamlit run [options] FILE. Streamlit's options are settings with a
// value, of which only --help has none.
func streamlitProgram(args []string) program {
	i := firstPositional(args, unlessListed(streamlitFlags))
	if command := at(args, i); command != "run" {
		return program{label: strings.TrimSpace("streamlit " + command), vague: command != "hello"}
	}
	rest := args[i+1:]
	if file := at(rest, firstPositional(rest, unlessListed(streamlitFlags))); file != "" {
		return fileProgram(file)
	}
	return program{label: "streamlit", vague: true}
}

// serverProgram: SERVER [options] MODULE:APP. Without an application in its arguments it
// takes it from a file in the working directory.
func serverProgram(name string, args []string, flags string) program {
	if app := at(args, firstPositional(args, unlessListed(flags))); app != "" {
		return program{label: app}
	}
	return program{label: name, vague: true}
}

// flaskProgram: flask [--app APP] COMMAND.
func flaskProgram(args []string) program {
	app := optionValue(args, "--app", "-A")
	command := at(args, firstPositional(args, isListed(flaskValued)))
	switch {
	case app == "":
		return program{label: strings.TrimSpace("flask " + command), vague: true}
	case command == "run" || command == "":
		if strings.HasSuffix(app, ".py") {
			return fileProgram(app)
		}
		return program{label: app, vague: vagueModule(app)}
	}
	return program{label: "flask " + app + " " + command, vague: vagueModule(app)}
}

// celeryProgram: celery [-A APP] COMMAND, also the old order with the command first.
func celeryProgram(args []string) program {
	app := optionValue(args, "--app", "-A")
	command := at(args, firstPositional(args, isListed(celeryValued)))
	label := "celery"
	for _, part := range [...]string{app, command} {
		if part != "" {
			label += " " + part
		}
	}
	return program{label: label, vague: app == ""}
}

// wrappedProgram names what a debugger, profiler or tracer runs.
func wrappedProgram(name string, args []string) program {
	valued := profilerValued
	switch name {
	case "debugpy":
		valued = debugpyValued
	case "coverage":
		valued = coverageValued
	case "memray":
		valued = memrayValued
	case "ddtrace-run", "opentelemetry-instrument":
		valued = tracerValued
	}
	for len(args) > 0 {
		i := 0
		for i < len(args) && args[i] != pythonModuleArg && strings.HasPrefix(args[i], "-") && args[i] != "--" {
			if listed(valued, args[i]) {
				i++
			}
			i++
		}
		if at(args, i) == "--" {
			i++
		}
		if i >= len(args) {
			break
		}
		switch args[i] {
		case pythonModuleArg:
			return pythonModule(at(args, i+1), args[min(i+2, len(args)):])
		case "run": // coverage run, memray run
			args = args[i+1:]
			continue
		}
		if family(executableName(args[i])) == "python" {
			return pythonProgram(args[i+1:])
		}
		return pythonFile(args[i:])
	}
	return program{label: name, vague: true}
}
