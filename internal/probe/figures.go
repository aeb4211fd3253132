package probe

import "bytes"

// eachFigure calls visit with key and number of every line of the form "Key: 12 kB", as
// meminfo and smaps_rollup have them. Lines of another form are passed over. It reports
// false when the last line is cut off: the file was not read whole then. (status, which
// is read for every process at every scan, has a faster way of its own.)
func eachFigure(b []byte, visit func(key []byte, v uint64)) bool {
	for len(b) > 0 {
		end := bytes.IndexByte(b, '\n')
		if end < 0 {
			return false
		}
		line := b[:end]
		b = b[end+1:]
		colon := bytes.IndexByte(line, ':')
		if colon < 0 {
			continue
		}
		if v, ok := number(line[colon+1:]); ok {
			visit(line[:colon], v)
		}
	}
	return true
}
