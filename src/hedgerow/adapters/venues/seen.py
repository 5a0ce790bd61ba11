"""What a stream has told already: twice the same, or older than itself, is not told on."""

from collections import OrderedDict
from typing import Final

from hedgerow.execution.order import OrderReport, TradeReport

MEMORY: Final = 50_000


class Seen:
    """Lets each trade through once, and each state of an order once.

    Parameters
    ----------
    since
        Older trades are passed over: a stream that opens may begin with the past, and history is
        asked for by request.
    """

    def __init__(self, since: int) -> None:
        self._since = since
        self._trades: OrderedDict[tuple[str, str], None] = OrderedDict()
        self._orders: OrderedDict[tuple[str, str], tuple[object, ...]] = OrderedDict()

    def trade(self, report: TradeReport) -> bool:
        """Whether this trade is news."""
        key = report.symbol, report.trade_id
        if report.time < self._since or key in self._trades:
            return False
        self._trades[key] = None
        if len(self._trades) > MEMORY:
            self._trades.popitem(last=False)
        return True

    def order(self, report: OrderReport) -> bool:
        """Whether this state of the order is news."""
        key = report.symbol, report.venue_id
        state = report.status, report.filled, report.average
        if report.time < self._since or self._orders.get(key) == state:
            return False
        self._orders[key] = state
        self._orders.move_to_end(key)
        if len(self._orders) > MEMORY:
            self._orders.popitem(last=False)
        return True
