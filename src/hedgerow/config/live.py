"""From a config to everything a running desk is told before it starts."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from decimal import Decimal
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Final, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from hedgerow.adapters.secrets.places import SecretPlaces
from hedgerow.config.config import Config, effective_live
from hedgerow.config.environment import state_folder
from hedgerow.config.live_parts import (
    Alerting,
    ApiPlace,
    JournalPlace,
    LogPlace,
    VenueAccess,
)
from hedgerow.config.live_schema import (
    AlertsSection,
    FailoverSection,
    LiveSection,
    OrdersSection,
    VenueSection,
)
from hedgerow.config.loading import said_of
from hedgerow.config.pairs import paired
from hedgerow.config.peg_pairs import asked_pairs
from hedgerow.engine.compose import Composed, compose
from hedgerow.engine.job import Hedge, Job
from hedgerow.errors import ConfigError, UnknownName
from hedgerow.execution.order import Listing
from hedgerow.execution.style import Limits, Style
from hedgerow.live.alerting import TOPICS, AlertRules, Level, QuietHours
from hedgerow.live.failover import FailoverPlan
from hedgerow.live.guards.base import Severity
from hedgerow.live.guards.limits import GuardLimits
from hedgerow.live.setup import Answers, Setup
from hedgerow.margin.account import Margin
from hedgerow.market.instrument import Settlement, parse_symbol
from hedgerow.market.venue import FeeTier
from hedgerow.units import MINUTE, SECOND

CREDENTIALS: Final = ("api_key", "api_secret", "passphrase", "wallet", "private_key")
_HOURS: Final = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveConfig:
    """A running desk's task, and everything around it.

    Attributes
    ----------
    setup, guards
        For the controller.
    composed
        The terms with the venues' rules they came from and what must be said of them.
    start_state
        ``"armed"`` or ``"trading"``.
    failover
        Which legs stand in for which, None where none does.
    recovery
        Longest time to be hedged again after a fault, nanoseconds.
    venues
        One for each account.
    folder
        Of the desk's own files.
    spot_fees
        By venue, where a pair trades spot.
    text
        The whole config with every default, whose SHA-256 is the setup's hash.
    """

    setup: Setup
    guards: GuardLimits
    composed: Composed
    start_state: Literal["armed", "trading"]
    failover: FailoverPlan | None
    recovery: int
    venues: tuple[VenueAccess, ...]
    folder: Path
    journal: JournalPlace
    secrets: SecretPlaces
    api: ApiPlace
    alerts: Alerting
    logging: LogPlace
    text: str
    spot_fees: Mapping[str, FeeTier] = field(default_factory=dict)


def live_setup(config: Config, *, live: bool, opening: date | None = None) -> LiveConfig:
    """Return what a desk is told that runs `config` from the start of a day on.

    Parameters
    ----------
    live
        Real orders with real money; otherwise paper.
    opening
        The day whose rules hold, and at whose start the book is held; None for this instant.

    Raises
    ------
    ConfigError
        If the config does not say all that a desk needs, with the mend.
    """
    with said_of(_name(config)):
        return _live_setup(config, live=live, opening=opening)


def _live_setup(config: Config, *, live: bool, opening: date | None) -> LiveConfig:
    document, folder = config.document, _folder(config)
    section = document.live
    if live and not section.live:
        raise ConfigError(
            "[live] live = false: this config is for paper; write live = true under [live] to let "
            "it trade with real money"
        )
    day = datetime.now(UTC).date() if opening is None else opening
    instant = datetime.now(UTC) if opening is None else datetime.combine(day, time(), tzinfo=UTC)
    composed = compose(config.job, held_at(config.job, instant), day, config.tables)
    pairs = paired(document, config.job, composed.terms, day, config.tables)
    composed = replace(composed, terms=pairs.terms)
    listings = (*_listings(config.job, composed), *pairs.spot)
    own = len(document.hedge)
    text = effective_live(config)
    start: Literal["armed", "trading"] = "armed" if live else "trading"
    return LiveConfig(
        setup=Setup(
            name=section.name,
            mode="live" if live else "paper",
            terms=composed.terms,
            venues={margin.name: _venue_of(config.job, margin) for margin in config.job.margins},
            listings=listings,
            styles=tuple(_style(document.orders) for _ in listings),
            limits=_limits(document.orders),
            cadence=_nanoseconds(section.cadence_seconds),
            check=_nanoseconds(section.check_seconds),
            answers=Answers(
                liquidation=section.on_liquidation,
                deleveraging=section.on_deleveraging,
                manual=section.on_manual,
                unknown=section.on_unknown,
            ),
            tolerance=section.balance_tolerance,
            bands=tuple(getattr(hedge.policy, "half_width", None) for hedge in config.job.hedges),
            config_hash=hashlib.sha256(text.encode()).hexdigest(),
            pairs=pairs.tasks,
        ),
        guards=_guards(document.guards.model_dump(), listings),
        composed=composed,
        start_state=start if section.start_state is None else section.start_state,
        failover=_failover(document.failover, config.job.hedges[:own]),
        recovery=_nanoseconds(section.recovery_seconds),
        venues=tuple(
            _access(config, margin, document.venue, pairs.spot, live=live)
            for margin in config.job.margins
        ),
        spot_fees=pairs.fees,
        folder=state_folder(section.name),
        journal=_journal(section, folder),
        secrets=SecretPlaces(
            file=_path(document.secrets.file, folder),
            identity=_path(document.secrets.identity, folder),
            passphrase=document.secrets.passphrase,
        ),
        api=_api(config),
        alerts=_alerts(document.alerts),
        logging=LogPlace(
            level=document.logging.level,
            file=_path(document.logging.file, folder),
            json_lines=document.logging.json_lines,
        ),
        text=text,
    )


def held_at(job: Job, instant: datetime) -> dict[str, float]:
    """Return what the book holds at `instant` by asset, its flows until then counted in."""
    return {
        holding.asset: holding.amount
        + sum(flow.amount for flow in holding.flows if flow.time <= instant)
        for holding in job.book.holdings
    }


def _listings(job: Job, composed: Composed) -> tuple[Listing, ...]:
    """Return what each hedge's instrument asks of an order; sizes in coins or face."""
    return tuple(
        Listing(
            venue=hedge.venue,
            account=hedge.account,
            symbol=hedge.instrument,
            tick=rules.perpetual.tick,
            lot=rules.perpetual.lot_size,
            minimum_size=rules.perpetual.lot_size,
            minimum_notional=rules.perpetual.minimum_notional,
            inverse=rules.perpetual.inverse,
        )
        for hedge, rules in zip(job.hedges, composed.rules, strict=True)
    )


