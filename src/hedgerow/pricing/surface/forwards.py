"""The forward of each of a chain's rows, and what told it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np

from hedgerow.errors import ConfigError, MarketDataError
from hedgerow.market.chain import Chain
from hedgerow.pricing.parity import ParityForward, parity_forward
from hedgerow.units import YEAR, Floats, iso

NO_FUTURES: Final[Mapping[int, float]] = {}


class ForwardFrom(StrEnum):
    """What told an expiry's forward."""

    VENUE = "the venue"
    FUTURE = "a future of the same expiry"
    PARITY = "put-call parity"
    CARRY = "the carry of other expiries"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Forwards:
    """Forwards of a chain's rows.

    Attributes
    ----------
    rows
        Of each row, quote per base, NaN where nothing tells it.
    told_by
        Of each expiry, UTC nanoseconds.
    """

    rows: Floats
    told_by: dict[int, ForwardFrom]


def chain_forwards(chain: Chain, futures: Mapping[int, float] = NO_FUTURES) -> Forwards:
    """Return the forward of each row of a chain of one underlying.

    A row without the venue's forward takes the median of its expiry's others. An expiry without
    any takes the future that ends with it, else put-call parity over the middles of its two-sided
    quotes, else the carry of the expiries and futures around it: logarithms of forwards run
    straight in time from today's price through those that are known, and on beyond the last.

    Parameters
    ----------
    chain
        Of one underlying.
    futures
        Prices of dated futures by expiry, UTC nanoseconds.
    """
    for expiry, price in futures.items():
        if not 0.0 < price < math.inf:
            raise ConfigError(
                f"futures: the price for {iso(expiry)} is {price}: write one above 0, in quote"
            )
    known = np.where((chain.forward > 0.0) & (chain.forward < math.inf), chain.forward, np.nan)
    rows = known.copy()
    told_by: dict[int, ForwardFrom] = {}
    forwards = {expiry: price for expiry, price in futures.items() if expiry > chain.time}
    for expiry in np.unique(chain.expiry).tolist():
        here = chain.expiry == expiry
        told = known[here & np.isfinite(known)]
        told_by[expiry] = ForwardFrom.VENUE
        if told.size:
            found = float(np.median(told))
        elif expiry in futures:
            found, told_by[expiry] = futures[expiry], ForwardFrom.FUTURE
        else:
            found, told_by[expiry] = _by_parity(chain, expiry), ForwardFrom.PARITY
        rows[here & np.isnan(rows)] = found
        if found > 0.0 and expiry > chain.time:
            forwards[expiry] = found
    for expiry, source in told_by.items():
        here = chain.expiry == expiry
        if source is ForwardFrom.PARITY and np.isnan(rows[here]).all():
            rows[here] = _by_carry(chain, forwards, expiry)
            lost = bool(np.isnan(rows[here]).all())
            told_by[expiry] = ForwardFrom.NOTHING if lost else ForwardFrom.CARRY
    return Forwards(rows=rows, told_by=told_by)


def _by_parity(chain: Chain, expiry: int) -> float:
    try:
        return parity(chain, expiry).forward
    except MarketDataError:
        return math.nan


def _by_carry(chain: Chain, forwards: Mapping[int, float], expiry: int) -> float:
    """Return a forward by the others' carry, NaN where fewer than two prices are known."""
    today = next(iter(chain.index.values()), math.nan)
    points = {0.0: today} if 0.0 < today < math.inf else {}
    points |= {(at - chain.time) / YEAR: price for at, price in sorted(forwards.items())}
    if len(points) < 2 or expiry <= chain.time:
        return math.nan
    years, logs = np.array(list(points)), np.log(np.array(list(points.values())))
    at = (expiry - chain.time) / YEAR
    if at > years[-1]:
        carry = (logs[-1] - logs[0]) / (years[-1] - years[0])
        return float(math.exp(logs[-1] + carry * (at - years[-1])))
    if at < years[0]:
        carry = (logs[1] - logs[0]) / (years[1] - years[0])
        return float(math.exp(logs[0] + carry * (at - years[0])))
    return float(math.exp(np.interp(at, years, logs)))


def parity(chain: Chain, expiry: int) -> ParityForward:
    """Return what put-call parity says of one expiry's forward, from middles, without a rate.

    Raises
    ------
    MarketDataError
        If no strike has both a call and a put quoted from both sides.
    """
    good = (chain.expiry == expiry) & (chain.reasons == "")
    good &= (chain.bid > 0.0) & (chain.ask >= chain.bid) & (chain.ask < math.inf)
    middle = 0.5 * (chain.bid + chain.ask)
    spread = np.maximum(chain.ask - chain.bid, 1e-12)
    calls, puts = good & (chain.sign > 0.0), good & (chain.sign < 0.0)
    strikes, of_call, of_put = np.intersect1d(
        chain.strike[calls], chain.strike[puts], return_indices=True
    )
    if not strikes.size:
        raise MarketDataError(
            "no strike has both a call and a put quoted from both sides; give the forward"
        )
    return parity_forward(
        strikes,
        middle[calls][of_call],
        middle[puts][of_put],
        unit=chain.premium_unit,
        half_spread=0.5 * (spread[calls][of_call] + spread[puts][of_put]),
        discount=1.0,
    )
