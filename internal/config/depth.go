package config

import (
	"fmt"

	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/token"
)

// maxDepth is how deep a file may nest. Ours needs six levels; the YAML parser calls
// itself for each level and would take gigabytes for a file of brackets alone.
const maxDepth = 32

// depthError finds the line where a file nests too deep.
func depthError(text []byte) error {
	flow := 0          // open brackets
	block, at := 0, -1 // "- - -" and "? ? ?" on one line
	for _, t := range lexer.Tokenize(string(text)) {
		switch t.Type {
		case token.SequenceStartType, token.MappingStartType:
			flow++
		case token.SequenceEndType, token.MappingEndType:
			flow--
		case token.SequenceEntryType, token.MappingKeyType:
			if t.Position.Line != at {
				block, at = 0, t.Position.Line
			}
			block++
		}
		if flow > maxDepth || block > maxDepth {
			return &valueError{t.Position.Line, fmt.Errorf("nested more than %d levels deep", maxDepth), "a configuration needs six levels"}
		}
	}
	return nil
}
