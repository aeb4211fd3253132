package probe

import "log/slog"

// Open chooses the best scanner this system and this user's rights allow: eBPF after a
// self-check against procfs, else procfs. Loading eBPF is never an error: procfs stands
// in, and one log line says why.
func Open(o Options) (*Reader, error) {
	root := o.Root
	if root == "" {
		root = DefaultRoot
	}
	log := o.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	files, err := openProcfiles(root)
	if err != nil {
		return nil, err
	}
	pop := newPopulation()
	procfs := newProcfsScanner(files, pop)
	r := &Reader{scanner: procfs, describer: newProcfsFacts(files), pop: pop}
	if o.Light {
		log.Info("reading processes through procfs", "reason", "a single scan")
		return r, nil
	}
	bpf, err := openBPF(root, procfs, pop, log)
	if err != nil {
		log.Info("reading processes through procfs", "reason", err)
		return r, nil
	}
	r.scanner = bpf
	log.Info("reading processes through eBPF")
	return r, nil
}
