"""From a live config to a desk that can run: journal, venues, guards and alerts put together."""

import os
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final, Literal

from hedgerow.adapters.account_lock import AccountLock
from hedgerow.adapters.journal.opening import open_journal
from hedgerow.adapters.journal.spoken import SpokenFile
from hedgerow.adapters.secrets.vault import Vault
from hedgerow.adapters.venues.keys import NOBODY, Keys
from hedgerow.adapters.venues.preflight import check_facts
from hedgerow.config.config import Config
from hedgerow.config.live import LiveConfig
from hedgerow.config.live_keys import alert_urls, api_token, journal_url, keys_of, open_vault
from hedgerow.config.live_parts import VenueAccess
from hedgerow.config.live_wanted import wanted_of
from hedgerow.engine.terms import Terms
from hedgerow.execution.budget import RateBudget
from hedgerow.execution.client_id import mark
from hedgerow.execution.port import Facts, Feed
from hedgerow.execution.secret import Secret
from hedgerow.ledger.journal import Journal
from hedgerow.live.admission import Finding
from hedgerow.live.alert_post import AlertPost
from hedgerow.live.alerting import AlertBox
from hedgerow.live.controller import Care, Controller
from hedgerow.live.guards.limits import GuardLimits
from hedgerow.live.paper.account import Held
from hedgerow.live.paper.contract import PaperContract
from hedgerow.live.paper.exchange import PaperExchange
from hedgerow.live.paper.hall import Deal
from hedgerow.live.paper.markets import GeneratedFeed, PaperClock
from hedgerow.live.paper.port import PaperVenue
from hedgerow.live.paper.walk import Weather
from hedgerow.live.runtime import Around, Runtime
from hedgerow.live.setup import Setup
from hedgerow.live.timings import Timings, Untimed
from hedgerow.live.view import State
from hedgerow.live.wires import Wire, Wires
from hedgerow.units import SECOND

MILLISECOND: Final = 1_000_000  # nanoseconds
ROUND: Final = 100.0  # what a made-up coin costs where nobody says


@dataclass(frozen=True, slots=True, kw_only=True)
class Market:
    """Where quotes come from.

    Attributes
    ----------
    kind
        ``"venue"``: the venues' own public feeds. ``"generated"``: made up from a seed.
    speed
        How many seconds pass in one; only of a generated market.
    prices
        Of each coin at the start of a generated one.
    """

    kind: Literal["venue", "generated"] = "venue"
    seed: int = 7
    speed: float = 1.0
    prices: Mapping[str, float] | None = None
    weather: Weather | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Assembled:
    """A desk that is ready to run."""

    runtime: Runtime
    journal: Journal
    vault: Vault
    post: AlertPost | None
    clock: Callable[[], int]
    token: Secret | None
    lock: AccountLock | None = None

    def release(self) -> None:
        """Let other desks have the accounts."""
        if self.lock is not None:
            self.lock.release()


def assemble(
    config: Config,
    given: LiveConfig,
    market: Market,
    *,
    timings: Timings | None = None,
    stage: Callable[[str], None] | None = None,
    rehearsal: bool = False,
) -> Assembled:
    """Return the desk of a live config; nothing is reached before it runs.

    Parameters
    ----------
    rehearsal
        It will not run: no account is locked for it.

    Raises
    ------
    ConfigError
        If a secret is missing or an extra is not installed.
    """
    vault = open_vault(given)
    clock = PaperClock(time.time_ns, market.speed if market.kind == "generated" else 1.0)
    setup = replace(
        given.setup,
        simulated=market.kind == "generated",
        speed=market.speed if market.kind == "generated" else 1.0,
        bands=tuple(getattr(hedge.policy, "half_width", None) for hedge in config.job.hedges),
    )
    journal = open_journal(journal_url(given, vault))
    post = _post(given, vault, clock.now)
    live = setup.mode == "live"
    keys = {access.account: keys_of(access, vault) for access in given.venues} if live else {}

    lock = _locked(given, keys) if live and not rehearsal else None

    def connect(controller: Controller) -> Wires:
        if live:
            return _live_wires(given, setup, keys, clock.now, controller)
        clock.not_before(controller.last_fact)
        return _paper_wires(given, setup, market, clock, controller)

    care = Care(
        guards=_patient(given.guards, market),
        preflight=_preflight(config, given) if live else None,
        start=State(given.start_state),
        failover=given.failover,
    )
    around = Around(
        clock=clock.now,
        holder=f"{setup.name} on {socket.gethostname()}, process {os.getpid()}",
        notifier=post,
        stage=stage,
        timings=timings or Untimed(),
        keeper=SpokenFile(given.folder, setup.mode),
    )
    return Assembled(
        runtime=Runtime(setup, care, journal, connect, around),
        journal=journal,
        vault=vault,
        post=post,
        clock=clock.now,
        token=api_token(given, vault),
        lock=lock,
    )


