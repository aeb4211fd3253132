package store

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the tables of docs/series.md anew")

// TestDocumentListsEverySeries holds docs/series.md to the tables of this package.
func TestDocumentListsEverySeries(t *testing.T) {
	const path = "../../docs/series.md"
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	head, _, ok := strings.Cut(string(text), "## Services and processes\n")
	if !ok {
		t.Fatalf("%s has no section on services and processes", path)
	}
	var out strings.Builder
	out.WriteString(head + "## Services and processes\n\nEach name exists for services (`zol0_service_…`) and, but for `instances` and those on verdicts, for processes (`zol0_process_…`).\n\n| name | kind | meaning |\n| --- | --- | --- |\n")
	row := func(m Metric) {
		kind := "gauge"
		if m.Cumulative {
			kind = "counter"
		}
		fmt.Fprintf(&out, "| `%s` | %s | %s |\n", m.Name, kind, m.Meaning)
	}
	for _, m := range Metrics(Service) {
		row(m)
	}
	out.WriteString("\n## The machine\n\nIn a container these are figures of the machine around it. What a system does not tell is not stored.\n\n| name | kind | meaning |\n| --- | --- | --- |\n")
	for _, m := range Metrics(Host) {
		row(m)
	}
	if *update {
		if err := os.WriteFile(path, []byte(out.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if out.String() != string(text) {
		t.Errorf("%s does not list the series as they are; write it anew with: go test ./internal/store -run Document -update", path)
	}
}

// TestCodesNeverChange holds the numbers that are in files to the metrics that they stand
// for: whoever adds one adds it at the end.
func TestCodesNeverChange(t *testing.T) {
	service := []string{"private_bytes", "rss_bytes", "anon_bytes", "file_bytes", "shmem_bytes", "swap_bytes", "peak_rss_bytes", "virtual_bytes", "cpu_seconds_total", "threads", "fds", "minor_faults_total", "major_faults_total"}
	for i, name := range service {
		if got := NameOf(Service, Code(i), nil); got != "zol0_service_"+name {
			t.Errorf("code %d of services is %s, want %s", i, got, name)
		}
	}
	for i, name := range []string{"verdict", "verdict_score", "growth_bytes_per_second", "growth_bytes_per_second_low", "growth_bytes_per_second_high", "limit_reached_seconds"} {
		if got := NameOf(Service, Code(13+i), nil); got != "zol0_service_"+name {
			t.Errorf("code %d of services is %s, want %s", 13+i, got, name)
		}
	}
	if NameOf(Service, 31, nil) != "zol0_service_instances" {
		t.Error("code 31 of services is no longer their number of instances")
	}
	host := []string{"cpu_busy_seconds_total", "cpu_seconds_total", "load1", "cpus", "memory_total_bytes", "memory_available_bytes", "swap_total_bytes", "swap_free_bytes",
		"pressure_cpu_some_seconds_total", "pressure_memory_some_seconds_total", "pressure_memory_full_seconds_total", "pressure_io_some_seconds_total", "pressure_io_full_seconds_total",
		"disk_total_bytes", "disk_available_bytes", "disk_read_bytes_total", "disk_written_bytes_total", "processes", "uptime_seconds", "swap_in_bytes_total", "swap_out_bytes_total"}
	for i, name := range host {
		if got := NameOf(Host, Code(i), nil); got != "zol0_host_"+name {
			t.Errorf("code %d of the machine is %s, want %s", i, got, name)
		}
	}
}
