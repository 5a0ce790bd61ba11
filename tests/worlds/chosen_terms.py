"""From a choice of options to a tape and the terms of a few lanes."""

from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from random_tapes import ASSETS, Weather, random_tape

from hedgerow.engine.tape import Tape
from hedgerow.engine.terms import (
    AccountTerms,
    Brackets,
    Fill,
    Funds,
    LegTerms,
    PledgeTerms,
    Terms,
)
from hedgerow.kernels.margin import ENTRY_BRACKETS, SIZE_SLOPE, SIZE_TIERS
from hedgerow.policies.band import Band
from hedgerow.policies.base import policy
from hedgerow.policies.hold import Hold
from hedgerow.policies.interval import Interval


@policy
def patient(
    time: float,
    goal: float,
    held: float,
    headroom: float,
    basis: float,
    last_price: float,
    memory_goal: float,
    memory_count: float,
    *,
    speed: float = 0.3,
) -> tuple[float, float, float]:
    """Follow a smoothed goal, more slowly when headroom is thin; trade every third bar."""
    pull = speed if headroom > 0.05 else 0.5 * speed
    smooth = memory_goal + pull * (goal - memory_goal)
    count = memory_count + 1.0
    if count < 3.0 or basis > 0.02 * max(last_price, 1.0) or time < 0.0:
        return held, smooth, count
    return smooth, smooth, 0.0


CHANGE: Final = 120  # the bar at whose open the rules change

OPTIONS: Final[dict[str, tuple[Any, ...]]] = {
    "layout": (
        "linear",
        "inverse",
        "cross",
        "two accounts",
        "both kinds",
        "pledged",
        "mixed",
        "coined",
        "apart",
    ),
    "policy": ("hold", "interval", "edge", "centre", "own"),
    "mood": ("calm", "rally", "crash", "wild"),
    "trouble": ("none", "holes", "rejecting", "delaying"),
    "ratio": (1.0, 0.0, 0.6, 1.5),
    "fill": tuple(Fill),
    "deposit_from": tuple(Funds),
    "reserve_from": tuple(Funds),
    "delay": (0.0, 3_600.0, 18_000.0),
    "deposit": (0.05, 0.5, 0.2),
    "reserve": (0.0, 0.05, 2.0),
    "settled": ("open", "inside", "both"),
    "by_value": (False, True),
    "cooldown": (0.0, 6.0),
    "minimum_trade": (0.0, 20_000.0),
    "naked_limit": (np.inf, 30_000.0),
    "max_leverage": (1e9, 3.0),
    "maker": (False, True),
    "impact": (0.0, 0.8),
    "latency": (0.0, 600.0),
    "top_up": (True, False),
    "withdraw": (True, False),
    "stay": (False, True),
    "method": ("step_down", "full", "bankruptcy", "partial"),
    "kind": ("brackets", "entry", "size", "slope"),
    "backstop": (0.0, 0.8),
    "taken": (False, True),
    "changes": (False, True),
    "rates": (True, False),
    "coin_numeraire": (False, True),
    "fee": (5e-4, -1e-4),
    "flows": (True, False),
    "from_holding": (False, True),
    "width": (1, 3),
    "hours": (1, 8),
}

# What two options alone seldom bring about; the rest as the first of each.
RARE: Final[tuple[dict[str, Any], ...]] = (
    {  # liquidated while an order waits, and no new one is asked for at once
        "policy": "interval",
        "trouble": "delaying",
        "mood": "wild",
        "reserve": 0.0,
        "ratio": 1.5,
        "top_up": False,
    },
    {  # two legs of one account in different brackets, and not enough for both
        "layout": "cross",
        "policy": "centre",
        "trouble": "holes",
        "ratio": 1.5,
        "deposit": 0.03,
        "top_up": False,
        "withdraw": False,
    },
)

