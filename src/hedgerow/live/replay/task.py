"""A replay's task: orders are sent whole and at once, as the backtest sends them."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from hedgerow.engine.terms import Terms
from hedgerow.execution.order import Listing
from hedgerow.execution.style import Limits, Style
from hedgerow.live.setup import Setup

TICK: Final = Decimal("1e-12")  # a bar's prices are on no tick
NEVER: Final = 10**18  # nanoseconds
WHOLE: Final = Style(
    route="market",
    collar=0.5,
    patience=NEVER,
    reach=NEVER,
    slice_pause=0,
    splits=False,
    persists=False,
)


def replay_setup(
    terms: Terms, venues: Mapping[str, str], *, name: str = "replay", config_hash: str = ""
) -> Setup:
    """Return the task of a desk that lives through bars; `venues` by name of the account."""
    return Setup(
        name=name,
        mode="paper",
        terms=terms,
        venues=dict(venues),
        listings=tuple(
            Listing(
                venue=venues[leg.account],
                account=leg.account,
                symbol=leg.instrument,
                tick=TICK,
                lot=Decimal(repr(leg.lot_size)),
                inverse=leg.inverse,
            )
            for leg in terms.legs
        ),
        styles=(WHOLE,) * len(terms.legs),
        limits=Limits(orders=1_000_000, rejects=1_000_000),
        cadence=0,
        config_hash=config_hash,
    )
