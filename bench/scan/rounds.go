package scan

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"time"
)

// Plan says what the rounds measure.
type Plan struct {
	// Floor is the path of the compiled floor.c.
	Floor string `json:"floor"`
	// Self is this program and MeasureArg its command that measures one reader: it is
	// called with the reader's name and the budget and prints a Measurement as JSON.
	Self       string        `json:"self"`
	MeasureArg string        `json:"measure_arg"`
	Rounds     int           `json:"rounds"`
	Budget     time.Duration `json:"budget"`
}

// Round is every reader measured once, one right after the other.
type Round []Measurement

// Run runs the rounds; it is called inside the population. Every measurement is a process
// of its own, so that no reader pays for another one's garbage. The order turns by one
// from round to round, so that none always comes after the same one.
func (p Plan) Run(ctx context.Context, progress io.Writer) ([]Round, error) {
	rounds := make([]Round, 0, p.Rounds)
	for n := range p.Rounds {
		round := make(Round, 0, len(Readers))
		for i := range Readers {
			m, err := p.measure(ctx, Readers[(i+n)%len(Readers)])
			if err != nil {
				return nil, err
			}
			round = append(round, m)
		}
		rounds = append(rounds, round)
		fmt.Fprintf(progress, "  round %d of %d\n", n+1, p.Rounds)
	}
	return rounds, nil
}

func (p Plan) measure(ctx context.Context, reader string) (Measurement, error) {
	var m Measurement
	args := []string{p.Self, p.MeasureArg, reader, p.Budget.String()}
	if reader == Floor {
		args = []string{p.Floor, strconv.FormatInt(p.Budget.Milliseconds(), 10)}
	}
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return m, fmt.Errorf("cannot measure %s: %w", reader, err)
	}
	if reader == Floor {
		return parseFloor(string(out))
	}
	if err := json.Unmarshal(out, &m); err != nil {
		return m, fmt.Errorf("cannot understand what measuring %s printed (%q): %w", reader, out, err)
	}
	return m, nil
}
