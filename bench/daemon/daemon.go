// Package daemon measures what `zol0 dashboard` costs while it watches a population for
// which it has a week of history: time to start, memory, processor time of a beat, bytes
// written, questions asked over HTTP. The programs that lead a measurement run inside the
// population; compressed.go drives the same beats faster than they come.
package daemon

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"syscall"
	"time"

	"github.com/zol0/zol0/bench/figure"
	"github.com/zol0/zol0/bench/process"
)

// Interval is that of the measured daemons: the shortest there is, to see many beats. The
// figures of a beat are those of this interval; at 5 s each beat finds colder caches and
// every twelfth, not every sixtieth, stores the figures of the minute.
const Interval = time.Second

// Plan says what to watch.
type Plan struct {
	Zol0 string `json:"zol0"`
	// Data is the directory of the store; it is written to.
	Data string `json:"data"`
	// Procfs takes away the rights that eBPF needs.
	Procfs bool `json:"procfs"`
	// Settle is left out at the beginning, Watch is what the figures rest on. A Watch of 0
	// looks at the start and its first beat alone.
	Settle time.Duration `json:"settle"`
	Watch  time.Duration `json:"watch"`
	// Queries is how often each question is asked after Watch.
	Queries int `json:"queries"`
	// Services is how many the population has, and Processes how many processes.
	Services  int `json:"services"`
	Processes int `json:"processes"`
}

// Cost is what one daemon cost. MB are 10^6 bytes.
type Cost struct {
	Processes int    `json:"processes"`
	Reader    string `json:"reader"` // as /api/self calls it
	// AnswersMS is the time on the clock from exec to the first answer, ReadyMS to the end
	// of the first beat.
	AnswersMS float64 `json:"answers_ms"`
	ReadyMS   float64 `json:"ready_ms"`
	// StartPeakMB is the highest resident set until the daemon was settled.
	StartPeakMB float64 `json:"start_peak_mb"`
	// RSSMB, PrivateMB and FileMB are medians of readings each second of Watch; PeakMB is
	// the highest resident set in that time.
	RSSMB     float64 `json:"rss_mb"`
	PrivateMB float64 `json:"private_mb"`
	FileMB    float64 `json:"file_mb"`
	PeakMB    float64 `json:"peak_mb"`
	// SlopeKBPerMinute is that of the resident set over the second half of Watch.
	SlopeKBPerMinute float64 `json:"slope_kb_per_minute"`
	// BeatMS is processor time per beat of Watch, of the whole process with all it does beside.
	BeatMS float64 `json:"beat_ms"`
	// WrittenKB is per beat of Watch what the kernel counts as written to the disk
	// (write_bytes of /proc/PID/io), and HandedKB what was handed to it (wchar); kB of 1,000 bytes.
	WrittenKB float64 `json:"written_kb"`
	HandedKB  float64 `json:"handed_kb"`
	Beats     int     `json:"beats"`
	Queries   []Query `json:"queries,omitempty"`
	// QueriesPeakMB is the highest resident set while questions were asked.
	QueriesPeakMB float64 `json:"queries_peak_mb,omitempty"`
	NotRun        string  `json:"not_run,omitempty"`
}

// server is a running daemon.
type server struct {
	cmd    *exec.Cmd
	url    string
	client *http.Client
	stderr bytes.Buffer
	began  time.Time
	ended  chan error
}

// Plans are daemons to run one after the other in the same population.
type Plans struct {
	// Aged is how old the population is to be before the first starts: what has not lived
	// for a minute is not stored.
	Aged  time.Duration `json:"aged"`
	Plans []Plan        `json:"plans"`
}

// MeasureAll runs them. It is called inside the population.
func MeasureAll(ctx context.Context, p Plans) (costs []Cost, err error) {
	if err := pause(ctx, p.Aged); err != nil {
		return nil, err
	}
	for _, plan := range p.Plans {
		cost, err := measure(ctx, plan)
		if err != nil {
			return nil, err
		}
		costs = append(costs, cost)
	}
	return costs, nil
}

// measure runs one daemon.
func measure(ctx context.Context, p Plan) (cost Cost, err error) {
	cost.Processes = p.Processes
	s, err := p.start(ctx)
	if err != nil {
		return cost, err
	}
	defer func() { err = errors.Join(err, s.stop()) }()
	answers, ready, err := s.wait(ctx)
	if err != nil {
		cost.NotRun = err.Error()
		return cost, nil
	}
	cost.AnswersMS, cost.ReadyMS = answers.Seconds()*1e3, ready.Seconds()*1e3
	if err := pause(ctx, p.Settle); err != nil {
		return cost, err
	}
	m, err := process.MemoryOf(s.pid())
	if err != nil {
		return cost, err
	}
	cost.StartPeakMB = float64(m.Peak) / 1e6
	self, err := s.self(ctx)
	if err != nil {
		return cost, err
	}
	cost.Reader = self.Reader
	if p.Watch > 0 {
		if err := cost.watch(ctx, s, p.Watch); err != nil {
			return cost, err
		}
		if err := s.stores(ctx, p.Services); err != nil {
			return cost, err
		}
	}
	if p.Queries > 0 {
		if err := cost.ask(ctx, s, &p); err != nil {
			return cost, err
		}
	}
	return cost, nil
}

// withoutBPF starts a command as root without the rights that eBPF needs (capabilities(7)).
// What else root may do stays, so that procfs gives every figure, at its full cost.
var withoutBPF = []string{"setpriv", "--bounding-set=-bpf,-perfmon,-sys_admin"}

