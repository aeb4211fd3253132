package service

import "strings"

// javaValued are options of the launcher whose value is the next argument (java(1)).
const javaValued = "-cp -classpath --class-path -p --module-path --upgrade-module-path --add-modules --add-exports " +
	"--add-opens --add-reads --patch-module --limit-modules --enable-native-access --source -d --describe-module " +
	"--finalization --illegal-native-access"

// javaProgram reads the arguments of java: options, then a main class, a source file,
// -jar FILE or -m MODULE[/CLASS]. Files of arguments (@file) cannot be looked into; where
// the class is in one of them the command line names no program.
func javaProgram(args []string) program {
	for i := 0; i < len(args); i++ {
		a := args[i]
		switch {
		case a == "-jar":
			return jarProgram(at(args, i+1))
		case a == "-m" || a == "--module":
			return javaClass(at(args, i+1))
		case strings.HasPrefix(a, "--module="):
			return javaClass(a[len("--module="):])
		case listed(javaValued, a):
			i++
		case a == "" || a[0] == '-' || a[0] == '@':
		case strings.HasSuffix(a, ".java"):
			return fileProgram(a)
		default:
			return javaClass(a)
		}
	}
	return program{}
}

// javaClass names a main class by its full name; of MODULE/CLASS the class. Classes
// without a package and the starters of unpacked archives say little.
func javaClass(class string) program {
	if i := strings.LastIndexByte(class, '/'); i >= 0 {
		class = class[i+1:]
	}
	vague := !strings.Contains(class, ".") && vagueFile(class) || strings.HasPrefix(class, "org.springframework.boot.loader.")
	return program{label: class, vague: vague}
}

// jarProgram names an archive without its version: trader-1.4.2.jar is trader.jar, so
// that a service keeps its name, and its history, over a release.
func jarProgram(path string) program {
	if path == "" {
		return program{}
	}
	p := fileProgram(path)
	stem := withoutExtension(p.label)
	for i := 1; i+1 < len(stem); i++ {
		if stem[i] == '-' && (versionLike(stem[i+1:]) || i+2 < len(stem) && stem[i+1] == 'v' && versionLike(stem[i+2:])) {
			p.label = stem[:i] + p.label[len(stem):]
			p.vague = vagueFile(p.label)
			break
		}
	}
	return p
}

// versionLike reports whether s begins like a version number: digits and a dot, or
// nothing but digits.
func versionLike(s string) bool {
	n := 0
	for n < len(s) && s[n]-'0' <= 9 {
		n++
	}
	return n > 0 && (n == len(s) || s[n] == '.' || s[n] == '-')
}
