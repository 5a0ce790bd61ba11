"""How long and how far pairs stood on one leg, for people to see."""

import math

from hedgerow.live.pair_desk import PairDesk
from hedgerow.live.setup import PairTask
from hedgerow.live.view import NakedView
from hedgerow.units import SECOND


def naked_view(pairs: PairDesk) -> NakedView:
    """Return what stands on one leg now, and how long finished trades did."""
    found = [(*_naked(pairs, task), task) for task in pairs.core.setup.pairs]
    if not found:
        return NakedView()
    notional, seconds, task = max(found, key=lambda one: one[0])
    limit = pairs.pairing.limit(task)
    held = sorted(each / SECOND for each in pairs.pairing.durations())
    return NakedView(
        notional=notional,
        seconds=seconds,
        limit=limit if math.isfinite(limit) else None,
        count=len(held),
        p50=_share(held, 0.5),
        p95=_share(held, 0.95),
        p99=_share(held, 0.99),
        longest=held[-1] if held else None,
    )


def _naked(pairs: PairDesk, task: PairTask) -> tuple[float, float]:
    """Return what is missing of a leg, quote, and for how many seconds something was."""
    core = pairs.core
    trade = pairs.pairing.trade(task)
    if trade is not None:
        return float(trade.naked), trade.naked_until(core.now) / SECOND
    seen = core.market.seen(task.second)
    gap = abs(core.dealer.position(task.first) + core.dealer.position(task.second))
    grain = max(core.setup.listings[leg].lot for leg in task.legs)
    return (float(gap) * seen.mark, 0.0) if seen is not None and gap >= grain else (0.0, 0.0)


def _share(held: list[float], share: float) -> float | None:
    return held[min(int(share * len(held)), len(held) - 1)] if held else None
