package trace

// Bounds of what is read. A file is foreign: without them one of a few kilobytes, which
// gzip can blow up a thousandfold, would take all the memory of whoever opens it.
const (
	// maxPoints is four metrics of ten processes every 30 seconds for 43 days. A point
	// has 40 bytes, so that the largest file takes about 200 MB, and half as much again
	// while it grows.
	maxPoints = 5_000_000
	// maxSeries is four metrics of 2,500 processes, more than a machine usually runs.
	maxSeries = 10_000
	// maxLives is how many processes may come and go in a file: a build machine that is
	// watched for a day starts some ten thousand that live long enough to be seen.
	maxLives = 100_000
	// maxNameBytes of names and labels are kept in all: 600 for each of maxLives.
	maxNameBytes = 64 << 20
	// maxBytes is about three times what maxPoints take in the most verbose format, a CSV
	// of zol0 with one metric in use of each row's 250 bytes.
	maxBytes = 1 << 30
	// maxLineBytes: the longest line known is the command line in a profile of mprof, and
	// Linux limits one argument of a command to 128 KiB.
	maxLineBytes = 1 << 20
	// maxColumns: the widest table known, zol0's own, has 25.
	maxColumns = 1_000
	// maxJSONDepth: an answer of Prometheus nests 6 deep.
	maxJSONDepth = 32
	// maxNameRunes keeps labels that run to pages from filling a screen.
	maxNameRunes = 200
	// maxQuotedBytes is how much of a wrong value an error repeats: enough to find it.
	maxQuotedBytes = 64
	// maxListed is how many names of columns an error lists.
	maxListed = 20
)
