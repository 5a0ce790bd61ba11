"""What the doctor finds at the venues: reach, clock, rights of the key, modes and listings."""

from collections.abc import Iterable

from hedgerow.adapters.secrets.vault import Vault
from hedgerow.adapters.venues.connection import Connection, connect
from hedgerow.adapters.venues.facts import clock_offset, facts_of
from hedgerow.adapters.venues.preflight import Finding, Weight, check_facts
from hedgerow.cli.doctor_check import Check, doubtful, fine, wrong
from hedgerow.config.config import Config
from hedgerow.config.live import LiveConfig
from hedgerow.config.live_keys import keys_of
from hedgerow.config.live_parts import VenueAccess
from hedgerow.config.live_wanted import wanted_of
from hedgerow.errors import ConfigError, HedgeError
from hedgerow.execution.port import Facts


async def venue(config: Config, desk: LiveConfig, access: VenueAccess, vault: Vault) -> list[Check]:
    """Ask the venue of an account all that a preflight asks; nothing is changed there."""
    where = f"{access.venue} {access.account}"
    try:
        keys = keys_of(access, vault)
    except ConfigError as error:
        return [wrong("keys", str(error))]
    try:
        connection = connect(
            access.venue,
            symbols=access.symbols,
            secrets=keys,
            loopback_url=access.url,
            testnet=access.testnet,
        )
    except HedgeError as error:
        return [wrong("venue", f"{where}: {vault.redact(str(error))}")]
    try:
        if keys is None:
            facts = await _public(connection, access)
        else:
            facts = await facts_of(connection, access.account, access.symbols)
    except HedgeError as error:
        return [wrong("venue", f"{where}: {vault.redact(str(error))}")]
    finally:
        await connection.close()
    findings = check_facts(facts, wanted_of(config, desk, access))
    if keys is None:
        findings = tuple(one for one in findings if one.subject != "key")
    return [*_told(findings), *_fine(facts, findings, where, public=keys is None)]


async def _public(connection: Connection, access: VenueAccess) -> Facts:
    """Return what a venue tells without a key."""
    contracts = await connection.contracts()
    return Facts(
        venue=access.venue,
        account=access.account,
        one_way=None,
        margin_mode={},
        leverage={},
        maker={},
        taker={},
        clock_offset=await clock_offset(connection),
        listings={
            symbol: contract.listing(access.venue, access.account)
            for symbol, contract in contracts.items()
        },
        may_trade=None,
        may_withdraw=None,
        interval_hours={},
        testnet=connection.testnet,
    )


def _told(findings: Iterable[Finding]) -> list[Check]:
    return [
        (wrong if one.weight is Weight.REFUSE else doubtful)(one.topic, one.text)
        for one in findings
    ]


def _fine(
    facts: Facts, findings: Iterable[Finding], where: str, *, public: bool
) -> Iterable[Check]:
    """Say what was looked at and is well, so that silence never passes for health."""
    topics = {one.topic for one in findings}
    yield fine("venue", f"{where}: answers, and lists {', '.join(facts.listings) or 'nothing'}")
    if "clock" not in topics:
        yield fine("clock", f"{where}: {facts.clock_offset:+.3f} s from ours")
    if public:
        return
    if facts.may_withdraw is False and facts.may_trade:
        yield fine("keys", f"{where}: may trade and may not withdraw")
    if facts.one_way:
        yield fine("modes", f"{where}: one-way mode")
    for symbol, mode in facts.margin_mode.items():
        if "margin-mode" not in topics:
            leverage = facts.leverage.get(symbol)
            more = "" if leverage is None else f", {leverage:g}x"
            yield fine("modes", f"{where}: {symbol} {mode} margin{more}")
