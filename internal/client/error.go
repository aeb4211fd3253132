package client

// Error is why there is no answer.
type Error struct {
	URL string // of the daemon
	// NoDaemon says that nobody listens there.
	NoDaemon bool
	// Status and Code are the daemon's own, 0 and empty where it did not answer.
	Status  int
	Code    string
	Message string
	Hint    string // the next step
	Err     error  // nil where there is nothing beneath
}

// Error is what happened. Where nobody listens it says what to do about that too: it is
// the first thing that people meet.
func (e *Error) Error() string {
	switch {
	case e.NoDaemon:
		return e.Message + ": " + e.Hint
	case e.Err != nil:
		return e.Message + ": " + e.Err.Error()
	}
	return e.Message
}

func (e *Error) Unwrap() error { return e.Err }
