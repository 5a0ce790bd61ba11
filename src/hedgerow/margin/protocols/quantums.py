"""Margin in whole quantums, as the dYdX v4 chain reckons it: integers, rounded where it rounds."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from hedgerow.errors import ConfigError

MILLION = 1_000_000
QUOTE_RESOLUTION = -6  # a quote quantum is a millionth of a dollar


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainMarket:
    """One perpetual market of the chain.

    Attributes
    ----------
    price, exponent
        The oracle price is ``price * 10**exponent`` dollars.
    atomic_resolution
        One base quantum is ``10**atomic_resolution`` coins.
    initial_ppm
        Initial margin, parts per million of notional.
    maintenance_fraction_ppm
        Maintenance margin, parts per million of the initial margin.
    lower_cap, upper_cap
        Open interest, quote quantums, between which the initial margin rises to the notional;
        `upper_cap` 0 switches that off.
    """

    price: int
    exponent: int
    atomic_resolution: int
    initial_ppm: int = MILLION
    maintenance_fraction_ppm: int = MILLION
    lower_cap: int = 0
    upper_cap: int = 0

    def net_notional(self, quantums: int) -> int:
        """Return the signed notional of a signed position, cut towards zero."""
        power = self.exponent + self.atomic_resolution - QUOTE_RESOLUTION
        return _cut(Fraction(quantums * self.price) * Fraction(10) ** power)

    def initial(self, quantums: int, open_interest: int = 0) -> int:
        """Return the initial margin of a position, quote quantums."""
        return initial_quantums(abs(self.net_notional(quantums)), self, open_interest)

    def maintenance(self, quantums: int) -> int:
        """Return the maintenance margin of a position, quote quantums; open interest is no part."""
        base = _up(Fraction(abs(self.net_notional(quantums)) * self.initial_ppm, MILLION))
        return maintenance_quantums(base, self.maintenance_fraction_ppm)


def initial_quantums(notional: int, market: ChainMarket, open_interest: int = 0) -> int:
    """Return the initial margin of a notional, rounded up; the notional itself at the upper cap.

    References
    ----------
    dYdX v4 chain, ``x/perpetuals/types/liquidity_tier.go``, GetInitialMarginQuoteQuantums.
    """
    base = Fraction(market.initial_ppm, MILLION)
    if market.upper_cap and open_interest >= market.upper_cap:
        return notional
    if market.upper_cap and open_interest > market.lower_cap:
        share = Fraction(open_interest - market.lower_cap, market.upper_cap - market.lower_cap)
        base += share * (1 - base)
    return min(_up(base * notional), notional)


def maintenance_quantums(initial: int, fraction_ppm: int) -> int:
    """Return the maintenance margin that belongs to an initial margin, rounded up."""
    return _up(Fraction(initial * fraction_ppm, MILLION))


@dataclass(frozen=True, slots=True, kw_only=True)
class Subaccount:
    """A quote balance and positions, all in quantums.

    Examples
    --------
    >>> bitcoin = ChainMarket(
    ...     price=5_000_000_000, exponent=-5, atomic_resolution=-10, initial_ppm=100_000
    ... )
    >>> broke = Subaccount(quote=-4_501_000_000, positions=((bitcoin, 1_000_000_000),))
    >>> broke.bankruptcy_quote(0, -1_000_000_000)
    4501000000
    """

    quote: int
    positions: Sequence[tuple[ChainMarket, int]]

    @property
    def net_collateral(self) -> int:
        """Quote balance and signed notionals."""
        return self.quote + sum(market.net_notional(size) for market, size in self.positions)

    @property
    def maintenance(self) -> int:
        """Maintenance margin of all positions."""
        return sum(market.maintenance(size) for market, size in self.positions)

    @property
    def liquidatable(self) -> bool:
        """Whether net collateral is below the maintenance margin."""
        return self.net_collateral < self.maintenance

    def bankruptcy_quote(self, number: int, delta: int) -> int:
        """Return the quote quantums of closing `delta` of a position at its bankruptcy price.

        ``-DNNV - TNC * |DMMR| / TMMR``: the change of notional and the share of net collateral
        that goes with the change of maintenance; the division is rounded down, so the price is
        rounded up.

        Parameters
        ----------
        number
            Which position.
        delta
            Change of its size, base quantums; towards zero and not beyond.

        References
        ----------
        dYdX v4 chain, ``x/clob/keeper/liquidations.go``, GetBankruptcyPriceInQuoteQuantums.
        """
        market, size = self.positions[number]
        _check_delta(size, delta)
        change = market.net_notional(size + delta) - market.net_notional(size)
        freed = market.maintenance(size) - market.maintenance(size + delta)
        return -change - (self.net_collateral * freed) // self.maintenance

    def fillable_price(
        self, number: int, adjustment_ppm: int = MILLION, spread_ppm: int = 1_500_000
    ) -> Fraction:
        """Return the worst price a liquidation order takes, quote quantums per base quantum.

        ``(PNNV - ABR * SMMR * PMMR) / PS`` with ``ABR = clamp(BA * (1 - TNC / TMMR), 0, 1)``.

        Parameters
        ----------
        number
            Which position.
        adjustment_ppm, spread_ppm
            Bankruptcy adjustment BA and spread to maintenance margin ratio SMMR.

        References
        ----------
        dYdX v4 chain, ``x/clob/keeper/liquidations.go``, GetFillablePrice.
        """
        market, size = self.positions[number]
        _check_delta(size, -size)
        need = 1 - Fraction(self.net_collateral, self.maintenance)
        rating = min(max(need * adjustment_ppm / MILLION, Fraction(0)), Fraction(1))
        spread = Fraction(market.maintenance(size) * spread_ppm, MILLION)
        return (market.net_notional(size) - rating * spread) / size


def _check_delta(size: int, delta: int) -> None:
    if size * delta >= 0 or abs(delta) > abs(size):
        raise ConfigError(
            f"a change of {delta} does not reduce a position of {size} quantums; it must have "
            "the other sign and be no larger"
        )


def _cut(number: Fraction) -> int:
    """Return `number` without its fraction, towards zero."""
    whole = abs(number.numerator) // number.denominator
    return whole if number >= 0 else -whole


def _up(number: Fraction) -> int:
    """Return the next whole number away from zero, for margins >= 0."""
    return -(-number.numerator // number.denominator)
