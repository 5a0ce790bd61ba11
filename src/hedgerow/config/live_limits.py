"""The breakers without which no desk trades with real money."""

import math
from collections import defaultdict
from datetime import UTC, datetime
from typing import Final

from hedgerow.config.config import Config
from hedgerow.config.live import LiveConfig, held_at
from hedgerow.errors import ConfigError
from hedgerow.market.instrument import parse_symbol

NEEDED: Final = ("order_notional", "turnover")
SLICE: Final = 0.1  # of the hedge: an order that a person would send by hand
HOUR: Final = 10.0  # hedges an hour: a market that turns all day does not trade more


def unlimited(config: Config, desk: LiveConfig) -> str:
    """Return, with the mend, which breakers of a live desk have no number; "" where all have.

    A price is not known before the desk runs, so what to write is told in coins.
    """
    limits = desk.setup.limits
    missing = [name for name in NEEDED if math.isinf(getattr(limits, name))]
    if not missing or desk.setup.mode != "live":
        return ""
    worth = {"order_notional": SLICE, "turnover": HOUR}
    coins = _hedged(config, desk)
    lines = [
        f"{name} = the worth of {' and '.join(_some(worth[name], *coin) for coin in coins)}"
        for name in missing
    ]
    have = "has" if len(missing) == 1 else "have"
    return (
        f"[orders] {' and '.join(missing)} {have} no limit, and a desk with real money needs both: "
        f"they stop one that has gone wrong. Write numbers in quote, here about "
        f"{' and '.join(lines)}{' an hour' if 'turnover' in missing else ''}"
    )


def need_limits(config: Config, desk: LiveConfig) -> None:
    """Raise `ConfigError` where a live desk has a breaker without a number."""
    words = unlimited(config, desk)
    if words:
        raise ConfigError(words)


def _hedged(config: Config, desk: LiveConfig) -> list[tuple[str, float]]:
    """Return the coins that the desk hedges or holds in pairs, and how many."""
    held: dict[str, float] = defaultdict(float)
    for coin, amount in held_at(config.job, datetime.now(UTC)).items():
        held[coin] += abs(amount)
    for pair in desk.setup.pairs:
        coin = parse_symbol(desk.setup.listings[pair.first].symbol).base
        held[coin] += abs(float(pair.size))
    return [(coin, amount) for coin, amount in held.items() if amount]


def _some(part: float, coin: str, amount: float) -> str:
    return f"{part * amount:,.6g} {coin}"
