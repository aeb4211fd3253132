package daemon

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/zol0/zol0/bench/native"
)

// Import is what `zol0 store import` costs. MB are 10^6 bytes.
type Import struct {
	FileMB  float64 `json:"file_mb"`
	Samples int     `json:"samples"`
	PeakMB  float64 `json:"peak_mb"`
	Seconds float64 `json:"seconds"` // on the clock
	NotRun  string  `json:"not_run,omitempty"`
}

// importBytes is the size of the file.
const importBytes = 50 << 20

// ImportAll imports lines of JSON, as VictoriaMetrics exports them, into a new store below dir.
func ImportAll(ctx context.Context, programs native.Programs, zol0, dir string, end time.Time) (x Import, err error) {
	file := filepath.Join(dir, "export.jsonl")
	if x.Samples, err = writeExport(file, end); err != nil {
		return x, err
	}
	info, err := os.Stat(file)
	if err != nil {
		return x, fmt.Errorf("cannot find the file to import: %w", err)
	}
	x.FileMB = float64(info.Size()) / 1e6
	cmd := exec.CommandContext(ctx, programs.Launch, "1", zol0, "store", "import", "--data", filepath.Join(dir, "imported"), file)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if _, exited := err.(*exec.ExitError); exited {
		x.NotRun = fmt.Sprintf("zol0 store import failed: %s", bytes.TrimSpace(stderr.Bytes()))
		return x, nil
	} else if err != nil {
		return x, fmt.Errorf("cannot run zol0 store import: %w", err)
	}
	_, figures, _ := strings.Cut("\n"+string(out), "\nuser_us=")
	var user, system, kib, us float64
	if _, err := fmt.Sscanf("user_us="+figures, "user_us=%f system_us=%f peak_rss_kib=%f wall_us=%f", &user, &system, &kib, &us); err != nil {
		return x, fmt.Errorf("cannot understand what launch printed (%q): %w", out, err)
	}
	x.PeakMB, x.Seconds = kib*1024/1e6, us/1e6
	return x, nil
}

// writeExport writes series of two days with a sample each 5 s until the file is large
// enough: memory that wanders in pages.
func writeExport(path string, end time.Time) (samples int, err error) {
	f, err := os.Create(path)
	if err != nil {
		return 0, fmt.Errorf("cannot write the file to import: %w", err)
	}
	w := bufio.NewWriter(f)
	random := rand.New(rand.NewPCG(5, 5))
	const perLine = 10_000
	written := 0
	for series := 0; written < importBytes; series++ {
		value := 1e6 + random.IntN(1e6)
		at := end.Add(-48 * time.Hour).Truncate(5 * time.Second)
		for at.Before(end) && written < importBytes {
			var values, times []byte
			for range perLine {
				value = max(1, value+random.IntN(129)-64)
				values = fmt.Appendf(values, ",%d", value*4096)
				times = fmt.Appendf(times, ",%d", at.UnixMilli())
				at = at.Add(5 * time.Second)
				samples++
			}
			n, err := fmt.Fprintf(w, `{"metric":{"__name__":"bench_bytes","series":"%d"},"values":[%s],"timestamps":[%s]}`+"\n", series, values[1:], times[1:])
			if err != nil {
				return samples, errors.Join(fmt.Errorf("cannot write the file to import: %w", err), f.Close())
			}
			written += n
		}
	}
	return samples, errors.Join(w.Flush(), f.Close())
}
