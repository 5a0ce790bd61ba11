"""The thresholds of all guards, with defaults that a treasury can live with."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Final

from hedgerow.errors import ConfigError
from hedgerow.live.guards.base import Severity
from hedgerow.units import DAY, MINUTE, SECOND

NO_NUMBERS: Final = frozenset({"severities", "peg_pairs", "peg_required"})


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardLimits:
    """When each guard trips; durations are nanoseconds, all numbers above zero.

    Attributes
    ----------
    book_age, mark_age, funding_age
        How old the best prices, the mark (and index) and the predicted funding of a symbol may
        be.
    stream_down
        How long a stream that says it is down may stay so.
    mark_index, last_mark
        How far mark may be from index, and the last trade from mark, fraction of price.
    cross_venue
        How far the same asset may be apart on two venues, fraction of price.
    divergence_after, divergence_calm
        How long prices must be beyond before it counts, and within before it is over.
    peg, peg_after, peg_calm
        The same for a stablecoin: distance from 1.
    funding_per_interval, funding_per_year
        Largest predicted funding either way, as a fraction of notional.
    interval_confirmed
        How long a venue must show a new funding interval before it is believed.
    headroom
        Least headroom of an account, fraction of notional.
    loss_in_window, loss_window, loss_since_start
        Largest fall of equity from its highest within the window, and from the start, as
        fractions.
    errors, errors_window
        Most failed requests to one venue within the window.
    clock_offset
        How far a venue's clock may be from ours, nanoseconds.
    stamp_lag
        How much older than their receipt all quotes of a venue may be.
    settlement_late
        How long after its settlement a funding payment may come.
    order_unknown
        How long an order's outcome may be unknown.
    severities
        By name of a guard: what it stops, where that is not the guard's own.
    peg_pairs
        Venue and symbol of each pair of two dollars that is asked for beside the legs.
    peg_required
        Whether a stablecoin that no pair tells of counts as off its peg.
    """

    book_age: int = 10 * SECOND
    mark_age: int = 15 * SECOND
    funding_age: int = 10 * MINUTE
    stream_down: int = 5 * SECOND
    mark_index: float = 0.01
    last_mark: float = 0.02
    cross_venue: float = 0.015
    divergence_after: int = MINUTE
    divergence_calm: int = MINUTE
    peg: float = 0.005
    peg_after: int = 2 * MINUTE
    peg_calm: int = 10 * MINUTE
    funding_per_interval: float = 0.003
    funding_per_year: float = 2.0
    interval_confirmed: int = 10 * MINUTE
    headroom: float = 0.03
    loss_in_window: float = 0.05
    loss_window: int = DAY
    loss_since_start: float = 0.10
    errors: int = 10
    errors_window: int = MINUTE
    clock_offset: int = SECOND // 2
    stamp_lag: int = 5 * SECOND
    settlement_late: int = 15 * MINUTE
    order_unknown: int = 10 * SECOND
    severities: Mapping[str, Severity] = field(default_factory=dict)
    peg_pairs: tuple[tuple[str, str], ...] = ()
    peg_required: bool = False

    def __post_init__(self) -> None:
        for one in fields(self):
            value = getattr(self, one.name)
            if one.name not in NO_NUMBERS and not value > 0:
                raise ConfigError(
                    f"guards: {one.name} = {value!r} must be above zero; a guard that should not "
                    "stop anything is given the severity 'note' instead"
                )