def _style(orders: OrdersSection) -> Style:
    return Style(
        route=orders.route,
        collar=orders.collar,
        patience=_nanoseconds(orders.patience_seconds),
        slice_notional=Decimal(repr(min(orders.slice_notional, orders.order_notional))),
        slice_pause=_nanoseconds(orders.slice_pause_seconds),
        reach=_nanoseconds(orders.unknown_seconds),
        splits=orders.splits,
    )


def _limits(orders: OrdersSection) -> Limits:
    return Limits(
        order_notional=orders.order_notional,
        turnover=orders.turnover,
        turnover_window=_nanoseconds(orders.turnover_window_seconds),
        orders=orders.orders_per_minute,
        orders_window=MINUTE,
        rejects=orders.rejects_per_minute,
        rejects_window=MINUTE,
        naked=orders.naked_notional_seconds,
        naked_notional=orders.naked_notional,
    )


def _guards(values: Mapping[str, Any], listings: Sequence[Listing]) -> GuardLimits:
    """Return the thresholds; a key of the file that ends in ``_seconds`` is a duration."""
    limits: dict[str, Any] = {}
    for name, value in values.items():
        if name.endswith("_seconds"):
            limits[name.removesuffix("_seconds")] = _nanoseconds(value)
        else:
            limits[name] = value
    limits["peg_pairs"] = asked_pairs(listings, values["peg_pairs"])
    severities = values["severities"]
    limits["severities"] = {guard: Severity[word.upper()] for guard, word in severities.items()}
    with said_of("[guards]"):
        return GuardLimits(**limits)


