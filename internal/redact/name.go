package redact

import "strings"

// nameBytes is the length from which the short name of a process may have been cut: Linux
// keeps 15 bytes of it (TASK_COMM_LEN), macOS 16 (MAXCOMLEN).
const nameBytes = 15

// Name redacts the short name of a process, which it can set to what it likes
// (prctl(PR_SET_NAME), process.title of Node.js). A secret of which the system kept only the
// beginning is masked as well. It allocates nothing where nothing is secret and the name is
// short.
func Name(name string) string {
	if len(name) > MaxArg {
		name = cut([]string{name})[0]
	}
	clean := title(name)
	if clean == name && len(name) >= nameBytes && !strings.HasSuffix(name, "…") {
		if clean = title(name + "…"); clean == name+"…" {
			return name
		}
		clean = strings.TrimSuffix(clean, "…")
	}
	return clean
}

// title cleans a command line that is one text.
func title(text string) string {
	for range passes {
		line := line{title: true}
		clean := line.redact(text)
		if clean == text {
			break
		}
		text = clean
	}
	return text
}
