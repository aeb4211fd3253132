package api

import (
	"net/http"

	"github.com/zol0/zol0/internal/web"
)

// How long a browser may keep what the page consists of. The page itself is asked for each
// time; its parts have the hash of what is in them in their names, and never change.
const (
	keepPage  = "no-cache"
	keepAsset = "public, max-age=31536000, immutable"
)

// page answers every address of the page with the same file: what it shows stands in the
// address, and the page reads it there.
func (s *Server) page(w http.ResponseWriter, r *http.Request) error {
	return s.file(w, r, s.options.Page.File(web.Index), keepPage)
}

func (s *Server) asset(w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("file")
	f := s.options.Page.File("assets/" + name)
	if f == nil {
		return fault(http.StatusNotFound, CodeNotFound, "load the page again: a newer one has other parts", "the page has no part %q", clip(name))
	}
	return s.file(w, r, f, keepAsset)
}

// file sends a file as it is stored, packed, or unpacks it on the way.
func (s *Server) file(w http.ResponseWriter, r *http.Request, f *web.File, keep string) error {
	h := w.Header()
	h.Set("ETag", f.ETag)
	h.Set("Cache-Control", keep)
	h.Set("Vary", "Accept-Encoding")
	if matches(r.Header.Get("If-None-Match"), f.ETag) {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	in, err := f.Open()
	if err != nil {
		return err
	}
	h.Set("Content-Type", f.ContentType)
	s.transmit(w, r, http.StatusOK, content{f.PackedBytes, f.Bytes, true, in})
	if err := in.Close(); err != nil { // the answer is on its way already
		s.options.Log.Warn("cannot close a file of the page", "file", f.Name, "error", err)
	}
	return nil
}
