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
ONE_MODE: Final = frozenset({"deribit"})  # where all positions of an account share its margin


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
    tick, lot, minimum_size, minimum_notional
        Of the tables; sizes in the unit of `Listing.lot`. None where they do not say.
    order_size, order_notional
        So small an order is one that the desk can do without; a larger minimum of the venue
        forbids trading. None where any that is larger than the table's does.
    interval_hours
        Of funding.
    maker, taker
        Fractions of notional.
    """

    symbol: str
    tick: Decimal | None = None
    lot: Decimal | None = None
    minimum_size: Decimal | None = None
    minimum_notional: Decimal | None = None
    order_size: Decimal | None = None
    order_notional: Decimal | None = None
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
    listed
        All that the venue lists, for the nearest name of what it does not.
    """

    symbols: tuple[Expected, ...]
    margin_mode: str = "cross"
    leverage: Mapping[str, float] = field(default_factory=dict)
    listed: tuple[str, ...] = ()


def check_facts(facts: Facts, wanted: Wanted) -> tuple[Finding, ...]:
    """Return all that is wrong, what forbids trading first."""
    found = [*_key(facts), *_clock(facts), *_modes(facts, wanted), *_symbols(facts, wanted)]
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


def _key(facts: Facts) -> Iterator[Finding]:
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
    if facts.testnet:
        yield _warn(
            "testnet",
            "net",
            f"{where}: this is the test net, and nothing traded there is a hedge; leave testnet "
            "out of [[venue]] for the venue itself",
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
                f"{wanted.margin_mode}; {_margin_mend(mode, wanted.margin_mode, facts.venue)}",
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


def _margin_mend(mode: str, wanted: str, venue: str) -> str:
    if venue in ONE_MODE and wanted == "isolated":
        return f'{venue} has no isolated margin: write mode = "cross" under [margin]'
    if mode == "portfolio":
        return "set standard margin on the venue's page"
    return "set it on the venue's page, or the other one under [margin]"


def _symbols(facts: Facts, wanted: Wanted) -> Iterator[Finding]:
    for expected in wanted.symbols:
        if expected.symbol in facts.unusable:
            yield _unusable(facts, expected.symbol)
            continue
        if expected.symbol not in facts.listings:
            yield _delisted(facts, expected.symbol, wanted.listed)
            continue
        yield from _steps(facts, expected)
        yield from _interval(facts, expected)
        yield from _fees(facts, expected)


def _unusable(facts: Facts, symbol: str) -> Finding:
    return _refuse(
        "symbol-gone",
        symbol,
        f"{_where(facts)}: {facts.unusable[symbol]}; nothing is opened in it until it does",
    )


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
    listing, symbol = facts.listings[expected.symbol], expected.symbol
    if expected.tick is not None and expected.tick != listing.tick:
        yield _warn(
            "tick-differs",
            symbol,
            f"{_where(facts)}: the tick of {symbol} is {listing.tick}, the table says "
            f"{expected.tick}; orders are priced on the venue's, hedgerow venues update "
            f"{facts.venue} mends the table",
        )
    if expected.lot is not None and expected.lot != listing.lot:
        fits = expected.lot % listing.lot == 0
        yield _differs(facts, symbol, "lot", (expected.lot, listing.lot), fits=fits)
    for name, ours, theirs, orders in (
        ("smallest size", expected.minimum_size, listing.minimum_size, expected.order_size),
        (
            "smallest worth",
            expected.minimum_notional,
            listing.minimum_notional,
            expected.order_notional,
        ),
    ):
        if ours is not None and ours < theirs:
            fits = orders is not None and theirs <= orders
            yield _differs(facts, symbol, name, (ours, theirs), fits=fits)


def _differs(
    facts: Facts, symbol: str, name: str, steps: tuple[Decimal, Decimal], *, fits: bool
) -> Finding:
    """Say that sizes are counted otherwise: the venue would refuse what does not fit its own."""
    ours, theirs = steps
    text = (
        f"{_where(facts)}: the {name} of {symbol} is {theirs} at the venue, and {ours} in the "
        f"table of {facts.venue}; "
    )
    mend = f"hedgerow venues update {facts.venue} mends the table, then start the desk again"
    topic = "lot-differs" if name == "lot" else "minimum-differs"
    if fits:
        why = (
            "what the desk orders fits both"
            if name == "lot"
            else "the venue refuses what is smaller, which is little beside the hedge"
        )
        return _warn(topic, symbol, f"{text}{why}; {mend}")
    return _refuse(topic, symbol, f"{text}the venue would refuse what the desk orders: {mend}")


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