def _failover(section: FailoverSection, hedges: Sequence[Hedge]) -> FailoverPlan | None:
    """Return who stands in: legs of the same asset and mode of counting, at other venues."""
    if not section.on:
        return None
    stand_ins = {
        leg: tuple(
            other
            for other, theirs in enumerate(hedges)
            if theirs.venue != ours.venue and _alike(theirs) == _alike(ours)
        )
        for leg, ours in enumerate(hedges)
    }
    if not any(stand_ins.values()):
        raise ConfigError(
            "[failover] on = true: no other venue has a hedge of the same asset and kind that "
            "could stand in; add a [[hedge]] there, with ratio = 0, or set on = false"
        )
    return FailoverPlan(
        stand_ins={leg: others for leg, others in stand_ins.items() if others},
        after=_nanoseconds(section.after_seconds),
        settled=_nanoseconds(section.settled_seconds),
        tolerance=Decimal(repr(section.tolerance)),
        step=Decimal(repr(section.step)),
    )


def _alike(hedge: Hedge) -> tuple[str, bool]:
    """Return the asset, and whether sizes are face: an amount of one cannot be one of another."""
    symbol = parse_symbol(hedge.instrument)
    return symbol.base, symbol.settlement is Settlement.INVERSE


def _venue_of(job: Job, margin: Margin) -> str:
    return job.hedges_in(margin)[0].venue


def _access(
    config: Config,
    margin: Margin,
    sections: list[VenueSection],
    spot: Sequence[Listing],
    *,
    live: bool,
) -> VenueAccess:
    """Return how an account is reached; paper needs no section for it and no keys."""
    venue = _venue_of(config.job, margin)
    symbols = tuple(hedge.instrument for hedge in config.job.hedges_in(margin))
    symbols += tuple(listing.symbol for listing in spot if listing.account == margin.name)
    _check_sections(config.job, sections)
    found = [
        section
        for section in sections
        if section.name == venue and section.account in (None, margin.name)
    ]
    if not found:
        if live:
            raise ConfigError(
                f"account {margin.name!r} at {venue}: no [[venue]] says how to reach it; add one "
                f'with name = "{venue}", api_key and api_secret'
            )
        return VenueAccess(
            venue=venue, account=margin.name, symbols=symbols, margin_mode=margin.mode
        )
    section = max(found, key=lambda one: one.account is not None)
    named = {key: getattr(section, key) for key in CREDENTIALS}
    credentials = {key: str(name) for key, name in named.items() if name is not None}
    if live and not credentials:
        raise ConfigError(
            f"[[venue]] {venue}: names no key; add api_key and api_secret (wallet and private_key "
            "at Hyperliquid): names of secrets, not the secrets"
        )
    return VenueAccess(
        venue=venue,
        account=margin.name,
        symbols=symbols,
        margin_mode=margin.mode,
        testnet=section.testnet,
        leverage=section.leverage,
        credentials=credentials if live else {},
        url=_stand_in(section),
    )


def _check_sections(job: Job, sections: list[VenueSection]) -> None:
    """Raise unless each [[venue]] is about one account, and no two accounts share a key."""
    accounts = {margin.name: _venue_of(job, margin) for margin in job.margins}
    venues = list(dict.fromkeys(accounts.values()))
    keys: dict[tuple[str, str], int] = {}
    for number, section in enumerate(sections, start=1):
        where = f"[[venue]] {number}"
        if section.name not in venues:
            raise UnknownName("venue of a hedge", section.name[:60], venues, where=f"{where} name")
        here = [name for name, venue in accounts.items() if venue == section.name]
        if section.account is None and len(here) > 1:
            raise ConfigError(
                f"{where}: account is missing, and {section.name} has {', '.join(here)}; give each "
                "a [[venue]] with the key of a sub-account of its own"
            )
        if section.account is not None and section.account not in here:
            raise UnknownName(
                f"account at {section.name}", section.account[:60], here, where=f"{where} account"
            )
        same = [
            other
            for other in sections[: number - 1]
            if (other.name, other.account or here[0]) == (section.name, section.account or here[0])
        ]
        if same:
            raise ConfigError(
                f"{where}: {section.name} account {section.account or here[0]!r} has a [[venue]] "
                "already; join the two"
            )
        name = section.api_key or section.wallet
        if name is not None and keys.setdefault((section.name, name), number) != number:
            raise ConfigError(
                f"{where}: the secret {name!r} is used by [[venue]] {keys[section.name, name]} as "
                "well, so their positions would be one; give each account the key of a "
                "sub-account of its own"
            )


