package engine

import (
	"time"

	"github.com/zol0/zol0/internal/store"
)

// Tap stores what a recorder gives it, and tells the writer of it.
type Tap struct {
	store  *store.Store
	writer *Writer
	fault  error
}

// NewTap stands between a recorder and the store.
func NewTap(s *store.Store, w *Writer) *Tap { return &Tap{store: s, writer: w} }

// OwnerOf is the store's; the writer learns whose the number is.
func (t *Tap) OwnerOf(k store.Kind, labels store.Labels, now int64) (store.OwnerID, error) {
	id, err := t.store.OwnerOf(k, labels, now)
	if err == nil {
		t.writer.Meet(id, k, labels)
	}
	return id, err
}

// Append stores the samples of one moment. What goes wrong on the way to the engine is no
// fault of the store: Fault has it. The writer is first: the store turns the values into the
// units of its file where they stand.
func (t *Tap) Append(at time.Time, beat, minute []store.Sample) error {
	t.fault = t.writer.Put(at, beat, minute)
	t.writer.forget()
	return t.store.Append(at, beat, minute)
}

// Fault is what went wrong with the last moment on its way to the engine.
func (t *Tap) Fault() error { return t.fault }
