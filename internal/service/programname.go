package service

import "strings"

// vagueStems are the file names that half of all projects use.
const vagueStems = "app main server index manage __main__ __init__ run start bot api cli worker wsgi asgi service daemon " +
	"script program launcher application console artisan entrypoint bootstrap web serve scheduler tasks job client " +
	"streamlit_app jarlauncher"

// vagueDirectories say as little as the files in them; the next directory up is added.
const vagueDirectories = "src app bin sbin dist build lib out target scripts public cmd code source release debug publish"

// systemDirectories at the top of the file system tell nothing about a project.
const systemDirectories = "opt srv home usr var tmp root mnt data media Users"

// vagueFile reports whether a file's name alone says little about what it is.
func vagueFile(name string) bool {
	return listed(vagueStems, strings.ToLower(withoutExtension(name)))
}

// vagueModule reports the same of a dotted module: every part must say little.
func vagueModule(module string) bool {
	module, _, _ = strings.Cut(module, ":")
	for part := range strings.SplitSeq(module, ".") {
		if !listed(vagueStems, part) && !listed(vagueDirectories, part) {
			return false
		}
	}
	return true
}

// name is the service's name of a program. cwd is asked only where it is needed; it
// returns "" where the working directory is unknown.
func (p program) name(cwd func() string) string {
	if !p.vague {
		return p.label
	}
	dir := directory(p.path)
	if !absolute(p.path) {
		if base := cwd(); base != "" {
			dir = base + "/" + dir
		}
	}
	if told := tellingDirectory(dir); told != "" {
		return told + "/" + p.label
	}
	return p.label
}

// tellingDirectory picks the last directory of a path that says something and lasts: it
// leaves out those that change with every release (releases/20260101, current, v1.2.3)
// and adds the next one up to those that are called src or app or are just a number.
func tellingDirectory(path string) string {
	var parts []string
	for part := range strings.FieldsFuncSeq(path, func(r rune) bool { return r == '/' || r == '\\' }) {
		switch {
		case part == ".":
		case part == "..":
			parts = parts[:max(0, len(parts)-1)]
		default:
			parts = append(parts, part)
		}
	}
	told := ""
	for i := len(parts) - 1; i >= 0; i-- {
		part := parts[i]
		switch {
		case releaseDirectory(part):
		case told == "":
			told = part
			if !listed(vagueDirectories, part) && !allDigits(part) {
				return told
			}
		case i == 0 && listed(systemDirectories, part):
		default:
			return part + "/" + told
		}
	}
	return told
}

// releaseDirectory reports whether a directory's name changes with every release, or is
// one that only holds such directories.
func releaseDirectory(name string) bool {
	if listed("current releases previous", name) {
		return true
	}
	number := strings.Map(func(r rune) rune {
		if strings.ContainsRune("v.-_", r) {
			return -1
		}
		return r
	}, name)
	switch {
	case !strings.ContainsAny(name, "0123456789"):
		return false
	case allDigits(name):
		return len(name) >= 6 // 20260101120000, but not the 2 of bots/2
	case allDigits(number):
		return true // 2026-01-01, v1.4.2
	}
	return hexadecimal(name, 7) // a commit
}
