package logline

// logfmt understands key=value pairs with blanks between, as long as one of the first two is
// a time, a level or a message: anything else with an equals sign is prose. Words without a
// value stay as they are.
func (r *reader) logfmt(b []byte) bool {
	if end := keyEnd(b, 0); end >= len(b) || b[end] != '=' {
		return false
	}
	r.fields = new(fields)
	f := r.fields
	for i, n := 0, 0; i < len(b); n++ {
		if n == 2 && f.found == 0 {
			return false
		}
		if len(f.rest) >= most && f.found == 3 {
			break
		}
		end := keyEnd(b, i)
		if end == i || end == len(b) || b[end] != '=' {
			end = word(b, i)
			if n == 0 {
				return false
			}
			if len(f.rest) < most {
				f.rest = append(f.rest, ' ')
				f.rest = append(f.rest, bound(b[i:end])...)
			}
			i = blanks(b, end)
			continue
		}
		key := b[i:end]
		from := end + 1
		if from < len(b) && b[from] == '"' {
			if to := quoted(b, from); to > 0 && (to == len(b) || blank(b[to])) {
				inner := b[from+1 : to-1]
				if !plainString(inner) {
					inner = unescape(nil, inner, most)
				}
				r.add(key, inner, true)
				i = blanks(b, to)
				continue
			}
		}
		end = word(b, from)
		r.add(key, b[from:end], false)
		i = blanks(b, end)
	}
	return f.found > 0
}

// keyEnd is where the name of a key that begins at i ends.
func keyEnd(b []byte, i int) int {
	for i < len(b) && (letter(b[i]) || digit(b[i]) || b[i] == '_' || b[i] == '.' || b[i] == '-' || b[i] == '@') {
		i++
	}
	return i
}
