"""Two strategies, each with an account of its own. Every trade is priced by the market."""

from collections import deque

START = 10_000.0
FEE = 0.0004  # of what is bought or sold
SHARE = 0.2  # of the account in one position


class Account:
    """Cash, open positions and what closed trades brought."""

    def __init__(self):
        self.cash = START
        self.open = {}
        self.trades = 0
        self.wins = 0
        self.gross_profit = 0.0
        self.gross_loss = 0.0
        self.profit = 0.0
        self.held = 0.0
        self.last_trade = None
        self.peak = START
        self.drawdown = 0.0

    def buy(self, symbol, price, at):
        quantity = SHARE * self.cash / price
        fee = quantity * price * FEE
        self.cash -= quantity * price + fee
        self.open[symbol] = (quantity, price, at, fee)

    def sell(self, symbol, price, at):
        """Closes a position and returns the trade."""
        quantity, entry, opened, paid = self.open.pop(symbol)
        fee = quantity * price * FEE
        self.cash += quantity * price - fee
        profit = (price - entry) * quantity - paid - fee
        self.trades += 1
        self.profit += profit
        self.held += at - opened
        self.last_trade = at
        if profit > 0:
            self.wins += 1
            self.gross_profit += profit
        else:
            self.gross_loss -= profit
        return {"symbol": symbol, "side": "sell", "quantity": quantity, "price": price, "entry": entry,
                "fee": paid + fee, "profit": profit, "opened": opened, "time": at}

    def mark(self, prices):
        """What the account is worth now; it remembers the greatest fall."""
        equity = self.cash + sum(q * prices[s] for s, (q, *_rest) in self.open.items())
        self.peak = max(self.peak, equity)
        self.drawdown = max(self.drawdown, 1 - equity / self.peak)
        self.equity = equity
        return equity


class Momentum:
    """Buys what rises above its slow mean, sells what falls below it."""

    name = "momentum"

    def __init__(self):
        self.account = Account()
        self.fast, self.slow = {}, {}

    def wants(self, symbol, price):
        self.fast[symbol] = price * 0.12 + self.fast.get(symbol, price) * 0.88
        self.slow[symbol] = price * 0.03 + self.slow.get(symbol, price) * 0.97
        gap = self.fast[symbol] / self.slow[symbol] - 1
        if symbol in self.account.open:
            return "sell" if gap < -0.001 else None
        return "buy" if gap > 0.004 else None


class MeanReversion:
    """Buys what fell far below its mean of late, sells it when it came back."""

    name = "mean_reversion"

    def __init__(self):
        self.account = Account()
        self.seen = {}

    def wants(self, symbol, price):
        seen = self.seen.setdefault(symbol, deque(maxlen=48))
        seen.append(price)
        if len(seen) < 48:
            return None
        mean = sum(seen) / len(seen)
        deviation = (sum((p - mean) ** 2 for p in seen) / len(seen)) ** 0.5
        score = (price - mean) / deviation if deviation else 0.0
        if symbol in self.account.open:
            return "sell" if score > 0 or score < -4 else None
        return "buy" if score < -1.8 else None


def trade(strategy, prices, at):
    """Lets a strategy act at these prices; the trades that it closed."""
    closed = []
    for symbol, price in prices.items():
        wish = strategy.wants(symbol, price)
        if wish == "buy":
            strategy.account.buy(symbol, price, at)
        elif wish == "sell":
            closed.append(strategy.account.sell(symbol, price, at))
    strategy.account.mark(prices)
    return closed
