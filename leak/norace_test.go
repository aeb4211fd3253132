//go:build !race

package leak

// raceAllocations is how many more allocations the race detector may make of a call.
const raceAllocations = 0
