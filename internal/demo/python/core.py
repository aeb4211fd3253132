"""A paper-trading core: a simulated market, two strategies that really trade on it, a log, a
file of trades, metrics, and an API in the shape of ZoL0's."""

import argparse
import csv
import logging
import logging.handlers
import threading
import time
from collections import deque
from datetime import datetime, timezone

from market import Market
from served import Life, exposition, resident_bytes, serve
from strategies import START, MeanReversion, Momentum, trade

STEP = 900.0  # simulated seconds of one step in the past
STALLED = 15.0  # seconds without a tick after which the engine is not well


def rfc3339(seconds):
    return datetime.fromtimestamp(seconds, timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Recent(logging.Handler):
    """The last lines, for /api/bot/logs."""

    def __init__(self):
        super().__init__()
        self.lines = deque(maxlen=20)

    def emit(self, record):
        self.lines.append({"timestamp": rfc3339(record.created), "level": record.levelname, "message": record.getMessage()})


class Core:
    def __init__(self, options):
        self.options = options
        self.market = Market(options.seed)
        self.strategies = [Momentum(), MeanReversion()]
        self.lock = threading.Lock()
        self.prices = dict(self.market.prices)
        self.ticks = 0
        self.last_tick = time.time()
        self.began = time.time()
        self.errors = 0
        self.faults = set()
        self.log = logging.getLogger("zol0.core")
        self.recent = Recent()
        self.file = open(options.trades, "w", encoding="utf-8", newline="")
        self.rows = csv.writer(self.file)
        self.rows.writerow(["time", "strategy", "symbol", "side", "quantity", "price", "fee", "profit", "opened", "entry"])

    def note(self, strategy, closed):
        for x in closed:
            self.rows.writerow([rfc3339(x["time"]), strategy.name, x["symbol"], x["side"], repr(x["quantity"]), repr(x["price"]),
                                repr(x["fee"]), repr(x["profit"]), rfc3339(x["opened"]), repr(x["entry"])])

    def replay(self):
        """Trades through the past, so that there is something to look at."""
        steps = int(self.options.history * 86400 / STEP)
        end = time.time()
        for k in range(steps):
            prices, at = self.market.step(), end - (steps - k) * STEP
            for strategy in self.strategies:
                self.note(strategy, trade(strategy, prices, at))
        self.prices = dict(self.market.prices)
        self.file.flush()
        self.log.info("Replayed %d steps of %d days: %d trades", steps, self.options.history, sum(s.account.trades for s in self.strategies))

    def tick(self):
        """One live step. A connection that fails is logged with its traceback and tried again."""
        if "trading_engine" in self.faults:
            return
        try:
            prices = self.market.fetch()
        except ConnectionError:
            self.errors += 1
            self.log.exception("No prices at this tick")
            return
        with self.lock:
            self.prices, self.last_tick = prices, time.time()
            self.ticks += 1
            for strategy in self.strategies:
                if strategy.name in self.faults:
                    continue
                closed = trade(strategy, prices, time.time())
                self.note(strategy, closed)
                for x in closed:
                    self.log.info("%s closed %s: %+.2f USDT", strategy.name, x["symbol"], x["profit"])
                if closed:
                    self.file.flush()
                if strategy.account.drawdown > 0.2 and self.ticks % 600 == 0:
                    self.log.warning("%s is %.1f %% below its peak", strategy.name, 100 * strategy.account.drawdown)

    # What the API tells. What is not known is null.

    def components(self):
        silent = time.time() - self.last_tick
        engine = "active" if silent < STALLED else f"error: no tick for {silent:.0f} s"
        state = {name: "active" for name in ("portfolio", "risk_management", "monitoring")}
        for name in state:
            if name in self.faults:
                state[name] = "error: it was stopped"
        active = [s.name for s in self.strategies if s.name not in self.faults]
        return {
            "strategies": {"count": len(active), "status": "active" if active else "error: all stopped", "list": active},
            "ai_models": {"count": 0, "status": "unknown"},
            "trading_engine": {"status": engine},
            **{name: {"status": word} for name, word in state.items()},
        }

    def performance(self):
        out = []
        for s in self.strategies:
            a = s.account
            held = int(a.held / a.trades) if a.trades else None
            out.append({
                "name": s.name, "active": s.name not in self.faults, "total_trades": a.trades, "winning_trades": a.wins,
                "win_rate": 100 * a.wins / a.trades if a.trades else None, "total_profit": a.gross_profit, "total_loss": -a.gross_loss,
                "net_profit": a.profit, "max_drawdown": -100 * a.drawdown, "sharpe_ratio": None, "sortino_ratio": None,
                "profit_factor": a.gross_profit / a.gross_loss if a.gross_loss else None,
                "avg_trade_duration": f"{held // 3600}h {held % 3600 // 60}m" if held is not None else None,
                "last_trade": rfc3339(a.last_trade) if a.last_trade else None, "pairs": list(self.prices),
            })
        return out

    def statistics(self):
        accounts = [s.account for s in self.strategies]
        trades, wins = sum(a.trades for a in accounts), sum(a.wins for a in accounts)
        return {
            "total_trades": trades, "successful_trades": wins, "failed_trades": trades - wins, "win_rate": 100 * wins / trades if trades else None,
            "total_pnl": sum(a.profit for a in accounts), "active_positions": sum(len(a.open) for a in accounts), "pending_orders": 0,
            "uptime_hours": (time.time() - self.began) / 3600,
        }

    def metrics(self, requests):
        per = lambda of: [({"strategy": s.name}, of(s.account)) for s in self.strategies]
        return exposition([
            ("strategy_profit_usdt", "gauge", "Profit of closed trades, net of fees.", per(lambda a: a.profit)),
            ("strategy_trades_total", "counter", "Closed trades.", per(lambda a: a.trades)),
            ("strategy_wins_total", "counter", "Closed trades with a profit.", per(lambda a: a.wins)),
            ("strategy_equity_usdt", "gauge", "What the account is worth.", per(lambda a: a.equity)),
            ("strategy_open_positions", "gauge", "Open positions.", per(lambda a: len(a.open))),
            ("strategy_max_drawdown_ratio", "gauge", "Greatest fall below a peak.", per(lambda a: a.drawdown)),
            ("bot_ticks_total", "counter", "Ticks of the market that were traded on.", [({}, self.ticks)]),
            ("bot_requests_total", "counter", "Requests answered.", [({}, requests)]),
            ("bot_connection_errors_total", "counter", "Ticks without prices.", [({}, self.errors)]),
            ("process_resident_memory_bytes", "gauge", "Resident memory.", [({}, resident_bytes())]),
        ])

    def routes(self, server):
        stamp = lambda: rfc3339(time.time())
        ok = lambda **fields: (200, {"success": True, "timestamp": stamp(), **fields})

        def fault(body):
            """Stops a component for real, or lets it go on."""
            name = body.decode(errors="replace").strip()
            if name in self.faults:
                self.faults.discard(name)
            elif name in {"portfolio", "risk_management", "monitoring", "trading_engine"} | {s.name for s in self.strategies}:
                self.faults.add(name)
            else:
                return 400, {"success": False, "error": "no such component"}
            self.log.warning("%s was %s by hand", name, "stopped" if name in self.faults else "started")
            return ok(faults=sorted(self.faults))

        def health(_):
            parts = {name: x["status"] == "active" for name, x in self.components().items() if x["status"] != "unknown"}
            good = sum(parts.values())
            return 200, {"overall_status": "healthy" if good == len(parts) else "degraded", "components_healthy": good, "total_components": len(parts),
                         "health_percentage": 100 * good / len(parts), "timestamp": stamp(), "details": parts}

        return {
            ("GET", "/health"): lambda _: (200, {"status": "ok", "timestamp": stamp(), "service": "demo core", "version": "1"}),
            ("GET", "/api/health"): lambda _: (200, {"status": "ok", "service": "demo core", "version": "1", "data_source": "paper trading on a simulated market", "uptime": time.time() - self.began}),
            ("GET", "/core/status"): lambda _: (200, {**self.components(), "timestamp": stamp()}),
            ("GET", "/core/health"): health,
            ("GET", "/core/strategies"): lambda _: (200, {"strategies": self.components()["strategies"]}),
            ("GET", "/core/ai-models"): lambda _: (200, {"ai_models": self.components()["ai_models"]}),
            ("GET", "/core/system-metrics"): lambda _: (200, {"resident_bytes": resident_bytes(), "ticks": self.ticks, "threads": threading.active_count()}),
            ("GET", "/api/environment/status"): lambda _: ok(status={"environment": "demo", "production_enabled": False, "production_confirmed": False}),
            ("GET", "/api/trading/status"): lambda _: ok(status={"active": "trading_engine" not in self.faults}),
            ("GET", "/api/trading/statistics"): lambda _: ok(data_source="paper", statistics=self.statistics()),
            ("GET", "/api/system/validation"): lambda _: ok(ready_for_production=False, validation={"market": time.time() - self.last_tick < STALLED}, components={}),
            ("GET", "/api/analytics/strategy-performance"): lambda _: ok(strategies=self.performance()),
            ("GET", "/api/bot/logs"): lambda _: ok(logs=list(self.recent.lines)),
            ("GET", "/metrics"): lambda _: (200, self.metrics(server().requests)),
            ("POST", "/demo/fault"): fault,
        }


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--tick", type=float, default=0.5, help="seconds between two live steps")
    parser.add_argument("--history", type=float, default=120, help="days of the past that are traded through at first")
    parser.add_argument("--trades", required=True)
    parser.add_argument("--log", required=True)
    options = parser.parse_args()
    life = Life()
    core = Core(options)
    root = logging.getLogger()
    root.setLevel(logging.INFO)
    to_file = logging.handlers.RotatingFileHandler(options.log, maxBytes=256 * 1024, backupCount=2, encoding="utf-8")
    to_file.setFormatter(logging.Formatter("%(asctime)s - %(name)s - %(levelname)s - %(message)s"))
    root.addHandler(to_file)
    root.addHandler(core.recent)
    core.replay()
    server = None
    server = serve(options.port, core.routes(lambda: server), lambda *_: None)
    while life.goes_on(options.tick):
        core.tick()
    core.log.info("The core ends")
    core.file.close()


if __name__ == "__main__":
    main()
