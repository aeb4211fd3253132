"""A healthy service: garbage gathers until the collector runs, and memory falls again."""

import argparse
import gc
import json
import random
import time

from served import Life, exposition, resident_bytes, serve


class Node:
    """Part of a ring, which only the collector can free."""

    def __init__(self, payload):
        self.payload = payload
        self.next = None


def handle(rng, size):
    """One request: a ring of nodes that refer to each other, and a figure from it."""
    nodes = [Node(rng.randbytes(900)) for _ in range(size)]
    for k, node in enumerate(nodes):
        node.next = nodes[k - 1]
    return sum(node.payload[0] for node in nodes)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--every", type=float, default=0.1, help="seconds between two requests that it makes to itself")
    parser.add_argument("--rings", type=int, default=250, help="requests between two collections")
    options = parser.parse_args()
    life = Life()
    gc.disable()  # it is run below, after so many requests
    state = {"requests": 0, "collections": 0}
    rng = random.Random(1)

    def log(method, path, code):
        print(json.dumps({"time": time.time(), "level": "debug" if code == 200 else "warning", "msg": f"{method} {path}", "status": code}), flush=True)

    serve(options.port, {
        ("GET", "/health"): lambda _: (200, {"status": "ok"}),
        ("GET", "/metrics"): lambda _: (200, exposition([
            ("app_requests_total", "counter", "Requests handled.", [({}, state["requests"])]),
            ("app_collections_total", "counter", "Runs of the collector.", [({}, state["collections"])]),
            ("process_resident_memory_bytes", "gauge", "Resident memory.", [({}, resident_bytes())]),
        ])),
    }, log)
    while life.goes_on(options.every):
        handle(rng, 120)
        state["requests"] += 1
        if state["requests"] % options.rings == 0:
            freed = gc.collect()
            state["collections"] += 1
            print(json.dumps({"time": time.time(), "level": "info", "msg": "collected", "objects": freed}), flush=True)


if __name__ == "__main__":
    main()
