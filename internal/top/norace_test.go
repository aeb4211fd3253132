//go:build !race

package top

// underRace says that the race detector is on.
const underRace = false
