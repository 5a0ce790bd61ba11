"""The desk's job in nautilus_trader; runs in its own environment, one process a run.

Reads one JSON request, ``{"prices": FILE, "every": N}``, and answers with the seconds of the run
alone, those of the processor, and how many orders were filled. With ``every`` 0 nothing is ordered.
"""
# mypy: disable-error-code="import-not-found, misc, no-untyped-def, no-untyped-call"
# ruff: noqa: ANN001, ANN201 - the peer's own classes have no types here

import json
import sys
import time

import numpy as np
from nautilus_trader.backtest.engine import BacktestEngine, BacktestEngineConfig
from nautilus_trader.config import LoggingConfig, StrategyConfig
from nautilus_trader.model.currencies import USDT
from nautilus_trader.model.data import QuoteTick
from nautilus_trader.model.enums import AccountType, OmsType, OrderSide
from nautilus_trader.model.identifiers import TraderId, Venue
from nautilus_trader.model.objects import Money
from nautilus_trader.test_kit.providers import TestInstrumentProvider
from nautilus_trader.trading.strategy import Strategy

START = 1_704_067_200_000_000_000
APART = 20_000_000


class Turning(Strategy):
    """Sells and buys in turn, one market order every so many quotes."""

    def __init__(self, instrument, every) -> None:
        super().__init__(StrategyConfig(strategy_id="TURNING-001"))
        self.instrument = instrument
        self.every = every
        self.quotes = 0
        self.filled = 0

    def on_start(self) -> None:
        """Ask for the quotes."""
        self.subscribe_quote_ticks(self.instrument.id)

    def on_quote_tick(self, tick) -> None:  # noqa: ARG002 - the peer's signature
        """Order at every so many quotes."""
        self.quotes += 1
        if not self.every or self.quotes % self.every:
            return
        turn = self.quotes // self.every
        side = OrderSide.SELL if turn % 2 else OrderSide.BUY
        amount = self.instrument.make_qty(6.0)
        self.submit_order(self.order_factory.market(self.instrument.id, side, amount))

    def on_order_filled(self, event) -> None:  # noqa: ARG002 - the peer's signature
        """Count what was filled."""
        self.filled += 1


def run(prices, every):
    """Return the seconds of one backtest, and what happened in it."""
    config = BacktestEngineConfig(
        trader_id=TraderId("BENCH-001"), logging=LoggingConfig(bypass_logging=True)
    )
    engine = BacktestEngine(config)
    instrument = TestInstrumentProvider.btcusdt_perp_binance()
    engine.add_venue(
        venue=Venue("BINANCE"),
        oms_type=OmsType.NETTING,
        account_type=AccountType.MARGIN,
        base_currency=None,
        starting_balances=[Money(100_000_000, USDT)],
    )
    engine.add_instrument(instrument)
    size = instrument.make_qty(100)
    engine.add_data(
        [
            QuoteTick(
                instrument.id,
                instrument.make_price(price),
                instrument.make_price(price + 0.1),
                size,
                size,
                START + number * APART,
                START + number * APART,
            )
            for number, price in enumerate(prices.tolist())
        ]
    )
    strategy = Turning(instrument, every)
    engine.add_strategy(strategy)
    begun, busy = time.perf_counter(), time.process_time()
    engine.run()
    seconds, busy = time.perf_counter() - begun, time.process_time() - busy
    engine.dispose()
    return {
        "seconds": seconds,
        "cpu_seconds": busy,
        "quotes": strategy.quotes,
        "filled": strategy.filled,
    }


if __name__ == "__main__":
    request = json.loads(sys.stdin.readline())
    print(json.dumps(run(np.load(request["prices"]), request["every"])), flush=True)
