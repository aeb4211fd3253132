package service

import "strings"

// program is what a command line says about the program it runs.
type program struct {
	// label names the program; "" where the command line names none.
	label string
	// path is the file of the program as it was written; "" where the label is no file's
	// name: then the working directory says which program it is.
	path string
	// vague says that the label alone says little, like app.py: it gets its directory.
	vague bool
	// weak says that the program is a shell's script: it has a name to show but stands
	// back behind an ancestor's service and owns nothing.
	weak bool
	// host says that the program starts other people's programs and owns none of them.
	host bool
}

// programOf finds the program in a command line: the script, module, class or archive
// that an interpreter runs. It returns a program without a label where argv[0] is no
// interpreter or runs code without a name.
func programOf(argv []string) program {
	if len(argv) == 0 {
		return program{}
	}
	if len(argv) == 1 && strings.Contains(argv[0], " ") {
		return titledProgram(argv[0])
	}
	return interpreted(argv[0], argv[1:])
}

// interpreted sends the arguments of an interpreter to those who know them.
func interpreted(name string, args []string) program {
	name = executableName(name)
	switch family(name) {
	case "python", "pythonw", "pypy":
		return pythonProgram(args)
	case "node", "nodejs":
		return nodeProgram(args)
	case "deno":
		return denoProgram(args)
	case "bun", "bunx":
		return bunProgram(name, args)
	case "java", "javaw":
		return javaProgram(args)
	case "ruby", "jruby", "truffleruby":
		return rubyProgram(args)
	case "php":
		return phpProgram(args)
	case "perl":
		return perlProgram(args)
	case "rscript":
		return rscriptProgram(args)
	case "r":
		if name == "R" {
			return rProgram(args)
		}
	case "dotnet":
		return dotnetProgram(args)
	case "mono":
		return monoProgram(args)
	case "sh", "bash", "zsh", "dash", "ash", "ksh", "fish":
		return shellProgram(args)
	}
	// A launcher that was made into an executable of its own (pex, Nix, Windows).
	p, _ := pythonLauncher(name, args)
	return p
}

// executableName is the name of an executable without directory, the dash of a login
// shell, and Windows' suffix.
func executableName(path string) string {
	name := strings.TrimPrefix(baseName(path), "-")
	if cut := len(name) - len(".exe"); cut > 0 && strings.EqualFold(name[cut:], ".exe") {
		name = name[:cut]
	}
	return name
}

// family is an interpreter's name in lower case without its version: "python3.11-dbg" is
// python, "php8.2" is php.
func family(name string) string {
	end := 0
	for end < len(name) && (name[end]|0x20 >= 'a' && name[end]|0x20 <= 'z') {
		end++
	}
	rest := name[end:]
	if rest != "" && rest[0]-'0' > 9 {
		return strings.ToLower(name) // "python-config" is another program
	}
	return strings.ToLower(name[:end])
}

// fileProgram names a program by its file. What is read from an open descriptor has no name.
func fileProgram(path string) program {
	if strings.HasPrefix(path, "/dev/") || strings.HasPrefix(path, "/proc/") {
		return program{}
	}
	label := baseName(path)
	return program{label: label, path: path, vague: vagueFile(label)}
}

// titledProgram reads the titles that servers write over their arguments, in which what
// was several arguments is one text (setproctitle).
func titledProgram(title string) program {
	words := strings.Fields(title)
	if len(words) == 0 {
		return program{}
	}
	bracket := func() string { // the last [text]
		open, shut := strings.LastIndexByte(title, '['), strings.LastIndexByte(title, ']')
		if open < 0 || shut < open+2 {
			return ""
		}
		return title[open+1 : shut]
	}
	switch first := words[0]; {
	case first == "gunicorn:":
		// gunicorn: master [api:app] (gunicorn's util._setproctitle)
		return program{label: bracket()}
	case strings.HasPrefix(first, "[celeryd:") || strings.HasPrefix(first, "[celery"):
		// [celeryd: celery@host:MainProcess] -active- (worker -A proj)
		open, shut := strings.IndexByte(title, '('), strings.LastIndexByte(title, ')')
		if open < 0 || shut < open {
			return program{}
		}
		args := strings.Fields(title[open+1 : shut])
		if len(args) > 0 && executableName(args[0]) == "celery" {
			args = args[1:]
		}
		return celeryProgram(args)
	case first == "puma" || first == "puma:":
		// puma 6.4.0 (tcp://0.0.0.0:9292) [shop], puma: cluster worker 0: 812 [shop]
		if app := bracket(); app != "" {
			return program{label: "puma " + app}
		}
		return program{label: "puma", vague: true}
	case first == "sidekiq" && len(words) > 2 && !strings.HasPrefix(words[2], "["):
		// sidekiq 7.1.0 shop [0 of 5 busy]
		return program{label: "sidekiq " + words[2]}
	case first == "PM2":
		// PM2 v5.3.0: God Daemon (/home/bob/.pm2)
		return program{label: "pm2", host: true}
	case listed("npm npx yarn pnpm", first):
		return packageProgram(first, words[1:])
	default:
		return interpreted(first, words[1:])
	}
}

// firstPositional is the index of the first argument that is neither an option nor an
// option's value, len(args) where there is none. valued says whether an option without
// "=" takes the next argument as its value. An argument "--" ends the options.
func firstPositional(args []string, valued func(option string) bool) int {
	for i := 0; i < len(args); i++ {
		a := args[i]
		switch {
		case a == "--":
			return i + 1
		case len(a) < 2 || a[0] != '-':
			return i
		case !strings.Contains(a, "=") && valued(a):
			i++
		}
	}
	return len(args)
}

// isListed makes a test for firstPositional out of the options that take a value.
func isListed(options string) func(string) bool {
	return func(option string) bool { return listed(options, option) }
}

// unlessListed makes a test for firstPositional out of the options that take none: long
// options and short ones that stand alone take one. ("-w4" carries its value.)
func unlessListed(options string) func(string) bool {
	return func(option string) bool {
		return !listed(options, option) && (strings.HasPrefix(option, "--") || len(option) == 2)
	}
}

// optionValue finds the value of the first option of names, in the forms "--app x",
// "--app=x" and "-Ax".
func optionValue(args []string, long, short string) string {
	for i, a := range args {
		if value, ok := strings.CutPrefix(a, long+"="); ok {
			return value
		}
		if (a == long || a == short) && i+1 < len(args) {
			return args[i+1]
		}
		if value, ok := strings.CutPrefix(a, short); ok && value != "" && !strings.HasPrefix(a, "--") {
			return strings.TrimPrefix(value, "=")
		}
	}
	return ""
}

// at returns args[i], "" behind the end.
func at(args []string, i int) string {
	if i < len(args) {
		return args[i]
	}
	return ""
}
