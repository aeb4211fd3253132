"""A service that behaves as its arguments say, under whatever name the file is called by.

    NAME.py leak BYTES_PER_SECOND   grows for ever
    NAME.py steady BYTES            holds what it has
    NAME.py saw BYTES               fills and lets go, as a collector does

SIGUSR1 stops its growth, SIGUSR2 makes it 8 MB larger at once. It ends with its parent.
"""
import ctypes
import mmap
import os
import signal
import sys
import time

PR_SET_PDEATHSIG = 1
PR_SET_NAME = 15
TICK = 0.02
libc = ctypes.CDLL(None, use_errno=True)
libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
if "ACT_COMM" in os.environ:
    libc.prctl(PR_SET_NAME, os.environ["ACT_COMM"].encode())

kept = []
growing = True


def take(size):
    """Memory of the kernel's own, touched, so that every page counts."""
    pages = max(1, size // mmap.PAGESIZE)
    area = mmap.mmap(-1, pages * mmap.PAGESIZE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    for i in range(pages):
        area[i * mmap.PAGESIZE] = 1
    return area


def rest(*_):
    global growing
    growing = False


def jump(*_):
    kept.append(take(8 << 20))


signal.signal(signal.SIGUSR1, rest)
signal.signal(signal.SIGUSR2, jump)
kind, amount = sys.argv[1], int(sys.argv[2])
print("ready", flush=True)

if kind == "leak":
    began, taken = time.monotonic(), 0
    while True:
        time.sleep(TICK)
        if growing:
            owed = int((time.monotonic() - began) * amount) - taken
            if owed >= mmap.PAGESIZE:
                kept.append(take(owed))
                taken += owed // mmap.PAGESIZE * mmap.PAGESIZE
        else:
            began, taken = time.monotonic(), 0
elif kind == "steady":
    kept.append(take(amount))
    while True:
        signal.pause()
elif kind == "saw":
    while True:
        teeth = []
        for _ in range(20):
            teeth.append(take(amount // 20))
            time.sleep(TICK)
            if not growing:
                signal.pause()
else:
    sys.exit(f"cannot play {kind!r}: leak, steady or saw")
