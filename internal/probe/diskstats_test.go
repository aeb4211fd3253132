package probe

import (
	"fmt"
	"math/bits"
	"strings"
	"testing"
)

// disks writes a diskstats file: a name, the sectors read and the sectors written a line.
func disks(lines ...string) string {
	var out strings.Builder
	for i, line := range lines {
		var name string
		var read, written uint64
		if n, err := fmt.Sscan(line, &name, &read, &written); n != 3 {
			panic(fmt.Sprint("BUG: ", line, ": ", err))
		}
		fmt.Fprintf(&out, "%4d %7d %s 900 901 %d 902 903 904 %d 905 906 907 908 0 0 0 0 0 0\n", 8, i, name, read, written)
	}
	return out.String()
}

func TestEveryByteOfADiskIsCountedOnce(t *testing.T) {
	for _, c := range []struct {
		name string
		text string
		want diskTraffic
	}{
		{"a disk and its partitions", disks("sda 100 20", "sda1 60 10", "sda2 40 10", "sdb 1 2"), diskTraffic{2, 101, 22}},
		{"the twenty-seventh disk is no partition", disks("sda 1 1", "sda1 1 1", "sdaa 10 10", "sdaa1 10 10"), diskTraffic{2, 11, 11}},
		{"names that end with digits", disks("nvme0n1 5 6", "nvme0n1p1 5 6", "nvme0n12 10 10", "mmcblk0 1 1", "mmcblk0p1 1 1", "mmcblk0boot0 2 2"), diskTraffic{4, 18, 19}},
		{"a partition that has no disk is one", disks("xvda1 3 4", "xvdb 1 1"), diskTraffic{2, 4, 5}},
		{"volumes, arrays and files on disks", disks("loop0 9 9", "sda 7 8", "sda1 7 8", "sdb 7 8", "md0 7 8", "md127p1 1 1", "md_d0 1 1", "md_home 1 1", "dm-0 7 8", "dm-12 1 1", "bcache0 1 1", "drbd0 1 1", "zd16 1 1", "zd16p1 1 1"), diskTraffic{2, 14, 16}},
		{"memory", disks("ram0 9 9", "zram0 9 9", "nullb0 9 9", "loop1p1 9 9"), diskTraffic{}},
		{"over the network", disks("nbd0 1 2", "nbd0p1 1 2", "rbd1 3 4"), diskTraffic{2, 4, 6}},
		{"raw flash has a name that begins like an array's", disks("mtdblock0 1 2"), diskTraffic{1, 1, 2}},
		{"paths to a namespace before Linux 6.4", disks("nvme3c33n1 16148 17174264", "nvme3n1 0 0", "nvme3n1p1 0 0"), diskTraffic{1, 16148, 17174264}},
		{"two paths since Linux 6.4, seen after the namespace", disks("nvme1n1 30 40", "nvme1n1p1 30 40", "nvme1c0n1 10 20", "nvme1c1n1 20 20"), diskTraffic{2, 30, 40}},
		{"paths of other namespaces", disks("nvme1n1 1 1", "nvme1c0n11 2 2", "nvme1n11 2 2", "nvme11c0n1 4 4", "nvme2n1 8 8"), diskTraffic{4, 15, 15}},
		{"idle", disks("vda 0 0"), diskTraffic{1, 0, 0}},
		{"a container with a file of its own", "", diskTraffic{}},
		{"before Linux 4.18, without discards", "   8       0 sda 1 2 3 4 5 6 7 8 9 10 11\n", diskTraffic{1, 3, 7}},
	} {
		if got, ok := parseDiskstats([]byte(c.text)); got != c.want || !ok {
			t.Errorf("%s: %+v, %v; want %+v", c.name, got, ok, c.want)
		}
	}
}

func TestDiskstatsThatCannotBeRead(t *testing.T) {
	whole := disks("vda 12 34")
	for _, text := range []string{
		whole[:len(whole)-1],
		whole + "   8       1 vdb 1 2 3",
		"   8       0 sda 1 2 3 4 5 6\n",
		"   8       0 sda\n",
		"   8       0  \n",
		"   8 sda 1 2 3 4 5 6 7 8 9\n",
		"   8       0 sda 1 2 -3 4 5 6 7 8\n",
		"\n",
		disks("sda 18446744073709551615 0", "sdb 1 0"),
	} {
		if got, ok := parseDiskstats([]byte(text)); ok {
			t.Errorf("%q was believed: %+v", text, got)
		}
	}
}

func FuzzParseDiskstats(f *testing.F) {
	f.Add([]byte(disks("loop0 0 0", "nvme3c33n1 1 2", "nvme3n1 0 0", "nvme3n1p1 0 0")), uint64(5), uint64(6))
	f.Add([]byte("   8       0 nvme0nvme0c0n1 1\n"), ^uint64(0), uint64(0))
	f.Add([]byte("1 1 a 1 1 1 1 1 1 1\n1 1 a1 1\n"), uint64(1)<<62, uint64(1)<<62)
	f.Fuzz(func(t *testing.T, b []byte, read, written uint64) {
		got, ok := parseDiskstats(b)
		if !ok && got != (diskTraffic{}) || got.devices == 0 && got.sectorsRead+got.sectorsWritten > 0 {
			t.Errorf("%+v, %v from %q", got, ok, b)
		}
		if !ok {
			return
		}
		// A disk more is a disk more, whatever came before, unless the sums overflow.
		read, written = min(read, maxExact-1), min(written, maxExact-1)
		text := fmt.Appendf(nil, "%s%s", b, disks(fmt.Sprintf("xvdzz %d %d", read, written), fmt.Sprintf("xvdzz1 %d %d", read, written)))
		more, ok := parseDiskstats(text)
		r, over := bits.Add64(got.sectorsRead, read, 0)
		w, above := bits.Add64(got.sectorsWritten, written, 0)
		if ok != (over+above == 0) || ok && more != (diskTraffic{got.devices + 1, r, w}) {
			t.Errorf("%+v, then %+v, %v from %q", got, more, ok, text)
		}
	})
}
