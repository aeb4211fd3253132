package service

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"syscall"
)

const (
	// maxRecord bounds one container's file: Docker's record and an OCI bundle have 5 to
	// 60 kB.
	maxRecord = 1 << 20
	// maxStorage bounds a list of all containers (under 2 kB each), which is decoded one
	// container at a time.
	maxStorage = 8 << 20
	// maxEntries bounds how many names of a directory are looked through.
	maxEntries = 8192
)

// openBounded opens a regular file of at most limit bytes. Some of these files belong to
// users: what is no file at all, a pipe for example, must not stop the monitor, so it is
// opened without waiting.
func openBounded(path string, limit int64) (io.ReadCloser, error) {
	file, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	switch {
	case err != nil:
	case !info.Mode().IsRegular():
		err = fmt.Errorf("cannot read %s: not a regular file", path)
	case info.Size() > limit:
		err = fmt.Errorf("cannot read %s: %d bytes, more than %d", path, info.Size(), limit)
	default:
		return struct {
			io.Reader
			io.Closer
		}{io.LimitReader(file, limit), file}, nil
	}
	file.Close() //nolint:errcheck // only read
	return nil, err
}

// readJSON decodes a small JSON file.
func readJSON(path string, into any) error {
	file, err := openBounded(path, maxRecord)
	if err != nil {
		return err
	}
	defer file.Close() //nolint:errcheck // only read
	return json.NewDecoder(file).Decode(into)
}

// nameInStorage finds the first name of a container in a list of containers/storage; ""
// where the list or the container is not there or cannot be read.
func nameInStorage(path, id string) string {
	file, err := openBounded(path, maxStorage)
	if err != nil {
		return ""
	}
	defer file.Close() //nolint:errcheck // only read
	return findInStorage(file, id)
}

func findInStorage(r io.Reader, id string) string {
	decoder := json.NewDecoder(r)
	if opening, err := decoder.Token(); err != nil || opening != json.Delim('[') {
		return ""
	}
	for decoder.More() {
		var record struct {
			ID    string   `json:"id"`
			Names []string `json:"names"`
		}
		if decoder.Decode(&record) != nil {
			return ""
		}
		if record.ID == id && len(record.Names) > 0 {
			return record.Names[0]
		}
	}
	return ""
}

// namesIn lists a directory, up to maxEntries names; a directory that is not there or
// that we may not read has none.
func namesIn(path string) []string {
	dir, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer dir.Close() //nolint:errcheck // only read
	names, err := dir.Readdirnames(maxEntries)
	if err != nil {
		return nil
	}
	return names
}