def _stand_in(section: VenueSection) -> str | None:
    if section.url is None:
        return None
    host = urlsplit(section.url).hostname
    if host is None or not _is_loopback(host):
        raise ConfigError(
            f"[[venue]] {section.name} url = {section.url[:60]!r}: keys are sent to a venue or to "
            "this machine only; write a loopback address such as http://127.0.0.1:8080"
        )
    return section.url


def _journal(section: LiveSection, folder: Path) -> JournalPlace:
    if section.journal_secret is not None:
        if section.journal is not None:
            raise ConfigError("[live] has both journal and journal_secret; remove one")
        return JournalPlace(url=None, secret=section.journal_secret)
    if section.journal is None:
        return JournalPlace(url=str(state_folder(section.name) / "journal.sqlite"))
    if "://" not in section.journal:
        scheme, _, rest = section.journal.rpartition("sqlite:")
        name = rest if scheme == "" else section.journal
        return JournalPlace(url=str(folder / name))
    parts = urlsplit(section.journal)
    if parts.scheme not in ("postgresql", "postgres"):
        raise ConfigError(
            "[live] journal: a journal lies in an SQLite file or at postgresql://...; give one of "
            "them"
        )
    if parts.password is not None or "password=" in parts.query:
        raise ConfigError(
            "[live] journal: a config holds no password; put the whole URL into a secret and name "
            "that in journal_secret"
        )
    return JournalPlace(url=section.journal)


def _api(config: Config) -> ApiPlace:
    section, folder = config.document.api, _folder(config)
    if (section.certificate is None) != (section.certificate_key is None):
        raise ConfigError(
            "[api] certificate and certificate_key belong together; give both or neither"
        )
    if not section.allow_remote and not _is_loopback(section.host):
        raise ConfigError(
            f"[api] host = {section.host!r} is within reach of other machines; write "
            '"127.0.0.1", or set allow_remote = true behind TLS of your own'
        )
    return ApiPlace(
        host=section.host,
        port=section.port,
        allow_remote=section.allow_remote,
        token=section.token,
        certificate=_path(section.certificate, folder),
        certificate_key=_path(section.certificate_key, folder),
    )


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _alerts(section: AlertsSection) -> Alerting:
    for topic in section.repeat:
        if topic not in TOPICS:
            raise UnknownName("topic", topic, TOPICS, where="[alerts.repeat]")
    return Alerting(
        urls=tuple(section.urls),
        rules=AlertRules(
            level=Level[section.level.upper()],
            quiet=_quiet(section),
            quiet_level=Level[section.quiet_level.upper()],
            repeat=_nanoseconds(section.repeat_seconds),
            repeats={topic: _nanoseconds(value) for topic, value in section.repeat.items()},
        ),
    )


def _quiet(section: AlertsSection) -> QuietHours | None:
    _check_zone(section.quiet_zone)
    if section.quiet_hours is None:
        return None
    found = _HOURS.fullmatch(section.quiet_hours)
    if found is None:
        raise ConfigError(
            f"[alerts] quiet_hours = {section.quiet_hours[:60]!r}: write a span of the day such as "
            '"22:00-07:00"'
        )
    hour, minute, last_hour, last_minute = map(int, found.groups())
    start, end = time(hour, minute), time(last_hour, last_minute)
    if start == end:
        raise ConfigError(
            f"[alerts] quiet_hours = {section.quiet_hours!r} is empty; leave it out to have none"
        )
    return QuietHours(start=start, end=end, zone=section.quiet_zone)


def _check_zone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ConfigError(
            f"[alerts] quiet_zone = {name[:60]!r}: no such time zone is installed; write "
            '"UTC" or one such as "Europe/Zurich"'
        ) from error


def _nanoseconds(seconds: float) -> int:
    return round(seconds * SECOND)


def _path(name: str | None, folder: Path) -> Path | None:
    return None if name is None else folder / name


def _folder(config: Config) -> Path:
    return config.inputs[0].parent if config.inputs else Path()


def _name(config: Config) -> str:
    return str(config.inputs[0]) if config.inputs else "the config"
