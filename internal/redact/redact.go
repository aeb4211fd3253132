// Package redact is under construction.
package redact

// Args replaces secrets.
func Args(args []string) []string { return args }
