package cli

import (
	"errors"
	"fmt"
	"syscall"

	"github.com/zol0/zol0/internal/backtest"
	"github.com/zol0/zol0/internal/config"
	"github.com/zol0/zol0/internal/store"
	"github.com/zol0/zol0/internal/trace"
)

// Exit codes, the same for every command but check, which keeps to the codes of
// monitoring plugins (see check.go).
const (
	exitOK      = 0
	exitFailure = 1
	exitUsage   = 2 // wrong words on the command line, or a wrong configuration
	// exitReached is of analyze: a series reached the state of --fail-on. 3 is UNKNOWN to
	// monitoring systems.
	exitReached = 4
	// exitPipe is what a shell shows for a program that SIGPIPE ended (128 + 13): the
	// reader of the output went away, which is no failure of ours.
	exitPipe = 141
)

// hinted is an error with the next step for a person.
type hinted struct {
	err  error
	hint string
}

func (e *hinted) Error() string { return e.err.Error() }
func (e *hinted) Unwrap() error { return e.err }

// usage is a mistake on the command line.
type usage struct{ hinted }

func usageError(hint, format string, args ...any) error {
	return &usage{hinted{fmt.Errorf(format, args...), hint}}
}

func failure(hint string, err error) error { return &hinted{err, hint} }

// exitStatus ends the program with a code and without a message: it was said already.
type exitStatus int

func (e exitStatus) Error() string { return fmt.Sprintf("exit status %d", int(e)) }

// codeOf gives the exit code of an error.
func codeOf(err error) int {
	var status exitStatus
	var wrongUse *usage
	var wrongConfig *config.Error
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &status):
		return int(status)
	case errors.Is(err, syscall.EPIPE):
		return exitPipe
	case errors.As(err, &wrongUse), errors.As(err, &wrongConfig):
		return exitUsage
	}
	return exitFailure
}

// hintOf gives the next step of an error, empty when there is none.
func hintOf(err error) string {
	var h *hinted
	var wrongUse *usage
	var wrongConfig *config.Error
	var wrongTrace *trace.Error
	var wrongSet *backtest.Error
	var wrongStore *store.Error
	switch {
	case errors.As(err, &wrongUse):
		return wrongUse.hint
	case errors.As(err, &h):
		return h.hint
	case errors.As(err, &wrongConfig):
		return wrongConfig.Hint
	case errors.As(err, &wrongTrace):
		return wrongTrace.Hint
	case errors.As(err, &wrongSet):
		return wrongSet.Hint
	case errors.As(err, &wrongStore):
		return wrongStore.Hint
	}
	return ""
}
