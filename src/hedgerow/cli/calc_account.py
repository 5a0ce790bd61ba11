"""From the options of a calculator to an account: position, deposit, collateral, company."""

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from hedgerow.cli.calc_output import Rulebook, Side, above_zero, signed_size
from hedgerow.errors import ConfigError

if TYPE_CHECKING:
    from hedgerow.margin.collateral import Collateral
    from hedgerow.margin.margin_account import MarginAccount
    from hedgerow.margin.position import Position
    from hedgerow.market.venue import ContractRules

NEAR = 0.1  # how far a coin's price may be from the mark of its own contract


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One position as the command line gives it."""

    instrument: str
    side: Side
    quantity: float
    entry: float
    mark: float | None
    fee: str = ""
    entry_option: str = "--entry"  # what an error calls the entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Backing:
    """What stands behind it; texts as on the command line."""

    deposit: float | None
    leverage: float | None
    collaterals: tuple[str, ...] = ()
    positions: tuple[str, ...] = ()
    multiplier: float = 1.0

    @property
    def cross(self) -> bool:
        """Whether more than the deposit or more than one position is in the account."""
        return bool(self.collaterals or self.positions)


def position_asked(book: Rulebook, asked: Asked) -> "tuple[ContractRules, Position]":
    """Return the rules and the position; refuse one that the venue has no bracket for."""
    from hedgerow.margin.position import Position
    from hedgerow.margin.terms import terms_of

    rules = book.contract(asked.instrument)
    above_zero(asked.entry_option, asked.entry)
    if asked.mark is not None:
        above_zero("--mark", asked.mark)
    held = Position(
        terms=terms_of(rules, asked.fee or None),
        size=signed_size(rules, asked.side, asked.quantity),
        entry=asked.entry,
        mark=asked.mark,
    )
    held.terms.check(held.size, held.entry)
    return rules, held


def account_asked(
    book: Rulebook, asked: Asked, backing: Backing
) -> "tuple[list[ContractRules], MarginAccount, float]":
    """Return the rules used, the account with the asked position first, and the deposit."""
    from hedgerow.margin.margin_account import MarginAccount

    rules, held = position_asked(book, asked)
    deposit = _deposit(held, backing)
    if backing.leverage is not None:
        held = replace(held, leverage=backing.leverage)
    company = [_company(book, text, held) for text in backing.positions]
    positions = (held, *(position for _, position in company))
    if backing.cross:
        positions = tuple(replace(one, terms=one.terms.in_cross()) for one in positions)
    settles = {position.terms.settle for position in positions}
    collaterals = _collaterals(held, deposit, backing.collaterals)
    account = MarginAccount(
        positions=positions,
        collaterals=collaterals,
        unit=held.terms.settle if len(settles) == 1 else "USD",
        multiplier=backing.multiplier,
    )
    return [rules, *(theirs for theirs, _ in company)], account, deposit


def _deposit(held: "Position", backing: Backing) -> float:
    from hedgerow.margin.initial import check_leverage
    from hedgerow.margin.wallet import deposit_at

    if backing.deposit is not None and backing.leverage is not None:
        raise ConfigError(
            f"--deposit {backing.deposit:g} and --leverage {backing.leverage:g} contradict each "
            "other: the one follows from the other; give one of them"
        )
    if backing.leverage is not None:
        check_leverage(held, above_zero("--leverage", backing.leverage), held.entry)
        return deposit_at(held, backing.leverage)
    if backing.deposit is not None:
        if backing.cross and backing.deposit == 0.0:
            return 0.0
        return above_zero("--deposit", backing.deposit)
    if not backing.collaterals:
        raise ConfigError("--deposit is missing: say what lies in the account, or give --leverage")
    return 0.0


def _collaterals(
    held: "Position", deposit: float, texts: tuple[str, ...]
) -> "tuple[Collateral, ...]":
    from hedgerow.margin.collateral import Collateral

    terms = held.terms
    price = held.price if terms.inverse else 1.0
    found = [collateral(text) for text in texts]
    seen: dict[str, Collateral] = {}
    for one in found:
        before = seen.setdefault(one.asset, one)
        if replace(before, amount=one.amount) != one:
            raise ConfigError(
                f"--collateral {one.asset} is given twice, at {before.price:g} with haircut "
                f"{before.haircut} and shock {before.shock:g}, and at {one.price:g} with "
                f"{one.haircut} and {one.shock:g}; they contradict each other"
            )
        if one.asset == terms.asset and one.shock:
            raise ConfigError(
                f"--collateral {one.asset}: a shock of {one.shock:g} contradicts the mark of "
                f"{terms.symbol}, {held.price:g}: it is the same coin; give another --mark"
            )
        if deposit and one.asset == terms.settle != terms.asset and one.shocked_price != 1.0:
            raise ConfigError(
                f"--collateral {one.asset} at {one.shocked_price:g} contradicts --deposit "
                f"{deposit:g}, which counts {one.asset} at 1: one coin has one price; put all of "
                "it into --collateral, or leave the price out"
            )
        if one.asset == terms.asset and not abs(one.price / held.price - 1.0) <= NEAR:
            raise ConfigError(
                f"--collateral {one.asset} at {one.price:g} contradicts the mark of "
                f"{terms.symbol}, {held.price:g}: it is the same coin; mend one of them, or give "
                "--mark"
            )
    if terms.inverse:
        # One coin has one price, or the worth of the account would depend on where it lies.
        found = [replace(one, price=price) if one.asset == terms.asset else one for one in found]
    own = [Collateral(asset=terms.settle, amount=deposit, price=price)] if deposit else []
    return (*own, *found)


def collateral(text: str) -> "Collateral":
    """Return ``COIN=AMOUNT@PRICE[:HAIRCUT[:SHOCK]]`` as a collateral; money needs no price.

    >>> coin = collateral("USDC=1000@1:0.01:0.1")
    >>> coin.haircut, coin.shock, coin.counted()
    (0.01, 0.1, 891.0)
    """
    from hedgerow.margin.collateral import Collateral

    mend = "write COIN=AMOUNT@PRICE[:HAIRCUT[:SHOCK]], e.g. BTC=10@50000:0.05"
    asset, equals, rest = text.partition("=")
    rest, _, counts = rest.partition(":")
    haircut, _, shock = counts.partition(":")
    amount, _, price = rest.partition("@")
    if not (asset and equals and amount):
        raise ConfigError(f"--collateral {text!r} cannot be read; {mend}")
    option = f"--collateral {text}"
    found = Collateral(
        asset=asset.upper(),
        amount=_number(option, amount, mend),
        price=_number(option, price, mend) if price else 1.0,
        haircut=_number(option, haircut, mend) if haircut else 0.0,
        shock=_number(option, shock, mend) if shock else 0.0,
    )
    if found.amount < 0.0:
        raise ConfigError(f"{option}: the amount is {found.amount:g}; write 0 or more")
    if found.shock == 1.0:
        raise ConfigError(f"{option}: a shock of 1 leaves nothing; leave the collateral out")
    return found


def _company(book: Rulebook, text: str, first: "Position") -> "tuple[ContractRules, Position]":
    """Return ``SYMBOL:SIDE:QUANTITY:ENTRY[:MARK]`` as another position of the account.

    One of the same contract as `first` has its mark.
    """
    mend = "write SYMBOL:SIDE:QUANTITY:ENTRY[:MARK], e.g. ETH/USDT:USDT:long:50:3000:3100"
    parts = text.split(":")
    if len(parts) not in {5, 6}:
        raise ConfigError(f"--position {text!r} cannot be read; {mend}")
    symbol, side = ":".join(parts[:2]), parts[2].lower()
    if side not in {"long", "short"}:
        raise ConfigError(f"--position {text!r}: the side is {parts[2]!r}; {mend}")
    quantity, entry, *mark = (_number(f"--position {text}", part, mend) for part in parts[3:])
    common = first.price if symbol == first.terms.symbol else None
    asked = Asked(
        instrument=symbol,
        side=Side(side),
        quantity=quantity,
        entry=entry,
        mark=mark[0] if mark else common,
        entry_option=f"--position {text!r}: the entry",
    )
    return position_asked(book, asked)


def _number(where: str, text: str, mend: str) -> float:
    try:
        value = float(text)
    except ValueError as error:
        raise ConfigError(f"{where}: {text!r} is not a number; {mend}") from error
    if not math.isfinite(value):
        raise ConfigError(f"{where}: {text!r} is not a number; {mend}")
    return value
