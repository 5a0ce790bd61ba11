"""How an account of a venue must be set, by the config and the tables of rules."""

from hedgerow.adapters.venues.preflight import Expected, Wanted
from hedgerow.config.config import Config
from hedgerow.config.live import LiveConfig
from hedgerow.config.live_parts import VenueAccess
from hedgerow.engine.terms import LegTerms
from hedgerow.execution.order import Listing
from hedgerow.market.venue import ContractRules, FeeTier


def wanted_of(config: Config, desk: LiveConfig, access: VenueAccess) -> Wanted:
    """Return how an account must be, by the config and the tables of rules."""
    setup = desk.setup
    perpetuals = setup.listings[: setup.legs]
    legs = zip(config.job.hedges, desk.composed.rules, perpetuals, setup.terms.legs, strict=True)
    leverage = {} if access.leverage is None else dict.fromkeys(access.symbols, access.leverage)
    return Wanted(
        symbols=tuple(
            _expected(rules, listing, leg, maker=desk.setup.terms.maker)
            for hedge, rules, listing, leg in legs
            if hedge.account == access.account
        )
        + tuple(
            _spot(listing, desk.spot_fees[listing.venue], maker=desk.setup.terms.maker)
            for listing in desk.setup.listings[desk.setup.legs :]
            if listing.account == access.account
        ),
        margin_mode=access.margin_mode,
        leverage=leverage,
    )


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
