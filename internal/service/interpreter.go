package service

import "strings"

// rubyProgram reads the arguments of ruby (ruby(1)).
func rubyProgram(args []string) program {
	for i := 0; i < len(args); i++ {
		a := args[i]
		switch {
		case a == "" || a == "-" || strings.HasPrefix(a, "-e"):
			return program{}
		case a == "--" || a == "-S":
			return rubyFile(args[min(i+1, len(args)):])
		case a[0] != '-':
			return rubyFile(args[i:])
		case listed("-C -I -r -E --encoding --external-encoding --internal-encoding --disable --enable", a):
			i++
		}
	}
	return program{}
}

// rubyFile names a script. The programs of a project's gems have the same names in every
// project, so the project's directory goes with them.
func rubyFile(args []string) program {
	path := at(args, 0)
	if path == "" {
		return program{}
	}
	switch name := baseName(path); name {
	case "bundle", "bundler":
		if at(args, 1) == "exec" && len(args) > 2 {
			return rubyFile(args[2:])
		}
	case "rails", "rake", "puma", "unicorn", "sidekiq", "rackup", "thin", "resque", "jekyll", "good_job", "foreman":
		p := withCommand(program{label: name}, args[1:])
		p.vague, p.host = true, name == "foreman"
		return p
	}
	return fileProgram(path)
}

// phpProgram reads the arguments of the command line PHP (php(1)).
func phpProgram(args []string) program {
	for i := 0; i < len(args); i++ {
		a := args[i]
		switch {
		case a == "" || a == "-" || listed("-r -R -B -E --run -a --interactive", a):
			return program{}
		case a == "-S" || strings.HasPrefix(a, "-S") && len(a) > 2: // the built-in web server
			return program{label: "php -S", vague: true}
		case a == "-f" || a == "--file" || a == "--":
			return phpFile(args[min(i+1, len(args)):])
		case a[0] != '-':
			return phpFile(args[i:])
		case listed("-c -d -z -t --php-ini --define --zend-extension --docroot", a):
			i++
		}
	}
	return program{}
}

func phpFile(args []string) program {
	if at(args, 0) == "" {
		return program{}
	}
	return withCommand(fileProgram(args[0]), args[1:])
}

// withCommand adds the first argument to the scripts of frameworks, which are one file
// for all services of a project: "manage.py runserver" is another than "manage.py worker".
func withCommand(p program, args []string) program {
	if !listed("manage.py artisan console rails rake", p.label) {
		return p
	}
	if command := at(args, firstPositional(args, isListed("-e --env --environment --settings --pythonpath"))); command != "" {
		p.label += " " + command
	}
	p.vague = true
	return p
}

// perlProgram reads the arguments of perl (perlrun(1)). Short options can stand together.
func perlProgram(args []string) program {
	for i := 0; i < len(args); i++ {
		a := args[i]
		switch {
		case a == "" || a == "-":
			return program{}
		case a == "--":
			return perlFile(at(args, i+1))
		case a[0] != '-':
			return perlFile(a)
		}
		for j := 1; j < len(a); j++ {
			switch a[j] {
			case 'e', 'E':
				return program{}
			case 'I':
				if j+1 == len(a) {
					i++
				}
				j = len(a)
			case 'M', 'm', 'F', 'x', 'D', 'V', 'd', 'i', 'C', '0', 'l': // the rest is theirs
				j = len(a)
			}
		}
	}
	return program{}
}

func perlFile(path string) program {
	if path == "" {
		return program{}
	}
	return fileProgram(path)
}

// rscriptProgram reads the arguments of Rscript, whose options all begin with a dash and
// carry their values.
func rscriptProgram(args []string) program {
	for i, a := range args {
		switch {
		case a == "-e" || a == "":
			return program{}
		case a[0] != '-':
			return fileProgram(args[i])
		}
	}
	return program{}
}

// rProgram reads the arguments of R itself, which Rscript turns into.
func rProgram(args []string) program {
	for i, a := range args {
		if a == "--args" {
			break
		}
		if path, ok := strings.CutPrefix(a, "--file="); ok && path != "" {
			return fileProgram(path)
		}
		if a == "-f" && i+1 < len(args) {
			return fileProgram(args[i+1])
		}
	}
	return program{}
}

// dotnetProgram: dotnet [exec] [options] FILE.dll, dotnet run.
func dotnetProgram(args []string) program {
	valued := isListed("--additionalprobingpath --additional-deps --depsfile --runtimeconfig --fx-version --roll-forward " +
		"--roll-forward-on-no-candidate-fx --project -p")
	i := firstPositional(args, valued)
	command := at(args, i)
	if command == "exec" {
		rest := args[i+1:]
		command = at(rest, firstPositional(rest, valued))
	}
	switch {
	case command == "":
		return program{}
	case command == "run" || command == "watch":
		if project := optionValue(args, "--project", "-p"); project != "" {
			return fileProgram(project)
		}
		return program{label: "dotnet " + command, vague: true}
	case !strings.HasSuffix(command, ".dll") && !strings.HasSuffix(command, ".exe"):
		return program{label: "dotnet " + command}
	}
	return fileProgram(command)
}

func monoProgram(args []string) program {
	if path := at(args, firstPositional(args, isListed("--config"))); path != "" {
		return fileProgram(path)
	}
	return program{}
}

// shellProgram finds the script of a shell (sh(1), bash(1)). A command given with -c has
// no name.
func shellProgram(args []string) program {
	for i := 0; i < len(args); i++ {
		a := args[i]
		switch {
		case a == "" || a == "-" || a == "--":
			continue
		case a[0] != '-' && a[0] != '+':
			p := fileProgram(a)
			p.weak = true
			return p
		case listed("-o +o -O +O --rcfile --init-file", a):
			i++
		case !strings.HasPrefix(a, "--") && strings.ContainsAny(a, "cs"):
			return program{} // -c COMMAND, -lc COMMAND, -s: from the standard input
		}
	}
	return program{}
}
