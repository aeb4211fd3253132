package logline

import "bytes"

// outOfMemory says which out-of-memory a line tells of; empty where it tells of none.
func outOfMemory(b []byte) string {
	// Each search begins with a letter that few words have, which bytes.Index is quickest at.
	if i := bytes.Index(b, []byte("mory")); i >= 0 {
		b := b[max(0, i-len("JavaScript heap out of me")):]
		switch {
		case holds(b, "OutOfMemoryError"):
			if holds(b, "torch.") || holds(b, "CUDA") {
				return "" // that of a graphics card, which is not what is watched here
			}
			return "java"
		case holds(b, "MemoryError"):
			return "python"
		case holds(b, "JavaScript heap out of memory"):
			return "node"
		case holds(b, "runtime: out of memory"):
			return "go"
		case holds(b, "Out of memory: Kill"), holds(b, "emory cgroup out of memory"):
			return "kernel"
		}
		if i := bytes.Index(b, []byte("memory allocation of ")); i >= 0 {
			at := i + len("memory allocation of ")
			if _, end := number(b, at); end > at && begins(b[end:], " bytes failed") {
				return "rust"
			}
		}
	}
	switch {
	case holds(b, "-kill:") && holds(b, "oom-kill:"):
		return "kernel"
	case holds(b, "_alloc") && holds(b, "std::bad_alloc"):
		return "c"
	}
	return ""
}
