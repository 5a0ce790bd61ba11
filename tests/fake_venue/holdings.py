"""The one account of a fake venue: wallets, positions, income."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from fake_venue.contracts import Contract

ZERO = Decimal(0)


@dataclass(slots=True, kw_only=True)
class Position:
    """What is held of one contract, signed; `side` is BOTH, or LONG and SHORT in hedge mode."""

    contract: Contract
    side: str = "BOTH"
    amount: Decimal = ZERO
    entry: Decimal = ZERO
    realised: Decimal = ZERO
    updated: int = 0

    def trade(self, signed: Decimal, price: Decimal) -> Decimal:
        """Add `signed` at `price` and return the profit that this realised."""
        before = self.amount
        self.amount += signed
        if before * signed >= 0:
            value = self._value(before, self.entry) + self._value(signed, price)
            self.entry = self._price(self.amount, value) if self.amount else ZERO
            return ZERO
        closed = -before if abs(signed) >= abs(before) else signed
        profit = self.contract.profit(-closed, self.entry, price)
        if self.amount == 0:
            self.entry = ZERO
        elif self.amount * before < 0:
            self.entry = price
        self.realised += profit
        return profit

    def unrealised(self, mark: Decimal) -> Decimal:
        """Return the open profit at `mark`, in the settle asset."""
        return self.contract.profit(self.amount, self.entry, mark) if self.amount else ZERO

    def _value(self, amount: Decimal, price: Decimal) -> Decimal:
        return self.contract.worth(amount, price) if amount else ZERO

    def _price(self, amount: Decimal, value: Decimal) -> Decimal:
        return amount / value if self.contract.inverse else value / amount


@dataclass(frozen=True, slots=True, kw_only=True)
class Income:
    """One change of a wallet; `kind` is funding, commission, profit, transfer or insurance."""

    number: int
    kind: str
    name: str
    asset: str
    amount: Decimal
    time: int
    trade_id: str = ""
    rate: Decimal = ZERO
    price: Decimal = ZERO
    held: Decimal = ZERO


@dataclass(slots=True, kw_only=True)
class Account:
    """Wallets, positions and settings of the one user of a fake venue.

    Attributes
    ----------
    rights
        Of the key: "trade", "read", "withdraw".
    """

    wallet: dict[str, Decimal]
    positions: dict[tuple[str, str], Position] = field(default_factory=dict)
    income: list[Income] = field(default_factory=list)
    hedge_mode: bool = False
    multi_assets: bool = False
    leverage: dict[str, int] = field(default_factory=dict)
    isolated: set[str] = field(default_factory=set)
    rights: set[str] = field(default_factory=lambda: {"read", "trade"})

    def position(self, contract: Contract, side: str = "BOTH") -> Position:
        """Return the position, flat if there is none yet."""
        key = (contract.name, side)
        if key not in self.positions:
            self.positions[key] = Position(contract=contract, side=side)
        return self.positions[key]

    def net(self, name: str) -> Decimal:
        """Return the position in `name`, both sides of hedge mode summed."""
        return sum((p.amount for (held, _), p in self.positions.items() if held == name), ZERO)

    def open_positions(self) -> list[Position]:
        """Return what is not flat, by name and side."""
        return [p for _, p in sorted(self.positions.items()) if p.amount]

    def book(self, entry: Income) -> None:
        """Change a wallet and write it down."""
        self.wallet[entry.asset] = self.wallet.get(entry.asset, ZERO) + entry.amount
        self.income.append(entry)

    def leverage_of(self, name: str) -> int:
        """Return the leverage set for `name`; 20 where nobody set it."""
        return self.leverage.get(name, 20)

    def equity(self, asset: str, marks: dict[str, Decimal]) -> Decimal:
        """Return wallet and open profit in one asset."""
        return self.wallet.get(asset, ZERO) + sum(
            (p.unrealised(marks[p.contract.name]) for p in self._of(asset)), ZERO
        )

    def initial_margin(self, asset: str, marks: dict[str, Decimal]) -> Decimal:
        """Return what the positions in one asset tie up."""
        return sum(
            (
                abs(p.contract.worth(p.amount, marks[p.contract.name]))
                / self.leverage_of(p.contract.name)
                for p in self._of(asset)
            ),
            ZERO,
        )

    def maintenance_margin(self, asset: str, marks: dict[str, Decimal]) -> Decimal:
        """Return the equity below which the positions in one asset are liquidated."""
        return sum(
            (
                abs(p.contract.worth(p.amount, marks[p.contract.name])) * p.contract.maintenance
                for p in self._of(asset)
            ),
            ZERO,
        )

    def _of(self, asset: str) -> Iterable[Position]:
        return (p for p in self.positions.values() if p.amount and p.contract.settle == asset)