_COINS: Final = {
    "linear": ("BTC",),
    "inverse": ("BTC",),
    "cross": ("BTC", "ETH"),
    "two accounts": ("ETH", "BTC"),
    "both kinds": ("BTC", "BTC"),
    "pledged": ("BTC",),
    "mixed": ("BTC", "BTC", "ETH"),
    "coined": ("BTC",),
    "apart": ("BTC", "ETH"),
}
_SPOT: Final = {"BTC": 30_000.0, "ETH": 2_000.0, "USDT": 1.0}
_HOLDINGS: Final = (10.0, 100.0, 60_000.0)
_RULES: Final = {
    "hold": (Hold.rule, ()),
    "interval": (Interval.rule, (7.0,)),
    "edge": (Band.rule, (0.02, 0.0)),
    "centre": (Band.rule, (0.05, 1.0)),
    "own": (patient.rule, (0.3,)),
}
_BRACKETS: Final = Brackets(
    floor=np.array([0.0, 50_000.0, 250_000.0]),
    cap=np.array([50_000.0, 250_000.0, 1e8]),
    rate=np.array([0.004, 0.005, 0.01]),
    amount=np.array([0.0, 50.0, 1_300.0]),
    leverage=np.array([125.0, 100.0, 50.0]),
)
_COIN_BRACKETS: Final = Brackets(
    floor=np.array([0.0, 2.0]),
    cap=np.array([2.0, 5_000.0]),
    rate=np.array([0.004, 0.01]),
    amount=np.array([0.0, 0.012]),
    leverage=np.array([100.0, 50.0]),
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class World:
    """A market and the books that live in it; lane i follows ``books[i]``."""

    tape: Tape
    books: tuple[Terms, ...]
    changed: tuple[Terms, ...] | None = None  # the same books under the rules from `CHANGE` on


def world_of(choice: dict[str, Any], seed: int) -> World:
    """Return the tape and the terms of three lanes for one choice of options."""
    coins = _COINS[choice["layout"]]
    tape = random_tape(
        Weather(
            seed=seed,
            coins=coins,
            mood=choice["mood"],
            trouble=choice["trouble"],
            settled=choice["settled"],
            hours=choice["hours"],
            flows=choice["flows"],
            width=choice["width"],
            coin_numeraire=choice["coin_numeraire"],
            taken=choice["taken"],
        )
    )
    first = _terms(choice, coins)
    books = (first, _varied(first, 0.7, 2.0), _varied(first, 1.1, 0.6))
    changed = tuple(_changed(terms) for terms in books) if choice["changes"] else None
    return World(tape=tape, books=books, changed=changed)


def _changed(terms: Terms) -> Terms:
    """Return a book under other rules: dearer, stricter, and closed in another way."""
    other = {"step_down": "bankruptcy", "bankruptcy": "full", "full": "partial"}
    return replace(
        terms,
        legs=tuple(
            replace(
                leg,
                brackets=replace(leg.brackets, rate=leg.brackets.rate * 2.0),
                method=other.get(leg.method, "step_down"),
                step=0.5,
                fee=leg.fee * 3.0,
                liquidation_fee=0.02,
                minimum=leg.minimum * 4.0,
            )
            for leg in terms.legs
        ),
    )


def _varied(terms: Terms, ratio: float, deposit: float) -> Terms:
    """Return the same book with other numbers, as a sweep would have beside it."""
    return replace(
        terms,
        half_spread=terms.half_spread * deposit,
        legs=tuple(
            replace(
                leg,
                ratio=leg.ratio * ratio,
                numbers=tuple(number * (0.5 + ratio) for number in leg.numbers[:1])
                + leg.numbers[1:],
            )
            for leg in terms.legs
        ),
        accounts=tuple(
            replace(account, deposit=account.deposit * deposit, reserve=account.reserve * ratio)
            for account in terms.accounts
        ),
    )


def _terms(choice: dict[str, Any], coins: tuple[str, ...]) -> Terms:
    inverse = {
        "inverse": (True,),
        "coined": (True,),
        "two accounts": (False, True),
        "both kinds": (False, True),
        "mixed": (True, False, False),
    }.get(choice["layout"], (False,) * len(coins))
    one = choice["layout"] in {"cross", "mixed"}
    names = ("main", "main", "main") if one else ("main", "other")
    rule, numbers = _RULES[choice["policy"]]
    share = 0.5 if choice["layout"] in {"both kinds", "mixed"} else 1.0
    legs = tuple(
        LegTerms(
            instrument=f"{coin}/USD:{coin}" if coined else f"{coin}/USDT:USDT",
            asset=coin,
            account=name,
            settle=coin if coined else "USDT",
            inverse=coined,
            lot_size=100.0 if coined else (0.001 if coin == "BTC" else 0.01),
            minimum=100.0 if coined else 5.0,
            brackets=_asked(choice["kind"], coin, coined=coined),
            method=choice["method"],
            step=0.2 if choice["method"] == "partial" else 0.0,
            step_above=20_000.0 if choice["method"] == "partial" else 0.0,
            backstop=choice["backstop"],
            fee=choice["fee"],
            liquidation_fee=0.0125,
            ratio=choice["ratio"] * share,
            by_value=choice["by_value"],
            cooldown_hours=choice["cooldown"],
            minimum_trade=choice["minimum_trade"],
            naked_limit=choice["naked_limit"],
            max_leverage=choice["max_leverage"],
            numbers=numbers,
        )
        for coin, coined, name in zip(coins, inverse, names, strict=False)
    )
    paid = {} if choice["layout"] == "mixed" else dict(zip(names, inverse, strict=False))
    accounts = tuple(
        _account(choice, name, "BTC" if paid.get(name) else "USDT")
        for name in dict.fromkeys(name for name, _ in zip(names, coins, strict=False))
    )
    rated = choice["rates"]
    return Terms(
        assets=ASSETS,
        cash=frozenset({"USDT"}),
        numeraire_coin="BTC" if choice["coin_numeraire"] else None,
        holdings=_HOLDINGS,
        legs=legs,
        accounts=accounts,
        rule=rule,
        fill=choice["fill"],
        maker=choice["maker"],
        half_spread=2e-4,
        impact=choice["impact"],
        latency_seconds=choice["latency"],
        spot_fee=1e-3,
        cash_rate=0.04 if rated else 0.0,
        borrow_rate=0.09 if rated else 0.0,
        staking_rate=0.03 if rated else 0.0,
    )


def _account(choice: dict[str, Any], name: str, collateral: str) -> AccountTerms:
    scale = 300_000.0 / _SPOT[collateral]
    above, to = (0.4, 0.25) if choice["withdraw"] else (np.inf, np.inf)
    below, upto = (0.08, 0.16) if choice["top_up"] else (-1e9, -1e9)
    return AccountTerms(
        name=name,
        collateral=collateral,
        deposit=choice["deposit"] * scale,
        deposit_from=choice["deposit_from"],
        reserve=choice["reserve"] * scale,
        reserve_from=choice["reserve_from"],
        from_holding=choice["from_holding"],
        sells="BTC" if collateral == "USDT" else "ETH",
        top_up_below=below,
        top_up_to=upto,
        withdraw_above=above,
        withdraw_to=to,
        delay_seconds=choice["delay"],
        stay=choice["stay"],
        pledges=_pledges(choice),
    )


def _pledges(choice: dict[str, Any]) -> tuple[PledgeTerms, ...]:
    """Return what else backs the account: a few coins, less than they hedge."""
    if choice["layout"] not in {"pledged", "mixed", "coined", "apart"}:
        return ()
    declared = choice["from_holding"]
    if choice["layout"] == "coined":  # money behind an inverse contract
        return (PledgeTerms(asset="USDT", amount=20_000.0, haircut=0.1, from_holding=declared),)
    coins = PledgeTerms(asset="BTC", amount=1.5, haircut=0.1, from_holding=declared)
    if choice["layout"] != "mixed":
        return (coins,)
    return (coins, PledgeTerms(asset="ETH", amount=10.0, haircut=0.2, from_holding=declared))


def _asked(kind: str, coin: str, *, coined: bool) -> Brackets:
    """Return a schedule of one of the kinds that venues use."""
    plain = _COIN_BRACKETS if coined else _BRACKETS
    if kind == "brackets":
        return plain
    if kind == "entry":
        return replace(plain, kind=ENTRY_BRACKETS)
    spot = _SPOT[coin]
    if kind == "size":
        scale = spot if coined else 1.0 / spot
        return replace(
            plain,
            kind=SIZE_TIERS,
            floor=plain.floor * scale,
            cap=plain.cap * scale,
            amount=np.zeros(len(plain.rate)),
        )
    return Brackets(
        floor=np.zeros(1),
        cap=np.full(1, 1e6),
        rate=np.array([0.01]),
        amount=np.zeros(1),
        leverage=np.array([50.0]),
        kind=SIZE_SLOPE,
        slope=5e-5,
        opening_slope=1e-4,
    )
