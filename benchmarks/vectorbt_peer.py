"""The matched job in vectorbt; runs in vectorbt's own environment and answers line by line.

Reads one JSON request a line, ``{"market": FILE, "widths": [...], ...}``, and answers with the
seconds of the simulation alone and the profit of each config.
"""
# mypy: disable-error-code="import-not-found, misc, no-untyped-def"
# ruff: noqa: ANN001, ANN201, ANN401, PLR0911 - vectorbt's numba gives the order function its types

import json
import sys
import time
from typing import Any

import numpy as np
import vectorbt
from numba import njit
from vectorbt.portfolio import nb


@njit
def order(c, opens, closes, flows, holdings, widths, numbers):
    """Buy what flows in on even columns; hold the band's hedge on odd ones."""
    lot, fee, half_spread, minimum = numbers
    if c.col % 2 == 0:
        size = holdings[0] if c.i == 0 else flows[c.i]
        if size == 0.0:
            return nb.order_nothing_nb()
        return nb.order_nb(size=size, price=opens[c.i])
    if c.i == 0:
        return nb.order_nothing_nb()
    exposure = holdings[c.i - 1]
    mark = closes[c.i - 1]
    lots = np.round(c.position_now / lot)
    held = lots * lot
    gap = held + exposure
    width = widths[c.col // 2] * abs(exposure)
    if abs(gap) <= width:
        return nb.order_nothing_nb()
    target = -exposure + (width if gap > 0.0 else -width)
    if abs(target - held) < lot * (1.0 - 1e-9):
        return nb.order_nothing_nb()
    wanted = target / lot - lots
    traded = np.trunc(wanted + np.copysign(1e-9, wanted))
    if abs(traded * lot) * mark < minimum:
        return nb.order_nothing_nb()
    return nb.order_nb(size=traded * lot, price=opens[c.i], fees=fee, slippage=half_spread)


def simulate(market: Any, request: dict[str, Any]) -> tuple[float, list[float], int]:
    """Return seconds, profits and the number of the hedge's trades."""
    widths = np.array(request["widths"])
    closes = market["closes"]
    holdings = request["holding"] + np.cumsum(market["flows"])
    columns = np.repeat(closes[:, None], 2 * len(widths), axis=1)
    numbers = tuple(request[name] for name in ("lot", "fee", "half_spread", "minimum"))
    arguments = (market["opens"], closes, market["flows"], holdings, widths, numbers)
    begin = time.perf_counter()
    book = vectorbt.Portfolio.from_order_func(
        columns,
        order,
        *arguments,
        init_cash=request["cash"],
        cash_sharing=True,
        group_by=np.repeat(np.arange(len(widths)), 2),
        freq="1h",
    )
    seconds = time.perf_counter() - begin
    trades = int((book.orders.values["col"] % 2 == 1).sum())
    return seconds, [float(profit) for profit in book.total_profit()], trades


def main() -> None:
    """Answer requests until there are no more."""
    for line in sys.stdin:
        request = json.loads(line)
        with np.load(request["market"]) as market:
            seconds, profits, trades = simulate(market, request)
        print(json.dumps({"seconds": seconds, "profits": profits, "trades": trades}), flush=True)


if __name__ == "__main__":
    main()
