"""What an exchange says of one contract, made into the values of a table."""

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from hedgerow.errors import MarketDataError
from hedgerow.market.instrument import Perpetual, parse_symbol
from hedgerow.market.venue import FeeTier, FundingRule, MarginRule, MarginTier

CAPS = ("adjustedFundingRateCap", "upperFundingRate", "maxFundingRate")
FLOORS = ("adjustedFundingRateFloor", "lowerFundingRate", "minFundingRate")
AMOUNTS = ("cum", "mmDeduction")  # the venue's own maintenance amount
SLACK = Decimal("0.01")  # a venue rounds its amounts to the cent


def number(value: object) -> Decimal | None:
    """Return an exact number, None where the reply has none."""
    if value is None or value == "" or isinstance(value, bool):
        return None
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def size_of(market: Mapping[str, Any]) -> Perpetual | None:
    """Return the size rules of a market, None where the reply leaves one of them out."""
    precision, limits = market.get("precision") or {}, market.get("limits") or {}
    tick, lot = number(precision.get("price")), number(precision.get("amount"))
    multiplier = number(market.get("contractSize"))
    if not (tick and lot and multiplier):
        return None
    least = number((limits.get("cost") or {}).get("min"))
    symbol = str(market["symbol"])
    return Perpetual(
        symbol=symbol,
        settlement=parse_symbol(symbol).settlement,
        multiplier=multiplier,
        tick=tick,
        lot=lot,
        minimum_notional=least or Decimal(0),
    )


def fee_of(market: Mapping[str, Any]) -> FeeTier | None:
    """Return the fees of the lowest level, None where the reply has none."""
    maker, taker = number(market.get("maker")), number(market.get("taker"))
    if maker is None or taker is None:
        return None
    return FeeTier(name="base", maker=maker, taker=taker)


def tiers_of(
    rows: Sequence[Mapping[str, Any]], margin: MarginRule, size: Perpetual
) -> tuple[MarginTier, ...]:
    """Return the brackets of a reply, of a kind that the margin rule knows.

    Raises
    ------
    MarketDataError
        If a number is missing, or a maintenance amount of the venue's own is not the one that
        keeps the requirement continuous.
    """
    by_size = margin.method == "size_tiers"
    unit = size.multiplier if by_size else Decimal(1)  # sizes come in contracts
    tiers: list[MarginTier] = []
    for row in rows:
        cap, rate = number(row.get("maxNotional")), number(row.get("maintenanceMarginRate"))
        leverage = number(row.get("maxLeverage"))
        if cap is None or rate is None or leverage is None:
            raise MarketDataError(f"{size.symbol}: a bracket without cap, rate or leverage: {row}")
        below = tiers[-1] if tiers else None
        floor = below.cap if below else Decimal(0)
        amount = Decimal(0)
        if below and not by_size:
            amount = below.amount + floor * (rate - below.rate)
            _agree(size.symbol, amount, row.get("info") or {})
        tiers.append(
            MarginTier(floor=floor, cap=cap * unit, rate=rate, amount=amount, max_leverage=leverage)
        )
    return tuple(tiers)


def _agree(symbol: str, amount: Decimal, info: Mapping[str, Any]) -> None:
    for key in AMOUNTS:
        told = number(info.get(key))
        if told is not None and abs(told - amount) > max(SLACK, SLACK * SLACK * abs(amount)):
            raise MarketDataError(
                f"{symbol}: the venue's {key} is {told}, but its brackets make it {amount}; "
                "look at the venue's page before you use either"
            )


def funding_of(
    known: FundingRule | None, reply: Mapping[str, Any], market: Mapping[str, Any]
) -> FundingRule | None:
    """Return the known rule with the interval and the bounds of a reply.

    None where the rule itself is not known, or the reply has no interval, or a new interval
    comes without its bounds: none of them is ever guessed.
    """
    hours = _hours(reply)
    if known is None or hours is None:
        return None
    infos = (reply.get("info") or {}, market.get("info") or {})
    cap, floor = _first(infos, CAPS), _first(infos, FLOORS)
    if cap is None or floor is None:
        if hours != known.interval_hours:
            return None
        cap, floor = known.cap, known.floor
    return FundingRule(
        interval_hours=hours,
        cap=cap,
        floor=floor,
        interest=known.interest,
        clamp=known.clamp,
        method=known.method,
        price=known.price,
        continuous=known.continuous,
        skew=known.skew,
    )


def _hours(reply: Mapping[str, Any]) -> int | None:
    text = str(reply.get("interval") or "")
    hours = text.removesuffix("h")
    return int(hours) if text.endswith("h") and hours.isdigit() and 1 <= int(hours) <= 24 else None


def _first(infos: Sequence[Mapping[str, Any]], keys: Sequence[str]) -> Decimal | None:
    for info in infos:
        for key in keys:
            found = number(info.get(key))
            if found is not None:
                return found
    return None