def _locked(given: LiveConfig, keys: Mapping[str, Keys | None]) -> AccountLock:
    """Return what locks other desks of this machine out of the accounts of this one."""
    lock = AccountLock(given.folder.parent / "accounts")
    for access in given.venues:
        key = keys[access.account]
        if key is not None:
            lock.take(access.venue, _known_by(key), given.setup.name)
    return lock


def taken_accounts(given: LiveConfig, vault: Vault) -> list[str]:
    """Return, in words, which accounts of a live desk another desk of this machine trades."""
    lock = AccountLock(given.folder.parent / "accounts")
    found = []
    for access in given.venues:
        key = keys_of(access, vault)
        if key is not None and (words := lock.taken(access.venue, _known_by(key))):
            found.append(words)
    return found


def _known_by(key: Keys) -> str:
    return key.key.reveal() or key.wallet or key.secret.reveal()


def _post(given: LiveConfig, vault: Vault, clock: Callable[[], int]) -> AlertPost | None:
    if not given.alerts.urls:
        return None
    from hedgerow.adapters.alerts.apprise_carrier import apprise_carriers  # noqa: PLC0415 - extra

    box = AlertBox(given.alerts.rules, f"{given.setup.name} ({given.setup.mode})")
    carriers = apprise_carriers(alert_urls(given, vault), vault.redact)
    return AlertPost(box, carriers, clock=clock, redact=vault.redact)


def _live_wires(
    given: LiveConfig,
    setup: Setup,
    keys: Mapping[str, Keys | None],
    clock: Callable[[], int],
    controller: Controller,
) -> Wires:
    from hedgerow.adapters.venues.known import rate_budget  # noqa: PLC0415 - an extra
    from hedgerow.adapters.venues.opening import Where, open_account, open_feed  # noqa: PLC0415

    feeds: dict[str, Feed] = {}
    accounts: dict[str, Wire] = {}
    own, budget = mark(setup.name), rate_budget()
    for access in given.venues:
        where = Where(testnet=access.testnet, loopback_url=access.url, budget=budget)
        symbols = _symbols(setup, access.venue)
        if access.venue not in feeds:
            feeds[access.venue] = open_feed(access.venue, symbols, where)
        gateway, account = open_account(
            access.venue,
            access.account,
            access.symbols,
            keys[access.account] or NOBODY,
            where,
            ours=lambda client_id: client_id.startswith(own),
            known=controller.core.recent_ids,
        )
        accounts[access.account] = Wire(gateway=gateway, account=account)
    return Wires(feeds, accounts, _by_account(given.venues), clock, _beside(given, budget))


def _beside(
    given: LiveConfig, budget: RateBudget | None = None
) -> dict[str, tuple[Feed, tuple[str, ...]]]:
    """Return feeds of what guards ask for beside the legs, by venue."""
    from hedgerow.adapters.venues.opening import Where, open_feed  # noqa: PLC0415 - an extra

    found: dict[str, tuple[Feed, tuple[str, ...]]] = {}
    for venue in dict.fromkeys(venue for venue, _ in given.guards.peg_pairs):
        symbols = tuple(symbol for place, symbol in given.guards.peg_pairs if place == venue)
        access = next((one for one in given.venues if one.venue == venue), None)
        url, testnet = (access.url, access.testnet) if access else (None, False)
        where = Where(testnet=testnet, loopback_url=url, budget=budget)
        found[venue] = open_feed(venue, symbols, where), symbols
    return found


def _paper_wires(
    given: LiveConfig,
    setup: Setup,
    market: Market,
    clock: PaperClock,
    controller: Controller,
) -> Wires:
    """Return paper venues, each with the accounts as the journal left them."""
    feeds: dict[str, Feed] = {}
    accounts: dict[str, Wire] = {}
    for venue in dict.fromkeys(setup.venues.values()):
        source = _source(given, setup, market, clock, venue)
        exchange = PaperExchange(
            venue=venue,
            contracts=_contracts(given, setup, venue),
            terms=setup.terms,
            balances=_balances(setup.terms, setup.venues, venue, controller),
            first=clock.now() // MILLISECOND,
        )
        _restore(exchange, controller, venue, clock.now())
        paper = PaperVenue(exchange, source, clock.now)
        feeds[venue] = paper.feed()
        for account, place in setup.venues.items():
            if place == venue:
                accounts[account] = Wire(
                    gateway=paper.gateway(account), account=paper.account(account)
                )
    beside = {} if market.kind == "generated" else _beside(given)
    return Wires(feeds, accounts, _by_account(given.venues), clock.now, beside)


