package tail

import (
	"encoding/json"
	"time"
)

// Docker takes the text out of a line of a file of Docker's driver json-file; ok is false
// where it is none. A text that is partial goes on in the next line.
func Docker(line []byte) (text []byte, at time.Time, partial, ok bool) {
	var x struct {
		Log  *string `json:"log"`
		Time string  `json:"time"`
	}
	if len(line) == 0 || line[0] != '{' || json.Unmarshal(line, &x) != nil || x.Log == nil {
		return nil, time.Time{}, false, false
	}
	if t, err := time.Parse(time.RFC3339Nano, x.Time); err == nil {
		at = t
	}
	text = []byte(*x.Log)
	if n := len(text); n > 0 && text[n-1] == '\n' {
		return text[:n-1], at, false, true
	}
	return text, at, true, true
}
