"""What all programs of the demonstration share: a small HTTP server on this machine alone,
an end in good order, and none of them left behind when their parent is gone."""

import json
import os
import signal
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

MOST_BODY = 64 * 1024


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 32


class Handler(BaseHTTPRequestHandler):
    """Answers from the dictionary `routes` of its server: (method, path) -> function."""

    timeout = 10
    protocol_version = "HTTP/1.1"

    def answer(self, method):
        length = min(int(self.headers.get("Content-Length") or 0), MOST_BODY)
        body = self.rfile.read(length) if length else b""
        path = self.path.split("?", 1)[0]
        self.server.count_request()
        route = self.server.routes.get((method, path))
        if route is None:
            self.send(404, {"success": False, "error": "no such route"})
            return
        try:
            code, value = route(body)
        except Exception as error:  # a page that fails must not end the program
            code, value = 500, {"success": False, "error": str(error)}
        self.send(code, value)

    def send(self, code, value):
        if isinstance(value, str):
            text, kind = value.encode(), "text/plain; version=0.0.4; charset=utf-8"
        else:
            text, kind = json.dumps(value).encode(), "application/json"
        self.send_response(code)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)
        self.server.log(self.command, self.path, code)

    def do_GET(self):
        self.answer("GET")

    def do_POST(self):
        self.answer("POST")

    def log_message(self, *_):
        """Every program logs in a shape of its own."""


def serve(port, routes, log):
    """Begins to answer in the background and returns the server."""
    server = Server(("127.0.0.1", port), Handler)
    server.routes = routes
    server.log = log
    server.requests = 0
    lock = threading.Lock()

    def count_request():
        with lock:
            server.requests += 1

    server.count_request = count_request
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f"listening on 127.0.0.1:{server.server_address[1]}", flush=True)
    return server


class Life:
    """Ends with SIGTERM, SIGINT, or the parent."""

    def __init__(self):
        self.parent = os.getppid()
        self.over = threading.Event()
        signal.signal(signal.SIGTERM, lambda *_: self.over.set())
        signal.signal(signal.SIGINT, lambda *_: self.over.set())

    def goes_on(self, seconds):
        """Waits, and says whether the program is still wanted."""
        end = time.monotonic() + seconds
        while not self.over.is_set():
            if os.getppid() != self.parent:
                self.over.set()
                break
            left = end - time.monotonic()
            if left <= 0:
                return True
            self.over.wait(min(left, 0.5))
        return False


def resident_bytes():
    """The resident set, where the system tells it."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return None


def exposition(metrics):
    """Metrics as Prometheus reads them: [(name, kind, help, [(labels, value)])]."""
    lines = []
    for name, kind, text, samples in metrics:
        lines.append(f"# HELP {name} {text}")
        lines.append(f"# TYPE {name} {kind}")
        for labels, value in samples:
            if value is None:
                continue
            inner = ",".join(f'{key}="{word}"' for key, word in labels.items())
            lines.append(f"{name}{{{inner}}} {value}" if inner else f"{name} {value}")
    return "\n".join(lines) + "\n"


def fail(text):
    print(text, file=sys.stderr)
    sys.exit(2)
