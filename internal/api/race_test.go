//go:build race

package api

// underRace says that the race detector is on, which keeps books of its own.
const underRace = true
