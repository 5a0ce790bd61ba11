"""Keys of a pair: two legs that a running desk holds against each other."""

from typing import Annotated, Literal

from pydantic import Field

from hedgerow.config.keys import Section, key
from hedgerow.config.kinds import AMOUNT, NotNegative, Positive, Text

PairName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,30}$")]
Haircut = Annotated[float, Field(ge=0.0, lt=1.0)]
LEG = 'a table such as { venue = "bybit", instrument = "BTC/USDT", account = "main" }'
STEP = "a number > 0"


class PairLegSection(Section):
    """One leg of a pair."""

    venue: Text = key(
        meaning="Where it is traded.", allowed="a venue of `hedgerow venues list`, or of a table"
    )
    instrument: Text = key(
        meaning="A linear perpetual, or as the first leg a spot pair, by its unified symbol.",
        allowed='a symbol such as "BTC/USDT:USDT" (linear) or "BTC/USDT" (spot)',
    )
    account: Text = key(
        "main",
        meaning="The [margin] that it is held in; one perpetual is held once in an account.",
        allowed="the name of a [margin]",
    )
    tick: Positive | None = key(
        None, meaning="Of spot, needed: smallest step of its price.", allowed=STEP
    )
    lot: Positive | None = key(
        None, meaning="Of spot, needed: smallest step of its size, in coins.", allowed=STEP
    )
    minimum_notional: NotNegative = key(
        0.0, meaning="Of spot: smallest order that the venue takes, in quote.", allowed=AMOUNT
    )
    haircut: Haircut = key(
        0.1,
        meaning="Of spot: what its coins count less as collateral, where the account pledges none.",
        allowed="a fraction from 0 up to below 1",
    )


class PairSection(Section):
    """Two legs that are opened and closed together; only a running desk knows them."""

    name: PairName = key(
        meaning="What it is called.", allowed="1 to 30 letters, digits, dashes or underscores"
    )
    size: NotNegative = key(
        meaning="What each leg holds, base coin; 0 closes both, and keeps them closed.",
        allowed=AMOUNT,
    )
    side: Literal["long", "short"] = key(
        "long",
        meaning="Of the first leg; the second is the other way. Spot is long.",
        allowed='"long" or "short"',
    )
    naked_notional: Positive | None = key(
        None,
        meaning="Most that one leg may be ahead of the other, in quote, instead of the limit under "
        "[orders].",
        allowed=STEP,
    )
    naked_notional_seconds: Positive | None = key(
        None, meaning="The same times the seconds it lasts, over one trade.", allowed=STEP
    )
    first: PairLegSection = key(meaning="One leg.", allowed=LEG)
    second: PairLegSection = key(meaning="The other, a perpetual.", allowed=LEG)
