"""What a simulated desk hedges, and where: made from the seed."""

from dataclasses import dataclass, replace
from decimal import Decimal
from random import Random
from typing import Final

import numpy as np

from hedgerow.engine.terms import AccountTerms, Brackets, LegTerms, Terms
from hedgerow.execution.order import Listing
from hedgerow.execution.style import Limits, Style
from hedgerow.live.controller import Care
from hedgerow.live.failover import FailoverPlan
from hedgerow.live.guards.base import Severity
from hedgerow.live.guards.limits import GuardLimits
from hedgerow.live.paper.book import Depth
from hedgerow.live.paper.contract import PaperContract
from hedgerow.live.setup import Answers, Setup
from hedgerow.live.view import State
from hedgerow.policies.band import Band
from hedgerow.units import HOUR, MINUTE, SECOND

PRICE: Final = 50_000.0
COINS: Final = 10.0
BAND: Final = 0.01
LINEAR: Final = "BTC/USDT:USDT"
INVERSE: Final = "BTC/USD:BTC"
FEE: Final = Decimal("0.0005")
TIERS: Final = Brackets(
    floor=np.array([0.0, 1e6, 5e6]),
    cap=np.array([1e6, 5e6, 1e9]),
    rate=np.array([0.004, 0.01, 0.025]),
    amount=np.array([0.0, 6_000.0, 81_000.0]),
    leverage=np.array([100.0, 50.0, 20.0]),
)
COIN_TIERS: Final = Brackets(
    floor=np.array([0.0, 50.0]),
    cap=np.array([50.0, 1e6]),
    rate=np.array([0.004, 0.01]),
    amount=np.array([0.0, 0.3]),
    leverage=np.array([100.0, 50.0]),
)
CARE: Final = Care(
    guards=GuardLimits(
        # Quotes come every few minutes here, late ones half a minute late.
        book_age=15 * MINUTE,
        mark_age=15 * MINUTE,
        funding_age=HOUR,
        stamp_lag=HOUR,
        errors=1000,
        # Who is liquidated five times a day has losses; that must not end the day.
        severities={"loss": Severity.NOTE, "headroom": Severity.NOTE},
    ),
    start=State.TRADING,
)
MUTUAL: Final = FailoverPlan(stand_ins={0: (1,), 1: (0,)})
_ROUTES: Final = ("taker", "maker_then_taker", "market")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One leg of a scenario: which contract, in which account, at which venue."""

    venue: str
    account: str
    symbol: str

    @property
    def inverse(self) -> bool:
        """Whether it pays in coins."""
        return self.symbol == INVERSE


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A desk's task, and the venues it is done at."""

    setup: Setup
    care: Care
    places: tuple[Place, ...]
    depth: Depth
    latency: int

    @property
    def venues(self) -> tuple[str, ...]:
        """The venues, each once."""
        return tuple(dict.fromkeys(place.venue for place in self.places))

    def contracts(self, venue: str) -> tuple[PaperContract, ...]:
        """Return what a venue trades."""
        return tuple(
            PaperContract(listing=listing, maker=FEE / 5, taker=FEE)
            for listing in self.setup.listings
            if listing.venue == venue
        )

    def balances(self, venue: str) -> dict[str, dict[str, Decimal]]:
        """Return what the accounts of a venue hold at the start."""
        return {
            account.name: {account.collateral: Decimal(repr(account.deposit))}
            for account in self.setup.terms.accounts
            if self.setup.venues[account.name] == venue
        }


def scenario(random: Random, name: str = "chaos") -> Scenario:
    """Return a scenario: one or two legs, linear and inverse, by different routes."""
    linear = Place(venue="north", account="main", symbol=LINEAR)
    inverse = Place(venue="south", account="coin", symbol=INVERSE)
    abroad = Place(venue="south", account="other", symbol=LINEAR)
    places = random.choice(
        [(linear,), (inverse,), (linear,), (inverse,), (linear, inverse), (linear, abroad)]
    )
    terms = _terms(places)
    setup = Setup(
        name=name,
        mode="paper",
        terms=terms if random.random() < 0.7 else _with_reserves(terms),
        venues={place.account: place.venue for place in places},
        listings=tuple(_listing(place) for place in places),
        styles=tuple(_style(random) for _ in places),
        limits=Limits(orders=10_000, rejects=10_000),
        cadence=30 * SECOND,
        check=3 * MINUTE,
        answers=Answers(manual="rehedge", unknown="rehedge"),
        tolerance=1e-9,
        bands=tuple(BAND for _ in places),
    )
    depth = Depth(refill=random.choice([0.3, 1.0]), levels=random.choice([1, 5]))
    latency = random.choice([0, 0, 50 * 10**6])
    # Of two legs alike at two venues, each may stand in for the other while its venue is away.
    helps = places == (linear, abroad) and random.random() < 0.5
    care = replace(CARE, failover=MUTUAL) if helps else CARE
    return Scenario(setup=setup, care=care, places=places, depth=depth, latency=latency)


def _style(random: Random) -> Style:
    route = random.choice(_ROUTES)
    sliced = random.random() < 0.3
    return Style(
        route=route,  # type: ignore[arg-type]
        collar=0.02,
        patience=20 * SECOND,
        slice_notional=Decimal(50_000) if sliced else Decimal("Infinity"),
    )


def _terms(places: tuple[Place, ...]) -> Terms:
    share = 1.0 / len(places)
    return Terms(
        assets=("BTC", "USDT"),
        cash=frozenset({"USDT"}),
        numeraire_coin=None,
        holdings=(COINS, 0.0),
        legs=tuple(_leg(place, share) for place in places),
        accounts=tuple(_account(place, share) for place in places),
        rule=Band.rule,
        half_spread=1e-4,
        spot_fee=1e-3,
    )


def _with_reserves(terms: Terms) -> Terms:
    """Let margin be topped up from reserves, and go back there."""
    accounts = (
        replace(
            account,
            reserve=2.0 * account.deposit,
            top_up_below=0.3,
            top_up_to=0.4,
            withdraw_above=0.6,
            withdraw_to=0.45,
            delay_seconds=60.0,
        )
        for account in terms.accounts
    )
    return replace(terms, accounts=tuple(accounts))


def _leg(place: Place, share: float) -> LegTerms:
    return LegTerms(
        instrument=place.symbol,
        asset="BTC",
        account=place.account,
        settle="BTC" if place.inverse else "USDT",
        inverse=place.inverse,
        lot_size=10.0 if place.inverse else 0.001,
        minimum=100.0 if place.inverse else 10.0,
        brackets=COIN_TIERS if place.inverse else TIERS,
        method="partial",  # so that an account lives on
        step=0.1,
        step_above=20_000.0,
        fee=float(FEE),
        liquidation_fee=0.001,
        ratio=share,
        max_leverage=20.0,
        numbers=Band(half_width=BAND, to="centre").numbers(),
    )


def _account(place: Place, share: float) -> AccountTerms:
    deposit = COINS * share * (0.4 if place.inverse else 0.4 * PRICE)
    return AccountTerms(
        name=place.account,
        collateral="BTC" if place.inverse else "USDT",
        deposit=deposit,
        top_up_below=-1e9,
        top_up_to=-1e9,
    )


def _listing(place: Place) -> Listing:
    return Listing(
        venue=place.venue,
        account=place.account,
        symbol=place.symbol,
        tick=Decimal("0.1"),
        lot=Decimal(10) if place.inverse else Decimal("0.001"),
        minimum_notional=Decimal(100) if place.inverse else Decimal(10),
        inverse=place.inverse,
    )
