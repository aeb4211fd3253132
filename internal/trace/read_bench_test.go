package trace

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"
)

// BenchmarkRead reads ten thousand rows of each format.
func BenchmarkRead(b *testing.B) {
	own, err := os.ReadFile("testdata/zol0_monitor.csv")
	if err != nil {
		b.Fatal(err)
	}
	head, rest, _ := strings.Cut(string(own), "\n")
	row, _, _ := strings.Cut(rest, "\n")
	var answer strings.Builder
	answer.WriteString(`{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[[0,"1"]`)
	for i := range 10_000 {
		fmt.Fprintf(&answer, `,[%d,"%d"]`, 1_700_000_000+i, 48_201_728+i)
	}
	answer.WriteString("]}]}}")
	for _, c := range []struct{ name, text string }{
		{"zol0", head + "\n" + strings.Repeat(row+"\n", 10_000)},
		{"table", "t_s,v\n" + strings.Repeat("1700000000,48201728\n", 10_000)},
		{"mprof", strings.Repeat("MEM 23.648438 1795447397.3890\n", 10_000)},
		{"psrecord", "# Elapsed time   CPU (%)     Real (MB)   Virtual (MB)\n" + strings.Repeat("       6.029        0.000        8.125       13.527\n", 10_000)},
		{"prometheus", answer.String()},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(int64(len(c.text)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Read(bytes.NewReader([]byte(c.text)), Options{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
