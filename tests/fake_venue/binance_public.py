"""What Binance USD-M tells anybody: listings, prices, books, history."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final, Protocol, TypeAlias

from fake_venue import binance_messages as messages
from fake_venue import binance_payloads as payloads
from fake_venue.contracts import Reason, Refusal
from fake_venue.exchange import FakeExchange
from fake_venue.history import History
from fake_venue.market import Market

STEPS: Final = {
    "1m": 60_000, "3m": 180_000, "5m": 300_000, "15m": 900_000, "30m": 1_800_000,
    "1h": 3_600_000, "2h": 7_200_000, "4h": 14_400_000, "6h": 21_600_000, "8h": 28_800_000,
    "12h": 43_200_000, "1d": 86_400_000, "1w": 604_800_000,
}  # fmt: skip
KLINES: Final = {"klines": "trade", "markPriceKlines": "mark", "indexPriceKlines": "index"}
Values: TypeAlias = Mapping[str, str]
Document: TypeAlias = Any  # what json writes


class Teller(Protocol):
    """The part of the server that public questions need."""

    exchange: FakeExchange
    history: History

    def now(self) -> int:
        """Return the venue's time."""
        ...


def listings(venue: Teller, _: Values) -> Document:
    """Answer ``GET exchangeInfo``."""
    markets = venue.exchange.markets.values()
    return {
        "timezone": "UTC",
        "serverTime": venue.now(),
        "futuresType": "U_MARGINED",
        "rateLimits": [
            {
                "rateLimitType": "REQUEST_WEIGHT",
                "interval": "MINUTE",
                "intervalNum": 1,
                "limit": 2400,
            }
        ],
        "exchangeFilters": [],
        "assets": [{"asset": "USDT", "marginAvailable": True, "autoAssetExchange": "-10000"}],
        "symbols": [payloads.listing(m.contract, trading=m.listed) for m in markets],
    }


def depth(venue: Teller, values: Values) -> Document:
    """Answer ``GET depth``."""
    market = _market(venue, values)
    most = int(values.get("limit", 500))
    return {
        "lastUpdateId": market.update,
        "E": venue.now(),
        "T": venue.now(),
        "bids": payloads.levels(market.bids, most, highest_first=True),
        "asks": payloads.levels(market.asks, most, highest_first=False),
    }


def premium_index(venue: Teller, values: Values) -> Document:
    """Answer ``GET premiumIndex``."""
    return _one_or_all(venue, values, payloads.premium)


def book_ticker(venue: Teller, values: Values) -> Document:
    """Answer ``GET ticker/bookTicker``."""

    def ticker(market: Market, now: int) -> Document:
        told = messages.book_ticker(market, now)
        return {
            "symbol": told["s"], "bidPrice": told["b"], "bidQty": told["B"],
            "askPrice": told["a"], "askQty": told["A"], "time": now, "lastUpdateId": told["u"],
        }  # fmt: skip

    return _one_or_all(venue, values, ticker)


def day_ticker(venue: Teller, values: Values) -> Document:
    """Answer ``GET ticker/24hr``."""

    def ticker(market: Market, now: int) -> Document:
        last = payloads.plain(market.last)
        return {
            "symbol": market.contract.name, "priceChange": "0", "priceChangePercent": "0",
            "weightedAvgPrice": last, "lastPrice": last, "lastQty": "0.001", "openPrice": last,
            "highPrice": last, "lowPrice": last, "volume": "1000", "quoteVolume": "60000000",
            "openTime": now - 86_400_000, "closeTime": now, "firstId": 1, "lastId": 2, "count": 2,
        }  # fmt: skip

    return _one_or_all(venue, values, ticker)


def funding_info(venue: Teller, _: Values) -> Document:
    """Answer ``GET fundingInfo``: only those that differ from eight hours are told."""
    return [
        {
            "symbol": market.contract.name,
            "adjustedFundingRateCap": "0.02",
            "adjustedFundingRateFloor": "-0.02",
            "fundingIntervalHours": market.contract.interval_hours,
            "disclaimer": False,
        }
        for market in venue.exchange.markets.values()
        if market.contract.interval_hours != 8
    ]


def funding_rates(venue: Teller, values: Values) -> Document:
    """Answer ``GET fundingRate``: from the start on, or the latest where none is given."""
    market, limit = _market(venue, values), int(values.get("limit", 100))
    limit = min(limit, venue.history.funding_limit)
    end = min(int(values.get("endTime", venue.now())), venue.now())
    start = values.get("startTime")
    since = int(start) if start else end - limit * 8 * 3_600_000
    rows = list(venue.history.settlements(market.contract, since, end))
    return [
        {
            "symbol": market.contract.name,
            "fundingTime": row.time,
            "fundingRate": f"{row.rate:.8f}",
            "markPrice": payloads.wallet_text(row.mark),
        }
        for row in (rows[:limit] if start else rows[-limit:])
    ]


def klines(venue: Teller, values: Values, kind: str) -> Document:
    """Answer ``GET klines`` and its kin, the running bar included."""
    market = _market(venue, values)
    step, limit = STEPS[values["interval"]], int(values.get("limit", 500))
    limit = min(limit, venue.history.bar_limit)
    end = min(int(values.get("endTime", venue.now())), venue.now())
    start = values.get("startTime")
    since = int(start) if start else end - limit * step
    rows = list(venue.history.bars(market.contract, kind, step, since, end))
    return [
        [
            row.opens, *(payloads.plain(p) for p in (row.open, row.high, row.low, row.close)),
            payloads.plain(row.volume), row.opens + step - 1,
            payloads.plain(row.volume * row.close), 10, "0", "0", "0",
        ]
        for row in (rows[:limit] if start else rows[-limit:])
    ]  # fmt: skip


def _clock(venue: Teller, _: Values) -> Document:
    return {"serverTime": venue.now()}


def _pong(_: Teller, __: Values) -> Document:
    return {}


def _market(venue: Teller, values: Values) -> Market:
    return venue.exchange.market(values.get("symbol") or values.get("pair", ""))


def _one_or_all(
    venue: Teller, values: Values, write: Callable[[Market, int], Document]
) -> Document:
    if values.get("symbol"):
        return write(_market(venue, values), venue.now())
    return [write(market, venue.now()) for market in venue.exchange.markets.values()]


def _klines_of(kind: str) -> "Answer":
    def answer(venue: Teller, values: Values) -> Document:
        return klines(venue, values, kind)

    return answer


Answer = Callable[[Teller, Values], Document]
PUBLIC: Final[dict[str, Answer]] = {
    "ping": _pong,
    "time": _clock,
    "exchangeInfo": listings,
    "depth": depth,
    "premiumIndex": premium_index,
    "ticker/bookTicker": book_ticker,
    "ticker/24hr": day_ticker,
    "fundingInfo": funding_info,
    "fundingRate": funding_rates,
    **{name: _klines_of(kind) for name, kind in KLINES.items()},
}
"""By what follows ``/fapi/v1/``."""


def number(values: Values, name: str) -> Decimal:
    """Return a number that was asked with, or raise `Refusal`."""
    try:
        return Decimal(values[name])
    except (KeyError, ArithmeticError):
        raise Refusal(Reason.LOT) from None
