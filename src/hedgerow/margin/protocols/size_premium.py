"""A margin ratio that rises with the root of the size, as Drift has it."""

import math
from dataclasses import replace
from decimal import Decimal

from hedgerow.margin.terms import MarginTerms

RATIO = 10_000  # of the protocol's margin ratios: 10_000 is 1
FACTOR = 1_000_000  # of the imf factor
BASE = 1_000_000_000  # base quantums in a coin


def margin_ratio_units(size: int, factor: int, ratio: int) -> int:
    """Return the margin ratio of a position, in ten-thousandths, cut as the protocol cuts.

    Parameters
    ----------
    size
        Base quantums, 1e9 a coin.
    factor
        The market's imf factor, in millionths; 0 switches the premium off.
    ratio
        The market's own initial or maintenance ratio, in ten-thousandths.

    Notes
    -----
    ``max(ratio, 4/5 ratio + factor * sqrt(coins))``: the premium starts from four fifths.

    References
    ----------
    Drift protocol v2, ``programs/drift/src/math/margin.rs``,
    calculate_size_premium_liability_weight.

    Examples
    --------
    >>> margin_ratio_units(100 * BASE, 1_000, 500)
    500
    >>> margin_ratio_units(10_000 * BASE, 1_000, 500)
    1400
    """
    if factor == 0:
        return ratio
    root = math.isqrt(size * 10 + 1)  # 1e5 a root of a coin
    premium = root * factor // (100_000 * FACTOR // RATIO)
    return max(ratio, ratio - ratio // 5 + premium)


def size_premium_terms(terms: MarginTerms, coins: float, factor: float) -> MarginTerms:
    """Return the terms of a position of so many `coins` under a size premium.

    Its rate is that of `terms` or ``4/5 rate + factor * sqrt(coins)``, whichever is larger, for
    maintenance and for initial margin.

    Examples
    --------
    >>> from hedgerow.margin.terms import flat_terms
    >>> flat = flat_terms(0.05, initial=0.1)
    >>> float(size_premium_terms(flat, 10_000.0, 0.001).tiers[0].rate)
    0.14
    """
    premium = factor * math.sqrt(abs(coins))
    tiers = []
    for tier in terms.tiers:
        rate = float(tier.rate)
        initial = 1.0 / float(tier.max_leverage)
        tiers.append(
            replace(
                tier,
                rate=Decimal(repr(max(rate, 0.8 * rate + premium))),
                max_leverage=Decimal(repr(1.0 / max(initial, 0.8 * initial + premium))),
            )
        )
    return replace(terms, tiers=tuple(tiers))