def _source(given: LiveConfig, setup: Setup, market: Market, clock: PaperClock, venue: str) -> Feed:
    if market.kind == "generated":
        prices = {leg.asset: ROUND for leg in setup.terms.legs} | dict(market.prices or {})
        return GeneratedFeed(
            venue,
            setup.listings,
            prices,
            clock,
            seed=market.seed,
            weather=market.weather,
            seconds=_pace(market),
        )
    from hedgerow.adapters.venues.opening import Where, open_feed  # noqa: PLC0415 - an extra

    access = next(one for one in given.venues if one.venue == venue)
    where = Where(testnet=access.testnet, loopback_url=access.url)
    return open_feed(venue, _symbols(setup, venue), where)


def _pace(market: Market) -> float:
    """Return the seconds between two quotes of a made-up market: a hundred a second of ours."""
    return max(1.0, market.speed / 100.0)


def _patient(limits: GuardLimits, market: Market) -> GuardLimits:
    """Return thresholds that a made-up market's pace does not trip by itself."""
    if market.kind != "generated":
        return limits
    pace = round(10.0 * _pace(market) * SECOND)
    return replace(
        limits,
        book_age=max(limits.book_age, pace),
        mark_age=max(limits.mark_age, pace),
        funding_age=max(limits.funding_age, pace),
    )


def _contracts(given: LiveConfig, setup: Setup, venue: str) -> tuple[PaperContract, ...]:
    found: dict[str, PaperContract] = {}
    own, spot = setup.listings[: setup.legs], setup.listings[setup.legs :]
    for listing in spot:
        if listing.venue == venue:
            fees = given.spot_fees[venue]
            found[listing.symbol] = PaperContract(
                listing=listing, maker=fees.maker, taker=fees.taker
            )
    for listing, rules in zip(own, given.composed.rules, strict=True):
        if listing.venue == venue and listing.symbol not in found:
            tier = rules.fees[0]
            found[listing.symbol] = PaperContract(
                listing=listing,
                maker=tier.maker,
                taker=tier.taker,
                funding_price="index" if rules.funding.price != "mark" else "mark",
            )
    return tuple(found.values())


def _balances(
    terms: Terms, venues: Mapping[str, str], venue: str, controller: Controller
) -> dict[str, dict[str, Decimal]]:
    """Return what each account holds: as the journal left it, at first as the config says."""
    books, held = controller.core.desk.books, {}
    for number, account in enumerate(terms.accounts):
        if venues[account.name] != venue:
            continue
        purse = books.purses[number]
        if books.entries:
            amounts = {account.collateral: purse.wallet}
            pairs = zip(terms.assets, purse.pledges, strict=True)
            amounts |= {asset: amount for asset, amount in pairs if amount}
        else:
            amounts = {account.collateral: account.deposit}
            amounts |= {pledge.asset: pledge.amount for pledge in account.pledges}
        held[account.name] = {name: Decimal(repr(amount)) for name, amount in amounts.items()}
    return held


def _restore(exchange: PaperExchange, controller: Controller, venue: str, now: int) -> None:
    """Give the accounts of a paper venue what the journal left: positions, and untold trades."""
    core = controller.core
    for leg, listing in enumerate(controller.setup.listings[: controller.setup.legs]):
        position = core.desk.books.positions[leg]
        if listing.venue == venue and position.lots:
            account = exchange.accounts[listing.account]
            account.held[listing.symbol] = Held(
                amount=int(position.lots) * listing.lot, entry=position.entry
            )
    for order in core.dealer.working(now):
        listing, untold = controller.setup.listings[order.leg], order.filled - order.traded
        if listing.venue == venue and untold > 0:
            arrival = core.arrival(order.leg) or float(order.price)
            deal = Deal(
                symbol=listing.symbol,
                amount=order.side.sign * untold,
                price=Decimal(repr(arrival)),
                reference=arrival,
                client_id=order.client_id,
            )
            exchange.remember(listing.account, deal, now)


def _preflight(config: Config, given: LiveConfig) -> Callable[[Facts], Sequence[Finding]]:
    wanted = {access.account: wanted_of(config, given, access) for access in given.venues}

    def check(facts: Facts) -> Sequence[Finding]:
        return check_facts(facts, wanted[facts.account])

    return check


def _symbols(setup: Setup, venue: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.symbol for one in setup.listings if one.venue == venue))


def _by_account(venues: Sequence[VenueAccess]) -> dict[str, tuple[str, ...]]:
    return {access.account: access.symbols for access in venues}
