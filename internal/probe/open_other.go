//go:build darwin || windows

package probe

import (
	"log/slog"
	"runtime"
)

// Open opens the list of processes of macOS or Windows. There is nothing to choose:
// Root and Light have no meaning here.
func Open(o Options) (*Reader, error) {
	log := o.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	table, err := openTable()
	if err != nil {
		return nil, err
	}
	pop := newPopulation()
	scanner := newTableScanner(table, pop)
	scanner.deadParents = runtime.GOOS == "windows"
	log.Info("reading processes", "source", scanner.source())
	return &Reader{scanner: scanner, describer: &tableFacts{table: table}, pop: pop}, nil
}
