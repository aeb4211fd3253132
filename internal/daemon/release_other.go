//go:build !linux

package daemon

// releaseProgram does nothing: other systems do not count pages of the program that nobody
// needs.
func releaseProgram() error { return nil }
