package probe

import "bytes"

// diskTraffic is what went to and from the real block devices since each was found.
type diskTraffic struct {
	devices                     int
	sectorsRead, sectorsWritten uint64
}

// sectorBytes is the unit of /proc/diskstats whatever sectors a device has (Linux,
// Documentation/admin-guide/iostats.rst).
const sectorBytes = 512

// Fields of /proc/diskstats after the name.
const (
	diskSectorsRead    = 3
	diskSectorsWritten = 7
)

// parseDiskstats reads a diskstats file (proc_diskstats(5)) and adds up every device whose
// bytes no other line has:
//
//   - Partitions are left out, as the disk they are on counts them. The kernel lists them
//     right after their disk and names them after it (add_partition in
//     block/partitions/core.c): "sda1" after "sda", "nvme0n1p1" after "nvme0n1".
//   - Devices made of other devices, of files or of memory are left out: see virtual. One
//     that is reached over the network (nbd, rbd) counts: no other line has its bytes.
//   - An NVMe namespace that is reached over several paths is counted at its paths
//     (nvme0c1n1) and not at the device above them (nvme0n1), which counted nothing before
//     Linux 6.4 and the same again since.
//
// It reports false when a line is cut off or has not its form.
func parseDiskstats(b []byte) (diskTraffic, bool) {
	var out diskTraffic
	var disk []byte // the last line's that was no partition
	for rest := b; len(rest) > 0; {
		end := bytes.IndexByte(rest, '\n')
		if end < 0 {
			return diskTraffic{}, false
		}
		name, counters, ok := diskLine(rest[:end])
		if !ok {
			return diskTraffic{}, false
		}
		rest = rest[end+1:]
		if partitionOf(disk, name) {
			continue
		}
		disk = name
		if virtual(name) || hasPaths(b, name) {
			continue
		}
		if !out.add(counters) {
			return diskTraffic{}, false
		}
	}
	return out, true
}

// diskLine splits a line "   8       0 sda 5 0 40 …" into the name and what follows it.
func diskLine(line []byte) (name, counters []byte, ok bool) {
	for range 2 { // major and minor number
		if _, line, ok = nextNumber(line); !ok {
			return nil, nil, false
		}
	}
	name, counters, ok = bytes.Cut(bytes.TrimLeft(line, " "), []byte(" "))
	return name, counters, ok && len(name) > 0
}

func (t *diskTraffic) add(counters []byte) bool {
	for field := 1; field <= diskSectorsWritten; field++ {
		v, rest, ok := nextNumber(counters)
		if !ok {
			return false
		}
		counters = rest
		var into *uint64
		switch field {
		case diskSectorsRead:
			into = &t.sectorsRead
		case diskSectorsWritten:
			into = &t.sectorsWritten
		default:
			continue
		}
		if v > ^uint64(0)-*into {
			return false
		}
		*into += v
	}
	t.devices++
	return true
}

// partitionOf reports whether name is that of a partition of disk: a number after the
// disk's name, with a "p" between where that ends with a digit.
func partitionOf(disk, name []byte) bool {
	number, ok := bytes.CutPrefix(name, disk)
	if len(disk) == 0 || !ok {
		return false
	}
	if last := disk[len(disk)-1]; last >= '0' && last <= '9' {
		if number, ok = bytes.CutPrefix(number, []byte("p")); !ok {
			return false
		}
	}
	_, n := digits(number)
	return n > 0 && n == len(number)
}

// virtual reports whether the bytes of a device are those of another one, or none of a
// disk at all. Arrays may be named freely after "md" and "md_"; all others have a number.
func virtual(name []byte) bool {
	if bytes.HasPrefix(name, []byte("md")) {
		return true
	}
	for _, driver := range [...]string{
		"loop", "ram", "zram", "nullb", // files and memory
		"dm-", "drbd", "bcache", "zd", // device mapper, replication, cache, ZFS volumes
	} {
		if len(name) > len(driver) && string(name[:len(driver)]) == driver && name[len(driver)]-'0' <= 9 {
			return true
		}
	}
	return false
}

// hasPaths reports whether name is an NVMe namespace ("nvme3n1") of which text has a path
// ("nvme3c33n1") too. Where nvme_core.multipath is off there are none.
func hasPaths(text, name []byte) bool {
	number, ok := bytes.CutPrefix(name, []byte("nvme"))
	if !ok {
		return false
	}
	_, n := digits(number)
	if n == 0 || n == len(number) || number[n] != 'n' {
		return false
	}
	subsystem, namespace := name[:len(name)-len(number)+n], number[n:]
	for {
		at := bytes.Index(text, subsystem)
		if at < 0 {
			return false
		}
		text = text[at+len(subsystem):]
		path, ok := bytes.CutPrefix(text, []byte("c"))
		if !ok {
			continue
		}
		_, n := digits(path)
		if after, ok := bytes.CutPrefix(path[n:], namespace); n > 0 && ok && len(after) > 0 && after[0] == ' ' {
			return true
		}
	}
}
