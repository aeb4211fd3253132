//go:build !linux

package probe

import (
	"errors"
	"fmt"

	"github.com/zol0/zol0/internal/process"
)

// PSS always fails with an error that wraps errors.ErrUnsupported: only Linux divides
// shared pages among their users.
func (r *Reader) PSS(id process.ID) (PSS, error) {
	return PSS{}, fmt.Errorf("cannot read PSS of process %d: only Linux has it: %w", id.PID, errors.ErrUnsupported)
}
