"""The guards that every desk has."""

from collections.abc import Sequence

from hedgerow.execution.order import Listing
from hedgerow.live.guards.base import Guard
from hedgerow.live.guards.board import GuardBoard
from hedgerow.live.guards.clock_drift import ClockDrift
from hedgerow.live.guards.error_rate import ErrorRate
from hedgerow.live.guards.funding_spike import FundingSpike
from hedgerow.live.guards.headroom import LeastHeadroom
from hedgerow.live.guards.interval_changed import IntervalChanged
from hedgerow.live.guards.journal import JournalWritable
from hedgerow.live.guards.limits import GuardLimits
from hedgerow.live.guards.loss import Loss
from hedgerow.live.guards.order_unknown import OrderUnknown
from hedgerow.live.guards.places import Places
from hedgerow.live.guards.position_differs import PositionDiffers
from hedgerow.live.guards.price_divergence import PriceDivergence
from hedgerow.live.guards.settlement_missing import SettlementMissing
from hedgerow.live.guards.stablecoin_peg import StablecoinPeg
from hedgerow.live.guards.stale_stream import StaleStream


def desk_guards(
    listings: Sequence[Listing], limits: GuardLimits, peg: StablecoinPeg | None = None
) -> tuple[Guard, ...]:
    """Return all guards of a desk of these legs, one listing a leg; `peg` if there is one."""
    places = Places(listings)
    return (
        StaleStream(places, limits),
        PriceDivergence(places, limits),
        peg or StablecoinPeg(places, limits),
        FundingSpike(places, limits),
        IntervalChanged(places, limits),
        LeastHeadroom(places, limits),
        Loss(limits),
        ErrorRate(limits),
        ClockDrift(limits),
        SettlementMissing(places, limits),
        PositionDiffers(places),
        JournalWritable(),
        OrderUnknown(places, limits),
    )


def guard_board(
    listings: Sequence[Listing], limits: GuardLimits, peg: StablecoinPeg | None = None
) -> GuardBoard:
    """Return the board of all guards of a desk of these legs."""
    return GuardBoard(desk_guards(listings, limits, peg), limits.severities)