func (p *Plan) start(ctx context.Context) (*server, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("cannot find a free port: %w", err)
	}
	address := l.Addr().String()
	if err := l.Close(); err != nil {
		return nil, fmt.Errorf("cannot free the port %s: %w", address, err)
	}
	command := []string{p.Zol0, "dashboard", "--data", p.Data, "--listen", address, "--interval", Interval.String()}
	if p.Procfs {
		command = append(append([]string{}, withoutBPF...), command...)
	}
	s := &server{url: "http://" + address, client: &http.Client{Timeout: 10 * time.Second}, ended: make(chan error, 1)}
	s.cmd = exec.CommandContext(ctx, command[0], command[1:]...)
	s.cmd.Stderr = &s.stderr
	s.cmd.Env = append(os.Environ(), "ZOL0_CONFIG=", "GOMAXPROCS=")
	s.began = time.Now()
	if err := s.cmd.Start(); err != nil {
		return nil, fmt.Errorf("cannot start %s: %w", p.Zol0, err)
	}
	go func() { s.ended <- s.cmd.Wait() }()
	return s, nil
}

func (s *server) pid() int { return s.cmd.Process.Pid }

// stop ends the daemon as systemd does.
func (s *server) stop() error {
	select {
	case err := <-s.ended:
		s.ended <- err
		return s.failed(err)
	default:
	}
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return fmt.Errorf("cannot end the daemon: %w", err)
	}
	select {
	case err := <-s.ended:
		s.ended <- err
		if err != nil {
			return s.failed(err)
		}
		return nil
	case <-time.After(10 * time.Second):
		return errors.Join(errors.New("the daemon did not end within 10 s of SIGTERM"), s.cmd.Process.Kill())
	}
}

func (s *server) failed(err error) error {
	return fmt.Errorf("the daemon ended with %v: %s", err, bytes.TrimSpace(s.stderr.Bytes()))
}

// startTime bounds how long a start may take.
const startTime = 30 * time.Second

// wait returns when the daemon has answered and when it was ready.
func (s *server) wait(ctx context.Context) (answers, ready time.Duration, err error) {
	for _, x := range []struct {
		path string
		to   *time.Duration
	}{{"/-/healthy", &answers}, {"/-/ready", &ready}} {
		for *x.to == 0 {
			_, err := s.get(ctx, x.path)
			switch {
			case err == nil:
				*x.to = time.Since(s.began)
			case time.Since(s.began) > startTime:
				return 0, 0, fmt.Errorf("there was no answer at %s within %s: %w", x.path, startTime, err)
			default:
				select {
				case err := <-s.ended:
					s.ended <- err
					return 0, 0, s.failed(err)
				case <-time.After(time.Millisecond):
				}
			}
		}
	}
	return answers, ready, nil
}

func (s *server) get(ctx context.Context, path string) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+path, nil)
	if err != nil {
		return nil, fmt.Errorf("cannot ask for %s: %w", path, err)
	}
	answer, err := s.client.Do(r)
	if err != nil {
		return nil, fmt.Errorf("cannot ask the daemon: %w", err)
	}
	defer answer.Body.Close() //nolint:errcheck // it was read to its end
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, fmt.Errorf("the answer to %s broke off: %w", path, err)
	}
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s was answered with %s: %s", path, answer.Status, bytes.TrimSpace(text))
	}
	return text, nil
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// watch reads the daemon's memory each second and, before and after, what it used.
func (c *Cost) watch(ctx context.Context, s *server, span time.Duration) error {
	if err := process.ResetPeak(s.pid()); err != nil {
		return err
	}
	before, err := s.usage(ctx)
	if err != nil {
		return err
	}
	var seconds, rss, private, file []float64
	for end := time.Now().Add(span); time.Now().Before(end); {
		if err := pause(ctx, time.Second); err != nil {
			return err
		}
		m, err := process.MemoryOf(s.pid())
		if err != nil {
			return errors.Join(err, s.stop())
		}
		seconds = append(seconds, float64(len(seconds)))
		rss, private, file = append(rss, float64(m.RSS)/1e6), append(private, float64(m.Private())/1e6), append(file, float64(m.File)/1e6)
		c.PeakMB = float64(m.Peak) / 1e6
	}
	after, err := s.usage(ctx)
	if err != nil {
		return err
	}
	c.Beats = int(after.beats - before.beats)
	if c.Beats == 0 {
		return fmt.Errorf("no beat came within %s", span)
	}
	n := float64(c.Beats)
	c.BeatMS = (after.cpu - before.cpu).Seconds() * 1e3 / n
	c.WrittenKB, c.HandedKB = float64(after.io.Written-before.io.Written)/1e3/n, float64(after.io.Handed-before.io.Handed)/1e3/n
	c.RSSMB, c.PrivateMB, c.FileMB = figure.Median(rss), figure.Median(private), figure.Median(file)
	half := len(rss) / 2
	c.SlopeKBPerMinute = figure.Slope(seconds[half:], rss[half:]) * 60 * 1e3
	return nil
}

// usage is what a daemon has used up to a beat.
type usage struct {
	beats uint64
	cpu   time.Duration
	io    process.IO
}

func (s *server) usage(ctx context.Context) (u usage, err error) {
	self, err := s.self(ctx)
	if err != nil {
		return u, err
	}
	u.beats = self.Beat.Number
	if u.cpu, err = process.CPU(s.pid()); err != nil {
		return u, err
	}
	u.io, err = process.IOOf(s.pid())
	return u, err
}
