package top

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"golang.org/x/term"
)

// plain shows the view in a terminal that can do nothing but print (TERM=dumb): each
// screen is printed below the one before, without any control sequence.
type plain struct {
	*model
	out    *os.File
	shown  string
	failed error
}

// runPlain runs the view so. The terminal library leaves such a terminal as it is, so the
// keys are made to come one by one here.
func runPlain(ctx context.Context, m *model, o *Options) (err error) {
	before, err := term.MakeRaw(int(o.In.Fd()))
	if err != nil {
		return fmt.Errorf("cannot read single keys: %w", err)
	}
	p := &plain{model: m, out: o.Out}
	defer func() {
		if e := term.Restore(int(o.In.Fd()), before); err == nil && e != nil {
			err = fmt.Errorf("cannot restore the terminal: %w", e)
		}
		if err == nil {
			err = p.failed
		}
	}()
	return run(ctx, tea.NewProgram(p, tea.WithInput(o.In), tea.WithOutput(o.Out), tea.WithEnvironment(environment(o.Env)),
		tea.WithColorProfile(profile(o.Env)), tea.WithoutSignalHandler(), tea.WithoutRenderer()))
}

// Update prints what became of the screen.
func (p *plain) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	if k, ok := msg.(tea.KeyPressMsg); ok && k.String() == "ctrl+z" {
		return p, nil // the shell could not tell where the screen ends
	}
	_, cmd := p.model.Update(msg)
	if width, height, err := term.GetSize(int(p.out.Fd())); err == nil && width > 0 && height > 0 {
		p.model.width, p.model.height = width, height-1
		p.model.arrange()
	}
	if p.model.last.at.IsZero() {
		return p, cmd
	}
	if err := p.print(); err != nil {
		p.failed = fmt.Errorf("cannot write to the terminal: %w", err)
		return p, tea.Quit
	}
	return p, cmd
}

// print prints the screen if it is another than the one before, without the empty lines
// that would keep the last ones at the bottom.
func (p *plain) print() error {
	lines := p.model.screen()
	for i := range lines {
		lines[i] = strings.TrimRight(ansi.Strip(lines[i]), " ")
	}
	lines = slices.CompactFunc(lines, func(a, b string) bool { return a == "" && b == "" })
	text := strings.Join(lines, "\r\n") + "\r\n\r\n"
	if text == p.shown {
		return nil
	}
	p.shown = text
	_, err := p.out.WriteString(text)
	return err
}
