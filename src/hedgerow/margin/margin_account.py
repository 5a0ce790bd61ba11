"""An account of positions and collaterals that stand up for each other."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Self

from hedgerow.errors import ConfigError
from hedgerow.margin.collateral import Collateral
from hedgerow.margin.initial import initial_margin
from hedgerow.margin.position import Position


@dataclass(frozen=True, slots=True, kw_only=True)
class MarginAccount:
    """Positions with the collateral behind them; figures are in `unit`.

    An isolated position is an account of one position: see `isolated`.

    Attributes
    ----------
    positions, collaterals
        What it holds. The prices of all collaterals are in one money.
    unit
        What figures are in: the one settlement currency of all positions unless given.
    hedge_mode
        Whether a long and a short of one contract may be held side by side.
    multiplier
        Of every requirement: margin that rises with volatility, see `hedgerow.margin.dynamic`.
    fixed_requirement
        Asked for beside that of the positions, in `unit`: open orders, say.
    """

    positions: tuple[Position, ...]
    collaterals: tuple[Collateral, ...]
    unit: str = ""
    hedge_mode: bool = True
    multiplier: float = 1.0
    fixed_requirement: float = 0.0

    def __post_init__(self) -> None:
        if not self.unit:
            settles = {position.terms.settle for position in self.positions}
            if len(settles) > 1:
                raise ConfigError(
                    f"the positions settle in {', '.join(sorted(settles))}: say with `unit` in "
                    "which money the account is reckoned"
                )
            object.__setattr__(self, "unit", settles.pop() if settles else "USD")
        self._check_modes()
        self._check_marks()
        if not self.multiplier > 0.0:
            raise ConfigError(f"margin multiplier = {self.multiplier}: it must be > 0")

    def _check_modes(self) -> None:
        held = [position.terms.symbol for position in self.positions if position.size]
        twice = {symbol for symbol in held if held.count(symbol) > 1}
        if twice and not self.hedge_mode:
            raise ConfigError(
                f"{', '.join(sorted(twice))}: two positions in one-way mode; net them into one, "
                "or set hedge_mode"
            )
        names = [
            (position.terms.symbol, position.label, position.side) for position in self.positions
        ]
        for name in names:
            if names.count(name) > 1:
                raise ConfigError(f"{name[0]}: the same position is given twice; label or net them")

    def _check_marks(self) -> None:
        marks: dict[str, float] = {}
        for position in self.positions:
            known = marks.setdefault(position.terms.symbol, position.price)
            if known != position.price:
                raise ConfigError(
                    f"{position.terms.symbol}: two marks, {known:g} and {position.price:g}; one "
                    "contract has one mark"
                )

    def marked(self, marks: Mapping[str, float], prices: Mapping[str, float]) -> Self:
        """Return the account at other prices.

        Parameters
        ----------
        marks
            Mark by symbol; positions that are not named keep theirs.
        prices
            Price by asset, for the collaterals, before their shock; likewise.
        """
        return replace(
            self,
            positions=tuple(
                held.at(marks.get(held.terms.symbol, held.price)) for held in self.positions
            ),
            collaterals=tuple(
                replace(held, price=prices.get(held.asset, held.price)) for held in self.collaterals
            ),
        )

    def price_of(self, asset: str) -> float:
        """Return what one `asset` is worth in money; 1 for money itself."""
        for position in self.positions:
            if position.terms.inverse and position.terms.asset == asset:
                return position.price
        for collateral in self.collaterals:
            if collateral.asset == asset:
                return collateral.shocked_price
        return 1.0

    @property
    def equity(self) -> float:
        """Collateral that counts, with unrealised profit."""
        counted = sum(collateral.counted() for collateral in self.collaterals)
        return counted / self.price_of(self.unit) + self.pnl

    @property
    def pnl(self) -> float:
        """Unrealised profit of all positions."""
        return sum(self._in_unit(position, position.pnl()) for position in self.positions)

    @property
    def notional(self) -> float:
        """Worth of all positions, long and short added."""
        return sum(self._in_unit(position, position.notional()) for position in self.positions)

    @property
    def maintenance(self) -> float:
        """The requirement below which the account is liquidated."""
        asked = sum(self._in_unit(position, position.maintenance()) for position in self.positions)
        return self.multiplier * asked + self.fixed_requirement

    @property
    def initial(self) -> float:
        """The requirement below which nothing may be opened."""
        asked = sum(
            self._in_unit(position, initial_margin(position)) for position in self.positions
        )
        return self.multiplier * asked + self.fixed_requirement

    @property
    def headroom(self) -> float:
        """Equity less maintenance, as a fraction of notional."""
        return (self.equity - self.maintenance) / self.notional

    @property
    def margin_ratio(self) -> float:
        """Equity over maintenance: liquidation at 1 and below."""
        return margin_ratio(self.equity, self.maintenance)

    @property
    def available(self) -> float:
        """What may still be used to open: equity less initial margin."""
        return available_balance(self.equity, self.initial)

    @property
    def leverage(self) -> float:
        """Notional over equity."""
        return self.notional / self.equity

    def _in_unit(self, position: Position, amount: float) -> float:
        if position.terms.settle == self.unit:
            return amount
        return amount * self.price_of(position.terms.settle) / self.price_of(self.unit)


def isolated(position: Position, deposit: float) -> MarginAccount:
    """Return the account of one isolated position with `deposit`, in its settlement currency.

    Examples
    --------
    >>> from hedgerow.margin.terms import flat_terms
    >>> short = Position(terms=flat_terms(0.005), size=-2.0, entry=50_000.0)
    >>> isolated(short, 20_000.0).headroom
    0.195
    """
    terms = position.terms
    price = position.price if terms.inverse else 1.0
    held = Collateral(asset=terms.settle, amount=deposit, price=price)
    return MarginAccount(positions=(position,), collaterals=(held,), unit=terms.settle)


def margin_ratio(equity: float, maintenance: float) -> float:
    """Return equity over maintenance, as OKX shows it; infinite where nothing is asked."""
    return equity / maintenance if maintenance else float("inf")


def available_balance(equity: float, initial: float) -> float:
    """Return what may still be used to open."""
    return equity - initial
