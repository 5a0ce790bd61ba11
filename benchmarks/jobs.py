"""The two jobs that are timed: what peers can do too, and all that a real book needs."""

import numpy as np

from benchmarks.market import Market, tape_of
from hedgerow.engine.batch import Plan
from hedgerow.engine.pack import fixed_of, numbers_of, shape_of, table_of
from hedgerow.engine.terms import UNMARGINED, AccountTerms, Brackets, LegTerms, Terms
from hedgerow.policies.band import Band
from hedgerow.policies.base import Policy
from hedgerow.units import Floats

HOLDING = 120.0
LOT = 0.001
MINIMUM = 5.0
FEE = 5e-4
HALF_SPREAD = 1e-4
FLOOR = (0.0, 3e5, 8e5, 3e6, 12e6, 7e7, 1e8, 2e8, 3e8, 5e8)
RATE = (0.004, 0.005, 0.0065, 0.01, 0.02, 0.025, 0.05, 0.1, 0.125, 0.15)
LEVERAGE = (125.0, 100.0, 75.0, 50.0, 25.0, 20.0, 10.0, 5.0, 4.0, 3.0)


def widths(configs: int) -> Floats:
    """Return half-widths of a band, spread evenly on a log scale, ``(configs,)``."""
    return np.geomspace(0.002, 0.2, configs)


def matched(market: Market, configs: int) -> Plan:
    """Return the job that peers can do: a band's trades at proportional cost, nothing else."""
    return _plan(market, [terms(Band(half_width=w), 1.0, full=False) for w in widths(configs)])


def full(market: Market, configs: int) -> Plan:
    """Return the whole job: funding, ten tiers, liquidation, top-ups, withdrawals, impact."""
    depths = np.random.default_rng(11).uniform(0.0, 1.0, configs)
    return _plan(
        market,
        [
            terms(Band(half_width=width), depth, full=True)
            for width, depth in zip(widths(configs), depths, strict=True)
        ],
    )


def _plan(market: Market, lanes: list[Terms]) -> Plan:
    first = lanes[0]
    return Plan(
        tape=tape_of(market, funding=first.checked),
        fixed=fixed_of(first),
        shape=shape_of(first),
        numbers=table_of([numbers_of(terms) for terms in lanes]),
        rule=first.rule,
    )


def _ten_tiers() -> Brackets:
    floor = np.array(FLOOR)
    rate = np.array(RATE)
    amount = np.concatenate([[0.0], np.cumsum(floor[1:] * np.diff(rate))])
    cap = np.concatenate([floor[1:], [1e12]])
    return Brackets(floor=floor, cap=cap, rate=rate, amount=amount, leverage=np.array(LEVERAGE))


def terms(policy: Policy, depth: float, *, full: bool) -> Terms:
    """Return the terms of one lane; `depth`, 0 to 1, says how well it is funded."""
    worth = HOLDING * 30_000.0
    leg = LegTerms(
        instrument="BTC/USDT:USDT",
        asset="BTC",
        account="venue",
        settle="USDT",
        inverse=False,
        lot_size=LOT,
        minimum=MINIMUM,
        brackets=_ten_tiers() if full else UNMARGINED,
        method="step_down",
        fee=FEE,
        liquidation_fee=0.0125,
        max_leverage=125.0,
        numbers=policy.numbers(),
    )
    account = AccountTerms(
        name="venue",
        collateral="USDT",
        deposit=worth * (0.1 + 0.2 * depth),
        reserve=worth * (2.5 + 4.0 * depth) if full else 0.0,
        top_up_below=0.1,
        top_up_to=0.2,
        withdraw_above=0.5,
        withdraw_to=0.3,
    )
    return Terms(
        assets=("BTC", "USDT"),
        cash=frozenset({"USDT"}),
        numeraire_coin=None,
        holdings=(HOLDING, 0.0),
        legs=(leg,),
        accounts=(account,),
        rule=policy.rule,
        half_spread=HALF_SPREAD,
        impact=1.0 if full else 0.0,
        latency_seconds=1.0 if full else 0.0,
        cash_rate=0.03 if full else 0.0,
        checked=full,
    )
