package daemon

import (
	"errors"
	"io/fs"
	"os"

	"github.com/zol0/zol0/internal/exposition"
)

// Figures are the daemon and everything recorded, as of the last beat, for Prometheus.
func (d *Daemon) Figures(instances bool) exposition.Input {
	out := exposition.Input{Self: d.Self()}
	kept := d.store.Counts()
	path := d.store.Path()
	d.present.RLock()
	defer d.present.RUnlock()
	// A beat may have ended meanwhile: the answer has this number and is made anew for the next.
	recorded := d.recorder.Counts()
	out.Store = exposition.StoreCounts{
		FileBytes: d.sizeOf(path), LogBytes: d.sizeOf(path + "-wal"), CapBytes: uint64(d.config.Store.Size),
		Appends: uint64(kept.Appends), Samples: uint64(kept.Samples), Refused: uint64(kept.Refused), Left: uint64(kept.Crowded), Failed: uint64(kept.Failed), Asides: uint64(kept.Asides),
		RecordedServices: recorded.Services, RecordedInstances: recorded.Instances, RestMembers: recorded.Rest,
	}
	all := d.recorder.Present(instances)
	out.Owners = make([]exposition.Owner, len(all))
	for i := range all {
		out.Owners[i] = exposition.Owner(all[i])
	}
	return out
}

// sizeOf is the size of a file, 0 where there is none; nil where nobody can tell.
func (d *Daemon) sizeOf(path string) *uint64 {
	info, err := os.Stat(path)
	switch {
	case err == nil:
		return count(info.Size())
	case errors.Is(err, fs.ErrNotExist):
		return count(0)
	}
	d.log.Warn("cannot see how large a file is", "path", path, "error", err)
	return nil
}
