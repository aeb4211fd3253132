package cli

import "strings"

// maxCompared is how many characters of names are compared; a service's name has 128 bytes.
const maxCompared = 128

// similar is the name that is most like a word, in any case: one that contains it, or the
// one that the fewest changes of a letter make of it. It is empty where a third of the
// letters would have to change.
func similar(word string, names []string) string {
	best, fewest := "", 0
	for _, name := range names {
		a, b := []rune(strings.ToLower(word)), []rune(strings.ToLower(name))
		a, b = a[:min(len(a), maxCompared)], b[:min(len(b), maxCompared)]
		n := changes(a, b)
		switch {
		case word != "" && strings.Contains(string(b), string(a)):
			n = min(n, 1)
		case n > max(1, len(a)/3):
			continue
		}
		if best == "" || n < fewest {
			best, fewest = name, n
		}
	}
	return best
}

// changes is how many letters must be put in, left out or replaced to make b of a, where
// two neighbours that changed places are one change (optimal string alignment).
func changes(a, b []rune) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range a {
		row[0] = i + 1
		for j := range b {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			row[j+1] = min(last[j]+cost, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
