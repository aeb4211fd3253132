"""A scan as scripts that watch memory do it: psutil, every process, RSS and processor time.

usage: psutil.py SCANS    prints a line per scan: processes and milliseconds of processor time
"""
import sys
import time

import psutil

for _ in range(int(sys.argv[1])):
    began = time.process_time()
    seen = []
    for p in psutil.process_iter(["pid", "name", "cmdline", "memory_info", "cpu_percent", "create_time"]):
        seen.append((p.info["pid"], p.info["name"], p.info["cmdline"], p.info["memory_info"], p.info["cpu_percent"]))
    print(len(seen), (time.process_time() - began) * 1000)
