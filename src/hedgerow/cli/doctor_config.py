"""What the doctor finds in the config: limits, tables of rules, secrets and addresses."""

import math
from collections.abc import Callable, Iterator
from datetime import date
from typing import Final

from hedgerow.adapters.secrets.vault import Vault
from hedgerow.cli.doctor_check import Check, doubtful, fine, skipped, wrong
from hedgerow.config.config import Config
from hedgerow.config.live import LiveConfig
from hedgerow.config.live_keys import alert_urls, api_token, journal_url, keys_of
from hedgerow.config.live_limits import NEEDED, unlimited
from hedgerow.errors import HedgeError
from hedgerow.market.tables import age_warning

SHORT: Final = 24  # characters below which a token can be guessed


def limits(config: Config, desk: LiveConfig) -> Iterator[Check]:
    """Say which breakers have no number; live, each must have one."""
    words = unlimited(config, desk)
    if words:
        yield wrong("limits", words)
        return
    has = all(math.isfinite(getattr(desk.setup.limits, name)) for name in NEEDED)
    yield fine("limits", "orders have their breakers" if has else "paper needs none")


def tables(config: LiveConfig, today: date) -> Iterator[Check]:
    """Say how old the rules of venues are that margin and orders are reckoned with."""
    warned = False
    for rules in config.composed.rules:
        where, mend = f"{rules.venue} {rules.perpetual.symbol}", f"venues update {rules.venue}"
        old = [age_warning(origin, today) for origin in rules.origins]
        found = list(dict.fromkeys(warning for warning in old if warning is not None))
        if found:
            more = f" (and {len(found) - 1} more of its tables)" if len(found) > 1 else ""
            yield doubtful("tables", f"{where}: {found[0]}{more}; `hedgerow {mend}` fetches them")
        if rules.stamped:
            yield doubtful(
                "tables",
                f"{where}: its rules are from after today; `hedgerow {mend}` fetches today's",
            )
        warned = warned or bool(found) or rules.stamped
    if not warned:
        yield fine("tables", "the venues' rules were checked within 90 days")


def secrets(config: LiveConfig, vault: Vault) -> Iterator[Check]:
    """Say whether every secret that the config names is there; none is shown."""
    asked: list[tuple[str, Callable[[], object]]] = [
        (f"[[venue]] {one.venue} {one.account}", lambda one=one: keys_of(one, vault))  # type: ignore[misc]
        for one in config.venues
        if one.credentials
    ]
    if config.journal.secret is not None:
        asked.append(("[live] journal_secret", lambda: journal_url(config, vault)))
    if config.alerts.urls:
        asked.append(("[alerts] urls", lambda: alert_urls(config, vault)))
    for what, question in asked:
        yield _asked(what, question)
    yield from _token(config, vault)
    if not asked and config.api.token is None:
        yield fine("secrets", "none is needed")


def _asked(what: str, question: Callable[[], object]) -> Check:
    try:
        question()
    except HedgeError as error:
        return wrong("secrets", str(error))
    return fine("secrets", f"{what}: found")


def _token(config: LiveConfig, vault: Vault) -> Iterator[Check]:
    try:
        token = api_token(config, vault)
    except HedgeError as error:
        yield wrong("secrets", str(error))
        return
    if token is None:
        return
    if len(token.reveal()) < SHORT:
        yield doubtful(
            "secrets",
            f"[api] token: shorter than {SHORT} characters, so it can be guessed; make one with "
            "`openssl rand -hex 32`, or leave it out for a new one at each start",
        )
    else:
        yield fine("secrets", "[api] token: found")


def api(config: LiveConfig) -> Iterator[Check]:
    """Say who can reach the desk's API."""
    place = config.api
    if place.allow_remote and place.certificate is None:
        yield doubtful(
            "api",
            f"[api] {place.host}: whoever reaches this machine reaches the desk, and the token "
            "crosses the network in the clear; give certificate and certificate_key, or listen on "
            "127.0.0.1 behind a proxy that speaks TLS",
        )
    else:
        port = place.port or "a free port"
        yield fine("api", f"listens on {place.host}, {port}")


async def alerts(config: LiveConfig, vault: Vault, *, send: bool) -> list[Check]:
    """Say whether alerts have an address that is understood; send one if asked."""
    if not config.alerts.urls:
        text = "nobody hears of it when the desk stops; name a secret under [alerts] urls"
        return [(doubtful if config.setup.mode == "live" else fine)("alerts", text)]
    from hedgerow.adapters.alerts.apprise_carrier import apprise_carriers

    try:
        urls = alert_urls(config, vault)
    except HedgeError:
        return []  # said among the secrets
    try:
        carriers = apprise_carriers(urls, vault.redact)
    except HedgeError as error:
        return [wrong("alerts", vault.redact(str(error)))]
    names = ", ".join(carrier.name for carrier in carriers)
    if not send:
        return [
            fine("alerts", f"{names}: understood"),
            skipped("alerts", "no message was sent; --send-test sends one"),
        ]
    found = []
    title = f"{config.setup.name} ({config.setup.mode}): test"
    for carrier in carriers:
        reason = await carrier.send("info", title, "`hedgerow doctor` sent this to see it arrive.")
        found.append(
            wrong("alerts", f"{reason}; correct the address in the secret")
            if reason
            else fine("alerts", f"{carrier.name}: a test message was taken")
        )
    return found
