package service

import "strings"

// nodeValued are options of node whose value is the next argument (node --help; options
// of V8 itself take theirs with "=").
const nodeValued = "-r --require --import --loader --experimental-loader -C --conditions --env-file --env-file-if-exists " +
	"--title --icu-data-dir --openssl-config --redirect-warnings --diagnostic-dir --report-dir --report-directory " +
	"--report-filename --input-type --disable-warning --watch-path --dns-result-order --trace-event-categories " +
	"--trace-event-file-pattern --unhandled-rejections --max-http-header-size --inspect-port --tls-cipher-list " +
	"--localstorage-file --es-module-specifier-resolution --secure-heap --secure-heap-min --stack-trace-limit " +
	"--max-old-space-size --max-semi-space-size --stack-size --test-name-pattern --test-reporter --test-reporter-destination"

// nodeProgram reads the arguments of node (node(1)).
func nodeProgram(args []string) program {
	if at(args, 0) == "inspect" {
		args = args[1:]
	}
	for i := 0; i < len(args); i++ {
		a := args[i]
		switch {
		case a == "" || a == "-" || listed("-e --eval -p --print -pe -i --interactive --test", a):
			return program{}
		case a == "--":
			return javascript(at(args, i+1), args[min(i+2, len(args)):])
		case a == "--run":
			return program{label: "node --run " + at(args, i+1), vague: true}
		case strings.HasPrefix(a, "--run="):
			return program{label: "node --run " + a[len("--run="):], vague: true}
		case a[0] != '-':
			return javascript(a, args[i+1:])
		case listed(nodeValued, a):
			i++
		}
	}
	return program{}
}

// Scripts that run something with a better name, and those that keep others running.
const (
	packageTools = "npm npx yarn yarnpkg pnpm pnpx npm-cli npx-cli"
	jsWrappers   = "ts-node ts-node-dev ts-node-esm tsnd tsx nodemon node-dev babel-node env-cmd dotenv cross-env"
	jsHosts      = "pm2 forever pm2-runtime pm2-docker"
	jsValued     = "-r --require --import -P --project -O --compiler-options -w --watch -e --ext -x --exec -i --ignore " +
		"-d --delay --tsconfig -f --config -c --cwd"
)

// javascript names what a JavaScript runtime runs.
func javascript(path string, args []string) program {
	if path == "" {
		return program{}
	}
	label := baseName(path)
	stem := withoutExtension(label)
	owner, pkg := nodePackage(path)
	switch {
	case stem == "corepack" && len(args) > 0:
		return packageProgram(args[0], args[1:])
	case strings.HasPrefix(stem, "yarn-") && strings.Contains(path, ".yarn/releases"):
		return packageProgram("yarn", args)
	case listed(packageTools, stem) && !strings.HasSuffix(label, ".ts"):
		return packageProgram(strings.TrimSuffix(stem, "-cli"), args)
	case pkg == "pm2" && stem == "Daemon":
		return program{label: "pm2", host: true}
	case listed(jsHosts, stem) && (pkg != "" || stem == label):
		return program{label: stem, host: true}
	case listed(jsWrappers, stem) || pkg != "" && listed(jsWrappers, pkg):
		if i := firstPositional(args, isListed(jsValued)); i < len(args) {
			if executableName(args[i]) == "node" {
				return nodeProgram(args[i+1:])
			}
			return javascript(args[i], args[i+1:])
		}
	case pkg != "":
		// A tool from a project's packages is told apart by the project; one that is
		// installed for all is a program of its own.
		if vagueFile(label) || stem == "cli" {
			label = pkg
		}
		label = withoutScriptExtension(label)
		if owner == "" {
			return program{label: label}
		}
		return program{label: label, path: owner, vague: true}
	}
	return fileProgram(path)
}

// nodePackage splits a path with node_modules in it: owner is the project's directory with
// a file's place behind it, "" for packages installed for the whole system; pkg is the
// package, "" where the path is in none.
func nodePackage(path string) (owner, pkg string) {
	const modules = "node_modules/"
	first := strings.Index(path, modules)
	if first < 0 {
		return "", ""
	}
	rest := path[strings.LastIndex(path, modules)+len(modules):]
	rest = strings.TrimPrefix(rest, ".bin/")
	parts := strings.SplitN(rest, "/", 3)
	pkg = parts[0]
	if strings.HasPrefix(pkg, "@") && len(parts) > 1 {
		pkg = parts[1]
	}
	owner = path[:first]
	if owner == "" || baseName(owner) == "lib" {
		if owner != "" {
			return "", pkg
		}
		return "./package", pkg
	}
	return owner + "package", pkg
}

// withoutScriptExtension cuts the extensions of JavaScript from a tool's file name.
func withoutScriptExtension(label string) string {
	for _, extension := range [...]string{".js", ".mjs", ".cjs"} {
		if name, ok := strings.CutSuffix(label, extension); ok && name != "" {
			return name
		}
	}
	return label
}

// packageProgram names what a package manager runs: "npm run start", "npx vite". The
// same words are used in every project, so the project's directory goes with them.
func packageProgram(tool string, args []string) program {
	valued := isListed("--prefix -C --cwd --dir -w --workspace --filter -F -p --package --userconfig")
	label := tool
	for range 2 {
		i := firstPositional(args, valued)
		word := at(args, i)
		if word == "" {
			break
		}
		label += " " + word
		args = args[i+1:]
		if !listed("run run-script exec x dlx", word) {
			break
		}
	}
	return program{label: label, vague: true}
}

// denoProgram: deno [run|serve] [options] FILE, deno task NAME.
func denoProgram(args []string) program {
	valued := isListed("-c --config --import-map --location --lock --cert --seed -L --log-level --env-file --port --host -r -I")
	i := firstPositional(args, valued)
	command := at(args, i)
	rest := args[min(i+1, len(args)):]
	switch command {
	case "run", "serve", "watch":
		command = at(rest, firstPositional(rest, valued))
	case "task":
		return program{label: strings.TrimSpace("deno task " + at(rest, firstPositional(rest, valued))), vague: true}
	case "eval", "repl", "lsp", "test", "bench", "fmt", "lint", "cache", "compile", "install", "jupyter":
		return program{}
	}
	if command == "" {
		return program{}
	}
	return fileProgram(command)
}

// bunProgram: bun [run] [options] FILE|SCRIPT, bun x PACKAGE, bunx PACKAGE.
func bunProgram(name string, args []string) program {
	valued := isListed("-c --config --cwd -r --preload --env-file -d --define -l --loader --tsconfig-override --filter -F --port --shell")
	i := firstPositional(args, valued)
	if i < len(args) && listed("-e --eval -p --print", at(args, 0)) {
		return program{}
	}
	command := at(args, i)
	rest := args[min(i+1, len(args)):]
	switch {
	case command == "":
		return program{}
	case name == "bunx":
		return packageProgram("bunx", args)
	case command == "run":
		command = at(rest, firstPositional(rest, valued))
		if command == "" {
			return program{}
		}
		if !strings.ContainsAny(command, "./") {
			return program{label: "bun run " + command, vague: true}
		}
	case !strings.ContainsAny(command, "./"):
		return packageProgram("bun", args)
	}
	return javascript(command, rest)
}
