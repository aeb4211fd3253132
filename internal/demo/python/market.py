"""A market that is a seeded random walk. For some time its steps follow each other a little,
for some time they turn back a little: what a strategy earns here it really earned."""

import random


class Market:
    def __init__(self, seed, symbols=("BTC/USDT", "ETH/USDT", "SOL/USDT")):
        self.random = random.Random(seed)
        self.prices = {s: 100.0 * (k + 1) for k, s in enumerate(symbols)}
        self.steps = {s: 0.0 for s in symbols}
        self.leaning = 0.1
        self.left = 200

    def step(self):
        """One step of fifteen minutes; the prices after it."""
        self.left -= 1
        if self.left <= 0:
            self.leaning = -self.leaning
            self.left = self.random.randint(100, 600)
        for symbol in self.prices:
            move = self.leaning * self.steps[symbol] + self.random.gauss(0, 0.004)
            self.steps[symbol] = move
            self.prices[symbol] *= 1 + move
        return dict(self.prices)

    def fetch(self):
        """As step, over a connection that fails now and then, before anything moved."""
        if self.random.random() < 0.002:
            raise ConnectionError("the exchange closed the connection")
        return self.step()
