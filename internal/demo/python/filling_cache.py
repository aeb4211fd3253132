"""A healthy service whose bounded cache fills: it grows, and then it stays."""

import argparse
import hashlib
import time
from collections import OrderedDict

from served import Life, exposition, resident_bytes, serve

ENTRY = 8 * 1024


def rendered(key):
    """A result worth keeping: a chain of hashes, eight kilobytes of them."""
    out, link = [], hashlib.sha256(str(key).encode()).digest()
    while len(out) * len(link) < ENTRY:
        link = hashlib.sha256(link).digest()
        out.append(link)
    return b"".join(out)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--limit-mb", type=float, default=40)
    parser.add_argument("--fill-minutes", type=float, default=6)
    options = parser.parse_args()
    life = Life()
    limit = int(options.limit_mb * 1e6 / ENTRY)
    cache, state = OrderedDict(), {"requests": 0, "hits": 0}

    def log(method, path, code):
        print(f'time="{time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}" level=info msg="{method} {path}" status={code}', flush=True)

    serve(options.port, {
        ("GET", "/health"): lambda _: (200, {"status": "ok"}),
        ("GET", "/metrics"): lambda _: (200, exposition([
            ("app_requests_total", "counter", "Look-ups.", [({}, state["requests"])]),
            ("cache_entries", "gauge", "Entries.", [({}, len(cache))]),
            ("cache_limit_entries", "gauge", "Entries at most.", [({}, limit)]),
            ("process_resident_memory_bytes", "gauge", "Resident memory.", [({}, resident_bytes())]),
        ])),
    }, log)
    per_step = max(1, round(limit / (options.fill_minutes * 60 * 4)))
    key = 0
    while life.goes_on(0.25):
        for _ in range(per_step):
            key += 1
            state["requests"] += 1
            cache[key] = rendered(key)
            if len(cache) > limit:
                cache.popitem(last=False)
        if key % (per_step * 240) < per_step:
            print(f'time="{time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}" level=info msg="cache" entries={len(cache)} limit={limit}', flush=True)


if __name__ == "__main__":
    main()
