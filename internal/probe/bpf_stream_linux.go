package probe

import (
	"fmt"
	"io"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/zol0/zol0/internal/probe/bpf"
)

// recordStream cuts what the iterator writes into records.
type recordStream struct {
	records []bpf.ScanProcess
	text    []byte // the same memory as bytes
	whole   int    // bytes of text handed out by the last next
	filled  int    // bytes of text that were read
}

// batch is how many records are read at once: the kernel's own buffer for iterators holds
// 8 pages, and more than that it never gives in one read.
const batch = 256

// maxEmptyReads bounds how often the kernel may say that it looked at 1,000,000 tasks
// without a record to show (EAGAIN of bpf_seq_read): there are at most 4 million of them.
const maxEmptyReads = 8

func newRecordStream() recordStream {
	records := make([]bpf.ScanProcess, batch)
	size := batch * int(unsafe.Sizeof(records[0]))
	return recordStream{records: records, text: unsafe.Slice((*byte)(unsafe.Pointer(&records[0])), size)}
}

// rewind forgets what is left of an earlier reading.
func (r *recordStream) rewind() { r.whole, r.filled = 0, 0 }

// next reads from fd until there is at least one whole record; what follows the last whole
// one is kept for the next call, which also invalidates the result. After the last record
// it returns io.EOF.
func (r *recordStream) next(fd int) ([]bpf.ScanProcess, error) {
	const size = int(unsafe.Sizeof(bpf.ScanProcess{}))
	r.filled = copy(r.text, r.text[r.whole:r.filled])
	r.whole = 0
	for empty := 0; ; {
		n, err := unix.Read(fd, r.text[r.filled:])
		switch {
		case err == unix.EINTR:
		case err == unix.EAGAIN && empty < maxEmptyReads:
			empty++
		case err != nil:
			return nil, fmt.Errorf("cannot read the eBPF iterator: %w", err)
		case n == 0 && r.filled > 0:
			return nil, fmt.Errorf("cannot read the eBPF iterator: it ended %d bytes into a record of %d: %w", r.filled, size, io.ErrUnexpectedEOF)
		case n == 0:
			return nil, io.EOF
		default:
			r.filled += n
			if r.filled >= size {
				r.whole = r.filled / size * size
				return r.records[:r.whole/size], nil
			}
		}
	}
}

// openIterator starts one pass of an attached iterator. link.Iter.Open does the same with
// five allocations for each scan.
func openIterator(link int) (int, error) {
	attr := struct{ link, flags uint32 }{link: uint32(link)}
	for {
		fd, _, errno := syscall.Syscall(unix.SYS_BPF, unix.BPF_ITER_CREATE, uintptr(unsafe.Pointer(&attr)), unsafe.Sizeof(attr))
		if errno == unix.EINTR || errno == unix.EAGAIN {
			continue
		}
		if errno != 0 {
			return -1, errno
		}
		return int(fd), nil
	}
}
