"""How an account of a venue must be set, by the config and the tables of rules."""

from dataclasses import replace
from decimal import Decimal
from typing import Final

from hedgerow.adapters.venues.preflight import Expected, Wanted
from hedgerow.config.config import Config
from hedgerow.config.live import LiveConfig
from hedgerow.config.live_parts import VenueAccess
from hedgerow.engine.terms import LegTerms
from hedgerow.execution.order import Listing
from hedgerow.live.setup import Setup
from hedgerow.market.venue import ContractRules, FeeTier

PART: Final = Decimal("0.01")  # of a hedge; an order of less can be done without


def wanted_of(config: Config, desk: LiveConfig, access: VenueAccess) -> Wanted:
    """Return how an account must be, by the config and the tables of rules."""
    setup = desk.setup
    perpetuals = setup.listings[: setup.legs]
    legs = zip(config.job.hedges, desk.composed.rules, perpetuals, setup.terms.legs, strict=True)
    leverage = {} if access.leverage is None else dict.fromkeys(access.symbols, access.leverage)
    return Wanted(
        symbols=tuple(
            replace(
                _expected(rules, listing, leg, maker=setup.terms.maker),
                order_size=_size(setup, number),
                order_notional=_worth(setup, number),
            )
            for number, (hedge, rules, listing, leg) in enumerate(legs)
            if hedge.account == access.account
        )
        + tuple(
            replace(
                _spot(listing, desk.spot_fees[listing.venue], maker=setup.terms.maker),
                order_size=_size(setup, number),
                order_notional=_worth(setup, number),
            )
            for number, listing in enumerate(setup.listings[setup.legs :], start=setup.legs)
            if listing.account == access.account
        ),
        margin_mode=access.margin_mode,
        leverage=leverage,
    )


def _size(setup: Setup, number: int) -> Decimal | None:
    """Return a small part of what a leg is to hold, coins; None where it is counted in face."""
    if setup.listings[number].inverse:
        return None
    sizes = [pair.size for pair in setup.pairs if number in pair.legs]
    if not sizes:
        leg, terms = setup.terms.legs[number], setup.terms
        held = terms.holdings[terms.assets.index(leg.asset)]
        sizes = [Decimal(repr(float(held))) * Decimal(repr(leg.ratio))]
    return PART * max(map(abs, sizes))


def _worth(setup: Setup, number: int) -> Decimal | None:
    """Return the least order that is worth it, quote; None where nothing tells.

    It is a small part of the deposit, as prices are not known here, or the least trade of the
    config; never more than a slice.
    """
    listing = setup.listings[number]
    account = next(one for one in setup.terms.accounts if one.name == listing.account)
    quote = listing.symbol.partition(":")[0].partition("/")[2]
    deposit = account.deposit if account.collateral == quote else 0.0
    least = setup.terms.legs[number].minimum_trade if number < setup.legs else 0.0
    worth = max(PART * Decimal(repr(float(deposit))), Decimal(repr(float(least))))
    return min(worth, setup.styles[number].slice_notional) if worth else None


def _expected(rules: ContractRules, listing: Listing, leg: LegTerms, *, maker: bool) -> Expected:
    return Expected(
        symbol=listing.symbol,
        tick=listing.tick,
        lot=listing.lot,
        minimum_size=listing.minimum_size,
        minimum_notional=listing.minimum_notional,
        interval_hours=float(rules.funding.interval_hours),
        maker=leg.fee if maker else None,
        taker=None if maker else leg.fee,
    )


def _spot(listing: Listing, tier: FeeTier, *, maker: bool) -> Expected:
    return Expected(
        symbol=listing.symbol,
        tick=listing.tick,
        lot=listing.lot,
        minimum_size=listing.minimum_size,
        minimum_notional=listing.minimum_notional,
        maker=float(tier.maker) if maker else None,
        taker=None if maker else float(tier.taker),
    )
