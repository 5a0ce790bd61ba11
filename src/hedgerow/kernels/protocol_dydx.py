"""Funding as the dYdX v4 chain books it: whole numbers, cut towards zero."""

from typing import Final

from hedgerow.kernels.whole_numbers import toward_zero

PPM: Final = 1_000_000
QUOTE_RESOLUTION: Final = -6  # decimal exponent of one quote quantum
PERIOD: Final = 8 * 60 * 60  # seconds for which a rate is quoted


def quote_quantums(quantums: int, price: int, price_exponent: int, resolution: int) -> int:
    """Return what `quantums` of base are worth in quote quantums, cut towards zero.

    Parameters
    ----------
    price, price_exponent
        The oracle's price is ``price * 10 ** price_exponent``.
    resolution
        One base quantum is ``10 ** resolution`` coins.

    References
    ----------
    v4-chain, protocol/lib/quantums.go.
    """
    exponent = price_exponent + resolution - QUOTE_RESOLUTION
    worth = quantums * price
    return worth * 10**exponent if exponent >= 0 else toward_zero(worth, 10**-exponent)


def index_increment(
    rate_ppm: int, seconds: int, price: int, price_exponent: int, resolution: int
) -> int:
    """Return how far the funding index moves, millionths of quote per base quantum.

    Parameters
    ----------
    rate_ppm
        8-hour rate in millionths.
    seconds
        Since the last step of the index.
    price, price_exponent, resolution
        See `quote_quantums`.

    References
    ----------
    v4-chain, protocol/x/perpetuals/funding/funding.go.
    """
    worth = quote_quantums(seconds * rate_ppm, price, price_exponent, resolution)
    return toward_zero(worth, PERIOD)


def settlement_ppm(index: int, position_index: int, quantums: int) -> int:
    """Return what a position gets (> 0) or pays (< 0) since its index, ppm of quote quantums.

    References
    ----------
    v4-chain, protocol/x/perpetuals/lib.
    """
    return -(index - position_index) * quantums


def settled_quantums(ppm: int) -> int:
    """Return the whole quote quantums booked: always rounded down, against the holder.

    >>> settled_quantums(102_500_000), settled_quantums(-205_000_000)
    (102, -205)
    """
    return ppm // PPM


def bounded_rate_ppm(rate_ppm: int, initial_ppm: int, maintenance_ppm: int, factor: int) -> int:
    """Return the 8-hour rate within `factor` times what the margin rates differ by, in ppm.

    >>> bounded_rate_ppm(-400_000, 100_000, 50_000, 6)
    -300000
    """
    most = factor * (initial_ppm - maintenance_ppm)
    return min(max(rate_ppm, -most), most)
