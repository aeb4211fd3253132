package api

import (
	_ "embed"
	"encoding/hex"
	"net/http"
)

// description is the OpenAPI document, compact and in gzip. The tests make it of the table of
// routes, the shapes in internal/wire and the bounds: go test ./internal/api -run OpenAPI -update.
// openapi.json beside it is the same for people and for diffs.
//
//go:embed openapi.json.gz
var description []byte

// openapi describes the API to programs. It is sent as it lies in the binary.
func (s *Server) openapi(w http.ResponseWriter, r *http.Request) error {
	if _, err := parameters(r, nil); err != nil {
		return err
	}
	// The last eight bytes of gzip are checksum and length of the text.
	etag := `W/"` + hex.EncodeToString(description[len(description)-8:]) + `"`
	if !s.unchanged(w, r, etag) {
		s.send(w, r, http.StatusOK, packed(description))
	}
	return nil
}
