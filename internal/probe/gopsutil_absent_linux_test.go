//go:build !gopsutil

package probe

import "testing"

func TestGopsutilAgreesWithProcfs(t *testing.T) {
	notRun(t, "gopsutil is not in programs for Linux; go test -tags gopsutil ./internal/probe puts it into this test")
}
