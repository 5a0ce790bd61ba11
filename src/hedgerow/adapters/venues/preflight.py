"""What is wrong with an account before the first order: each finding says how to mend it."""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Final

from hedgerow.adapters.venues.contracts import multiple_of
from hedgerow.execution.port import Facts

OFF: Final = 1.0  # seconds; beyond it requests are refused, and so is the start
DRIFTS: Final = 0.5
FEE_SLACK: Final = 1e-9


class Weight(StrEnum):
    """What a finding stops."""

    REFUSE = "refuse"  # nothing is traded
    WARN = "warn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is not as it should be; `subject` names the symbol or the right."""

    weight: Weight
    topic: str
    subject: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What the desk was told of a symbol, by its tables and its config.

    Attributes
    ----------
    tick, lot
        Of the tables; the lot in the unit of `Listing.lot`. None where they do not say.
    interval_hours
        Of funding.
    maker, taker
        Fractions of notional.
    """

    symbol: str
    tick: Decimal | None = None
    lot: Decimal | None = None
    interval_hours: float | None = None
    maker: float | None = None
    taker: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """How an account must be set.

    Attributes
    ----------
    margin_mode
        ``"cross"`` or ``"isolated"``.
    leverage
        By symbol, where the config says; at least so much must be set, for a smaller one ties
        up more collateral than the desk reckons with.
    testnet
        Whether the desk means the test net.
    listed
        All that the venue lists, for the nearest name of what it does not.
    """

    symbols: tuple[Expected, ...]
    margin_mode: str = "cross"
    leverage: Mapping[str, float] = field(default_factory=dict)
    testnet: bool = False
    listed: tuple[str, ...] = ()


def check_facts(facts: Facts, wanted: Wanted) -> tuple[Finding, ...]:
    """Return all that is wrong, what forbids trading first."""
    found = [*_key(facts, wanted), *_clock(facts), *_modes(facts, wanted), *_symbols(facts, wanted)]
    return tuple(sorted(found, key=lambda finding: finding.weight is Weight.WARN))


def may_trade(findings: Sequence[Finding]) -> bool:
    """Whether nothing that was found forbids trading."""
    return all(finding.weight is not Weight.REFUSE for finding in findings)


def _where(facts: Facts) -> str:
    return f"{facts.venue}, account {facts.account}"


def _refuse(topic: str, subject: str, text: str) -> Finding:
    return Finding(weight=Weight.REFUSE, topic=topic, subject=subject, text=text)


def _warn(topic: str, subject: str, text: str) -> Finding:
    return Finding(weight=Weight.WARN, topic=topic, subject=subject, text=text)


def _key(facts: Facts, wanted: Wanted) -> Iterator[Finding]:
    where = _where(facts)
    if facts.may_withdraw:
        yield _refuse(
            "key-may-withdraw",
            "key",
            f"{where}: the key may withdraw; whoever reads it can empty the account: make one "
            "that may only read and trade, or an agent's key where the venue has agents",
        )
    elif facts.may_withdraw is None:
        yield _warn(
            "key-unknown",
            "key",
            f"{where}: the venue does not tell whether the key may withdraw; look at its page",
        )
    if facts.may_trade is False:
        yield _refuse(
            "key-may-not-trade",
            "key",
            f"{where}: the key may not trade; give it that right, or hedge in paper",
        )
    if facts.testnet != wanted.testnet:
        there, here = ("test net", "live") if facts.testnet else ("live venue", "the test net")
        yield _refuse(
            "testnet",
            "key",
            f"{where}: connected to the {there}, and the config means {here}; "
            "set testnet and the key to match",
        )


def _clock(facts: Facts) -> Iterator[Finding]:
    offset = facts.clock_offset
    text = (
        f"{_where(facts)}: its clock is {offset:+.3f} s from this machine's; "
        "set this machine's clock by NTP (timedatectl set-ntp true)"
    )
    if abs(offset) > OFF:
        yield _refuse("clock", "clock", text)
    elif abs(offset) > DRIFTS:
        yield _warn("clock", "clock", text)


def _modes(facts: Facts, wanted: Wanted) -> Iterator[Finding]:
    where = _where(facts)
    if facts.one_way is False:
        yield _refuse(
            "hedge-mode",
            "position mode",
            f"{where}: the account is in hedge mode, where a closing order can open the other "
            "side; close its positions and set one-way mode on the venue's page",
        )
    for symbol, mode in facts.margin_mode.items():
        if mode != wanted.margin_mode:
            yield _refuse(
                "margin-mode",
                symbol,
                f"{where}: {symbol} is set to {mode} margin, and the desk reckons with "
                f"{wanted.margin_mode}; set it on the venue's page",
            )
    for symbol, least in wanted.leverage.items():
        leverage = facts.leverage.get(symbol)
        if leverage is not None and leverage < least:
            yield _refuse(
                "leverage",
                symbol,
                f"{where}: {symbol} is set to {leverage:g}x leverage, and the config reckons with "
                f"{least:g}x; set it on the venue's page, or lower it in the config",
            )


def _symbols(facts: Facts, wanted: Wanted) -> Iterator[Finding]:
    for expected in wanted.symbols:
        if expected.symbol not in facts.listings:
            yield _delisted(facts, expected.symbol, wanted.listed)
            continue
        yield from _steps(facts, expected)
        yield from _interval(facts, expected)
        yield from _fees(facts, expected)


def _delisted(facts: Facts, symbol: str, listed: Sequence[str]) -> Finding:
    names = listed or tuple(facts.listings)
    coin, quote = multiple_of(symbol.partition("/")[0])[0], symbol.partition("/")[2]
    same = [
        name
        for name in names
        if multiple_of(name.partition("/")[0])[0].upper() == coin.upper()
        and name.partition("/")[2] == quote
    ]
    near = same or difflib.get_close_matches(symbol, names, n=1)
    hint = f"; the nearest is {near[0]}" if near else ""
    return _refuse(
        "symbol-gone",
        symbol,
        f"{_where(facts)}: {symbol} is not traded there: delisted, renamed or paused{hint}; "
        "change the config, one of its units may now be another number of coins",
    )


def _steps(facts: Facts, expected: Expected) -> Iterator[Finding]:
    listing = facts.listings[expected.symbol]
    for name, ours, theirs in (
        ("tick", expected.tick, listing.tick),
        ("lot", expected.lot, listing.lot),
    ):
        if ours is not None and ours != theirs:
            yield _warn(
                f"{name}-differs",
                expected.symbol,
                f"{_where(facts)}: the {name} of {expected.symbol} is {theirs}, the table says "
                f"{ours}; orders go by the venue's, hedgerow venues update {facts.venue} "
                "mends the table",
            )


def _interval(facts: Facts, expected: Expected) -> Iterator[Finding]:
    ours, theirs = expected.interval_hours, facts.interval_hours.get(expected.symbol)
    if ours is None or theirs == ours:
        return
    if theirs is None:
        yield _warn(
            "interval-unknown",
            expected.symbol,
            f"{_where(facts)}: the venue does not say how often {expected.symbol} settles "
            f"funding; the table says every {ours:g} h",
        )
        return
    yield _refuse(
        "interval-differs",
        expected.symbol,
        f"{_where(facts)}: {expected.symbol} settles funding every {theirs:g} h, the table says "
        f"{ours:g} h, so its funding is {ours / theirs:g} times what the desk reckons with; "
        f"hedgerow venues update {facts.venue}",
    )


def _fees(facts: Facts, expected: Expected) -> Iterator[Finding]:
    for name, ours, theirs in (
        ("maker", expected.maker, facts.maker.get(expected.symbol)),
        ("taker", expected.taker, facts.taker.get(expected.symbol)),
    ):
        if ours is not None and theirs is not None and abs(ours - theirs) > FEE_SLACK:
            yield _warn(
                "fee-differs",
                expected.symbol,
                f"{_where(facts)}: the {name} fee of {expected.symbol} is {theirs:.6f} of "
                f"notional, the config says {ours:.6f}; set the fee tier in the config",
            )
