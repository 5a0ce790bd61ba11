"""One account walked along one price path in plain Python: slow, and easy to read."""

import math
from dataclasses import dataclass
from typing import Final

from hedgerow.margin.odds.models import FundingPath, Reserve
from hedgerow.margin.odds.stake import Stake

BITS: Final = (1 << 64) - 1


@dataclass(slots=True)
class Fate:
    """What became of the account."""

    died: int | None = None
    need: float = -math.inf
    sent: float = 0.0


def walked(
    stake: Stake,
    prices: list[float],
    *,
    reserve: Reserve | None = None,
    funding: FundingPath | None = None,
    step_hours: float = 1.0,
) -> Fate:
    """Return the fate of `stake` along `prices`, the first of them being the mark."""
    position = stake.position
    fate = Fate()
    paid = added = transit = 0.0
    lands = math.inf

    def look(step: int) -> None:
        nonlocal added, transit, lands
        price = prices[step]
        bare = stake.with_deposit(0.0).surplus(price) + paid
        fate.need = max(fate.need, -bare)
        if fate.died is not None:
            return
        surplus = bare + stake.deposit + added
        if surplus < 0.0:
            fate.died = step
            return
        worth = position.notional(price)
        if reserve is None or transit or fate.sent >= reserve.amount:
            return
        if surplus < reserve.top_up_below * worth:
            given = min(reserve.top_up_to * worth - surplus, reserve.amount - fate.sent)
            fate.sent += given
            delay = math.ceil(reserve.transfer_hours / step_hours)
            if delay == 0:
                added += given
            else:
                transit, lands = given, step + delay

    look(0)
    for step in range(1, len(prices)):
        if fate.died is None and lands <= step:
            added, transit, lands = added + transit, 0.0, math.inf
        look(step)
        if funding is not None and (step * step_hours) % funding.interval_hours == 0.0:
            price = prices[step]
            size = position.size / price if position.terms.inverse else position.size * price
            paid -= size * funding.level
            look(step)
    return fate


def mixed(word: int) -> int:
    """Return Stafford's mix of 64 bits, by whole numbers alone."""
    word = ((word ^ (word >> 30)) * 0xBF58476D1CE4E5B9) & BITS
    word = ((word ^ (word >> 27)) * 0x94D049BB133111EB) & BITS
    return word ^ (word >> 31)


def drawn(seed: int, stream: int, lane: int, count: int) -> float:
    """Return the uniform number that a lane draws."""
    first = mixed((seed + 0x9E3779B97F4A7C15) & BITS)
    key = mixed((first + (stream + 1) * 0xD1342543DE82EF95) & BITS)
    word = (key + lane * 0x9E3779B97F4A7C15 + count * 0xC2B2AE3D27D4EB4F) & BITS
    return ((mixed(word) >> 12) + 0.5) / 2.0**52
