"""What a simulated desk does, and where: made from the seed."""

from dataclasses import dataclass, replace
from decimal import Decimal
from random import Random
from typing import Final

import numpy as np

from hedgerow.engine.terms import AccountTerms, Brackets, LegTerms, PledgeTerms, Terms
from hedgerow.execution.order import Listing
from hedgerow.execution.style import Limits, Style
from hedgerow.live.chaos.desks import (
    COIN,
    ODDS,
    OPERATED,
    PLACES,
    RESERVED,
    Place,
    Trait,
)
from hedgerow.live.chaos.preflight import preflight
from hedgerow.live.controller import Care
from hedgerow.live.failover import FailoverPlan
from hedgerow.live.guards.base import Severity
from hedgerow.live.guards.limits import GuardLimits
from hedgerow.live.paper.book import Depth
from hedgerow.live.paper.contract import PaperContract, balances_of
from hedgerow.live.setup import Answers, PairTask, Setup
from hedgerow.live.view import State
from hedgerow.policies.band import Band
from hedgerow.units import HOUR, MINUTE, SECOND

PRICE: Final = 50_000.0
COINS: Final = 10.0
BAND: Final = 0.01
FEE: Final = Decimal("0.0005")
SPOT_FEE: Final = Decimal("0.001")
PAIR_SIZE: Final = Decimal(2)
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
PEG_CALM: Final = 2 * MINUTE
NAKED: Final = 2e6  # limit of a pair, quote times seconds
MUTUAL: Final = FailoverPlan(stand_ins={0: (1,), 1: (0,)})
_ROUTES: Final = ("taker", "maker_then_taker", "market")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A desk's task, and the venues it is done at."""

    setup: Setup
    care: Care
    places: tuple[Place, ...]
    depth: Depth
    latency: int
    traits: frozenset[Trait] = frozenset()

    @property
    def venues(self) -> tuple[str, ...]:
        """The venues, each once."""
        return tuple(dict.fromkeys(place.venue for place in self.places))

    def contracts(self, venue: str) -> tuple[PaperContract, ...]:
        """Return what a venue trades."""
        return tuple(
            PaperContract(listing=listing, maker=FEE / 5, taker=SPOT_FEE if listing.spot else FEE)
            for listing in self.setup.listings
            if listing.venue == venue
        )

    def balances(self, venue: str) -> dict[str, dict[str, Decimal]]:
        """Return what the accounts of a venue hold at the start."""
        return balances_of(self.setup.terms, self.setup.venues, venue)


def scenario(random: Random, name: str = "chaos") -> Scenario:
    """Return a scenario: what kind of desk, its legs and accounts, and how it trades."""
    kind = random.choices(list(ODDS), list(ODDS.values()))[0]
    places, shares = random.choice(PLACES[kind])
    traits = {kind}
    terms = _terms(places, shares)
    if kind is Trait.LEVERAGED or random.random() < RESERVED:
        traits.add(Trait.RESERVES)
        terms = _with_reserves(terms, leveraged=kind is Trait.LEVERAGED)
    if random.random() < OPERATED:
        traits.add(Trait.OPERATED)
    setup = Setup(
        name=name,
        mode="paper",
        terms=terms,
        venues={place.account: place.venue for place in places},
        listings=tuple(_listing(place) for place in places),
        styles=tuple(_style(random) for _ in places),
        limits=Limits(orders=10_000, rejects=10_000, naked=NAKED),
        cadence=30 * SECOND,
        check=3 * MINUTE,
        answers=Answers(manual="rehedge", unknown="rehedge"),
        tolerance=1e-9,
        bands=tuple(BAND if share else None for share in shares),
        pairs=_pairs(kind, random),
    )
    depth = Depth(refill=random.choice([0.3, 1.0]), levels=random.choice([1, 5]))
    latency = random.choice([0, 0, 50 * 10**6])
    care = replace(
        CARE,
        guards=replace(CARE.guards, peg_calm=PEG_CALM),
        preflight=preflight,
        failover=MUTUAL if kind is Trait.FAILOVER else None,
    )
    return Scenario(
        setup=setup,
        care=care,
        places=places,
        depth=depth,
        latency=latency,
        traits=frozenset(traits),
    )


def _pairs(kind: Trait, random: Random) -> tuple[PairTask, ...]:
    if kind is Trait.CARRY:
        return (PairTask(name="carry", first=2, second=1, size=PAIR_SIZE),)
    if kind is Trait.SPREAD:
        size = random.choice([PAIR_SIZE, -PAIR_SIZE])
        return (PairTask(name="spread", first=1, second=2, size=size),)
    return ()


def _style(random: Random) -> Style:
    route = random.choice(_ROUTES)
    sliced = random.random() < 0.3
    return Style(
        route=route,  # type: ignore[arg-type]
        collar=0.02,
        patience=20 * SECOND,
        slice_notional=Decimal(50_000) if sliced else Decimal("Infinity"),
    )


def _terms(places: tuple[Place, ...], shares: tuple[float, ...]) -> Terms:
    legs = [(place, share) for place, share in zip(places, shares, strict=True) if not place.spot]
    return Terms(
        assets=("BTC", "USDT"),
        cash=frozenset({"USDT"}),
        numeraire_coin=None,
        holdings=(COINS, 0.0),
        legs=tuple(_leg(place, share) for place, share in legs),
        accounts=tuple(_account(place, share, coins=COIN in places) for place, share in legs),
        rule=Band.rule,
        half_spread=1e-4,
        spot_fee=float(SPOT_FEE),
    )


def _with_reserves(terms: Terms, *, leveraged: bool) -> Terms:
    """Let margin be topped up from reserves, and go back there; cash that buys coins stays."""
    part = 0.3 if leveraged else 1.0  # of the deposit, and of the room that it leaves
    accounts = (
        replace(
            account,
            deposit=part * account.deposit,
            reserve=2.0 * account.deposit,
            top_up_below=0.3 * part,
            top_up_to=0.4 * part,
            withdraw_above=0.6 * part,
            withdraw_to=0.45 * part,
            delay_seconds=60.0,
        )
        if not account.pledges
        else account
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


def _account(place: Place, share: float, *, coins: bool) -> AccountTerms:
    held = COINS * share or float(PAIR_SIZE)
    pledged = coins and place.account == COIN.account
    return AccountTerms(
        name=place.account,
        collateral="BTC" if place.inverse else "USDT",
        deposit=held * 0.4 * (1.0 if place.inverse else PRICE) + pledged * 2.0 * held * PRICE,
        top_up_below=-1e9,
        top_up_to=-1e9,
        pledges=(PledgeTerms(asset="BTC", amount=0.0, haircut=0.1),) if pledged else (),
    )


def _listing(place: Place) -> Listing:
    lot = "10" if place.inverse else "0.00001" if place.spot else "0.001"
    return Listing(
        venue=place.venue,
        account=place.account,
        symbol=place.symbol,
        tick=Decimal("0.1"),
        lot=Decimal(lot),
        minimum_notional=Decimal(100) if place.inverse else Decimal(10),
        inverse=place.inverse,
        spot=place.spot,
    )
