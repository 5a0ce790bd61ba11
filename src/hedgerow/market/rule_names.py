"""The words a table may use: each is the name of a rule that is written elsewhere."""

from typing import Final

FUNDING_METHODS: Final = (
    "scaled_clamp",  # premium + clamp(interest - premium), scaled from 8 hours to the interval
    "clamp",  # the same without scaling: the premium is the interval's own
    "premium",  # the average premium itself
    "damped",  # the part of the premium beyond a damper
    "capped_premium",  # the average premium, bounded by the margin fractions
    "spread",  # mark average less oracle average, plus an offset, over 24
    "price_difference",  # the price difference itself accrues, no rate
    "convergence",  # premium over the hours in which it shall vanish, plus interest
    "adaptive_skew",  # a rate that rises while one side is larger
)
FUNDING_NEEDS: Final = {
    "scaled_clamp": ("interest", "clamp"),
    "clamp": ("interest", "clamp"),
    "premium": ("interest",),
    "damped": ("clamp",),
    "capped_premium": (),
    "spread": ("interest",),
    "price_difference": (),
    "convergence": ("interest",),
    "adaptive_skew": ("skew",),
}
FUNDING_PRICES: Final = ("mark", "index", "oracle")
MARGIN_METHODS: Final = ("brackets", "entry_brackets", "size_tiers", "size_slope")
LIQUIDATION_METHODS: Final = ("step_down", "full", "bankruptcy", "partial")
DELEVERAGING: Final = ("profit_leverage", "lpq", "none")
PREMIUM_METHODS: Final = ("impact", "mid", "mark")
PREMIUM_WEIGHTS: Final = ("rising", "equal")
MARK_METHODS: Final = (
    "median_of_three",  # of index with funding, index with average basis, last trade
    "index_basis",  # index with the average of the basis
    "index_ema",  # index with the exponential average of the basis
    "funding_basis",  # index with the part of the next funding still to come
    "oracle_median",  # of oracle with average basis, own book, other venues
    "oracle",  # the oracle itself
)
