"""A dashboard that leaks per session, as ZoL0's first one did: what a page load renders is put
into the session under temp_, old_ and cache_ keys, and nobody deletes them."""

import argparse
import random
import urllib.request

from served import Life, exposition, resident_bytes, serve

PREFIXES = ("temp_", "old_", "cache_")


class Sessions:
    def __init__(self, rows):
        self.rows = rows
        self.all = []
        self.loads = 0
        self.random = random.Random(3)

    def load(self):
        """One page load of a new session: a table and a chart, really rendered."""
        self.loads += 1
        session = {"user": self.loads}
        prices = [100.0]
        for _ in range(self.rows):
            prices.append(prices[-1] * (1 + self.random.gauss(0, 0.01)))
        table = "".join(f"<tr><td>{k}</td><td>{p:.4f}</td></tr>" for k, p in enumerate(prices))
        session[f"temp_table_{self.loads}"] = table
        session[f"old_prices_{self.loads}"] = prices
        session[f"cache_chart_{self.loads}"] = [(k, p) for k, p in enumerate(prices)]
        self.all.append(session)
        return len(table)

    def keys(self):
        return sum(len(s) for s in self.all)

    def clear(self):
        """The repair: what nobody needs any more is deleted."""
        gone = 0
        for session in self.all:
            for key in [k for k in session if k.startswith(PREFIXES)]:
                del session[key]
                gone += 1
        self.all.clear()
        return gone


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--session-every", type=float, default=1.0)
    parser.add_argument("--leak-mb-per-hour", type=float, default=240)
    options = parser.parse_args()
    life = Life()
    # A row holds about 175 bytes in the table, the list and the chart.
    rows = max(1, int(options.leak_mb_per_hour * 1e6 / 3600 * options.session_every / 175))
    sessions = Sessions(rows)

    def log(method, path, code):
        print(f'INFO:     127.0.0.1 - "{method} {path} HTTP/1.1" {code}', flush=True)

    server = serve(options.port, {
        ("GET", "/"): lambda _: (200, {"rendered_bytes": sessions.load()}),
        ("GET", "/health"): lambda _: (200, {"status": "ok"}),
        ("GET", "/demo/keys"): lambda _: (200, {"keys": sessions.keys()}),
        ("POST", "/demo/clear"): lambda _: (200, {"deleted": sessions.clear()}),
        ("GET", "/metrics"): lambda _: (200, exposition([
            ("app_page_loads_total", "counter", "Pages rendered.", [({}, sessions.loads)]),
            ("app_sessions", "gauge", "Sessions that are held.", [({}, len(sessions.all))]),
            ("app_session_keys", "gauge", "Keys in all sessions.", [({}, sessions.keys())]),
            ("process_resident_memory_bytes", "gauge", "Resident memory.", [({}, resident_bytes())]),
        ])),
    }, log)
    address = f"http://127.0.0.1:{server.server_address[1]}/"
    while life.goes_on(options.session_every):
        try:
            with urllib.request.urlopen(address, timeout=10) as answer:
                answer.read()
        except OSError as error:
            print(f"ERROR:    a page load failed: {error}", flush=True)


if __name__ == "__main__":
    main()
