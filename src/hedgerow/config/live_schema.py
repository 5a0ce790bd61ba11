"""Every key that only a running desk reads, with its default and its meaning.

A backtest takes no notice of these tables, so one file serves both.
"""

from math import inf
from typing import Literal

from pydantic import Field

from hedgerow.config.keys import Section, key, several
from hedgerow.config.kinds import (
    COUNT,
    FLAG,
    QUOTE,
    REFERENCE,
    SECONDS,
    Count,
    DeskName,
    Fraction,
    Port,
    Positive,
    Seconds,
    SecretName,
    Text,
)

Answer = Literal["rehedge", "adopt", "pause"]
Level = Literal["info", "warning", "critical"]

ANSWER = '"rehedge", "adopt" or "pause"'
LEVEL = '"info", "warning" or "critical"'


class LiveSection(Section):
    """The desk that runs unattended."""

    name: DeskName = key(
        "desk",
        meaning="What the desk is called; client ids, alerts and its folder carry it.",
        allowed="1 to 12 letters and digits",
    )
    live: bool = key(
        False,
        meaning="Whether real orders are allowed at all; `run --live` asks for this as well.",
        allowed=FLAG,
    )
    start_state: Literal["armed", "trading"] | None = key(
        None,
        meaning="How it starts: `armed` only closes until an operator resumes. Unless given, "
        "`trading` in paper and `armed` live.",
        allowed='"armed" or "trading"',
    )
    cadence_seconds: Seconds = key(5.0, meaning="Time between two decisions.", allowed=SECONDS)
    check_seconds: Seconds = key(
        30.0,
        meaning="Time between two comparisons of the venue's books with ours.",
        allowed=SECONDS,
    )
    recovery_seconds: Seconds = key(
        60.0,
        meaning="Longest time that the book may take to be hedged again after a fault.",
        allowed=SECONDS,
    )
    balance_tolerance: Fraction = key(
        5e-6,
        meaning="How much a balance may differ before it is a difference, fraction of it; a cent's "
        "worth at least.",
        allowed="a fraction between 0 and 1",
    )
    on_liquidation: Answer = key(
        "rehedge",
        meaning="After a liquidation: book it and hedge again, book it and keep to it until an "
        "operator decides, or book it and pause.",
        allowed=ANSWER,
    )
    on_deleveraging: Answer = key(
        "rehedge", meaning="The same after a deleveraging.", allowed=ANSWER
    )
    on_manual: Answer = key(
        "pause", meaning="The same after a trade that the desk did not send.", allowed=ANSWER
    )
    on_unknown: Answer = key(
        "pause", meaning="The same after a change that nothing explains.", allowed=ANSWER
    )
    journal: Text | None = key(
        None,
        meaning="The journal: an SQLite file, relative to the config file, or a PostgreSQL URL "
        "without a password; `hedgerow/<name>/journal.sqlite` in `XDG_STATE_HOME` unless given.",
        allowed='a file such as "journal.sqlite", or "postgresql://desk@localhost/hedgerow"',
        hidden=True,
    )
    journal_secret: SecretName | None = key(
        None,
        meaning="Secret that holds the journal's URL, where that has a password.",
        allowed=REFERENCE,
        hidden=True,
    )


class OrdersSection(Section):
    """How orders are worked, and the limits that stop them."""

    route: Literal["taker", "maker", "maker_then_taker", "market"] = key(
        "taker",
        meaning="`taker`: immediate, up to the collar. `maker`: post-only, moved with the book. "
        "`maker_then_taker`: post-only for `patience_seconds`, then immediate. `market`: one "
        "market order with the collar.",
        allowed='"taker", "maker", "maker_then_taker" or "market"',
    )
    collar: Fraction = key(
        0.005,
        meaning="How far from the middle an order may take, fraction of price.",
        allowed="a fraction between 0 and 1",
    )
    patience_seconds: Seconds = key(
        30.0, meaning="How long an order rests before it is moved or taken over.", allowed=SECONDS
    )
    unknown_seconds: Seconds = key(
        10.0,
        meaning="How long an outcome may be unknown before a person hears of it.",
        allowed=SECONDS,
    )
    slice_notional: Positive = key(
        inf, meaning="Largest slice of an order, in quote.", allowed=QUOTE, unlimited=True
    )
    slice_pause_seconds: Seconds = key(1.0, meaning="Time between two slices.", allowed=SECONDS)
    splits: bool = key(
        True,
        meaning="Whether an order through zero is split into one that closes and one that opens.",
        allowed=FLAG,
    )
    order_notional: Positive = key(
        inf,
        meaning="Largest order, in quote; a larger one is not sent.",
        allowed=QUOTE,
        unlimited=True,
    )
    turnover: Positive = key(
        inf,
        meaning="Most traded within `turnover_window_seconds`, in quote.",
        allowed=QUOTE,
        unlimited=True,
    )
    turnover_window_seconds: Seconds = key(3600.0, meaning="That window.", allowed=SECONDS)
    orders_per_minute: Count = key(60, meaning="Most orders sent in a minute.", allowed=COUNT)
    rejects_per_minute: Count = key(
        5, meaning="Most refusals in a minute before nothing is opened any more.", allowed=COUNT
    )
    naked_notional: Positive = key(
        inf,
        meaning="Most that one leg of a pair may be ahead of the other, in quote.",
        allowed=QUOTE,
        unlimited=True,
    )
    naked_notional_seconds: Positive = key(
        inf,
        meaning="The same times the seconds it lasts, over one trade of a pair.",
        allowed=QUOTE,
        unlimited=True,
    )


class FailoverSection(Section):
    """A hedge elsewhere while a venue is away."""

    on: bool = key(
        False,
        meaning="Whether legs of the same asset at other venues stand in for one that cannot be "
        "reached, in the order of the file.",
        allowed=FLAG,
    )
    after_seconds: Seconds = key(
        60.0, meaning="How long a venue must be away before.", allowed=SECONDS
    )
    settled_seconds: Seconds = key(
        30.0, meaning="How long it must be back before the hedge returns.", allowed=SECONDS
    )
    tolerance: Fraction = key(
        0.1,
        meaning="By how much the hedge may miss its goal while it returns, fraction of it.",
        allowed="a fraction between 0 and 1",
    )
    step: Fraction = key(
        0.02,
        meaning="Smallest change of what a stand-in holds, fraction of the goal.",
        allowed="a fraction between 0 and 1",
    )


class ApiSection(Section):
    """The desk's own API, for `hedgerow status`, `watch` and the dashboard."""

    host: Text = key(
        "127.0.0.1",
        meaning="Where it listens; an address of another machine's reach needs `allow_remote`.",
        allowed='an address, such as "127.0.0.1"',
    )
    port: Port = key(
        0, meaning="Its port; 0 takes a free one.", allowed="a whole number from 0 to 65535"
    )
    allow_remote: bool = key(
        False,
        meaning="Whether it may listen beyond this machine: only behind TLS of your own.",
        allowed=FLAG,
    )
    certificate: Text | None = key(
        None,
        meaning="Certificate to speak TLS with, a PEM file, relative to the config file.",
        allowed='the name of a file, such as "desk.pem"',
    )
    certificate_key: Text | None = key(
        None,
        meaning="Its private key, a PEM file that only its owner can read.",
        allowed='the name of a file, such as "desk.key"',
    )
    token: SecretName | None = key(
        None,
        meaning="Secret that holds the token; a new one at each start unless given.",
        allowed=REFERENCE,
        hidden=True,
    )


class AlertsSection(Section):
    """Who hears of it."""

    urls: list[SecretName] = several(
        meaning="Secrets that each hold one Apprise URL, or several on lines of their own.",
        allowed='a list of names of secrets, such as ["ALERT_TELEGRAM"], never the URLs themselves',
        hidden=True,
    )
    level: Level = key("warning", meaning="What is sent: this level and above.", allowed=LEVEL)
    quiet_hours: Text | None = key(
        None,
        meaning="Daily hours in which only `quiet_level` comes through; the rest is sent "
        "together afterwards.",
        allowed='hours such as "22:00-07:00"',
    )
    quiet_zone: Text = key(
        "UTC",
        meaning="Time zone of those hours.",
        allowed='"UTC" or a zone such as "Europe/Zurich"',
    )
    quiet_level: Level = key(
        "critical", meaning="What comes through in quiet hours.", allowed=LEVEL
    )
    repeat_seconds: Seconds = key(
        600.0,
        meaning="Least time between two alerts of one topic; those between are counted.",
        allowed=SECONDS,
    )
    repeat: dict[str, Seconds] = Field(
        default_factory=dict,
        description="The same for single topics.",
        json_schema_extra={
            "allowed": 'pairs of a topic and seconds, such as "funding-spike" = 3600'
        },
    )


class VenueSection(Section):
    """How one account of a venue is reached."""

    name: Text = key(meaning="The venue.", allowed="the venue of a hedge")
    account: Text | None = key(
        None,
        meaning="The [margin] whose account this is; needed where a venue has several.",
        allowed="the name of a [margin]",
    )
    testnet: bool = key(False, meaning="Whether it is the venue's test network.", allowed=FLAG)
    api_key: SecretName | None = key(
        None,
        meaning="Secret that holds the key's name at the venue.",
        allowed=REFERENCE,
        hidden=True,
    )
    api_secret: SecretName | None = key(
        None, meaning="Secret that holds what signs with it.", allowed=REFERENCE, hidden=True
    )
    passphrase: SecretName | None = key(
        None,
        meaning="Secret that holds the key's passphrase, at OKX.",
        allowed=REFERENCE,
        hidden=True,
    )
    wallet: SecretName | None = key(
        None,
        meaning="Secret that holds the account's address, at Hyperliquid.",
        allowed=REFERENCE,
        hidden=True,
    )
    private_key: SecretName | None = key(
        None,
        meaning="Secret that holds the private key of an agent wallet, at Hyperliquid.",
        allowed=REFERENCE,
        hidden=True,
    )
    leverage: Positive | None = key(
        None,
        meaning="Least leverage that the account must be set to.",
        allowed="a number > 0",
    )
    url: Text | None = key(
        None,
        meaning="Address of a stand-in for the venue on this machine, for drills.",
        allowed='a loopback address, such as "http://127.0.0.1:8080"',
    )


class SecretsSection(Section):
    """Where secrets lie beside the environment."""

    file: Text | None = key(
        None,
        meaning='File of secrets as `NAME = "value"`, relative to the config file, readable by '
        "its owner only; encrypted with age where it ends with `.age`.",
        allowed='the name of a file, such as "secrets.toml" or "secrets.age"',
    )
    identity: Text | None = key(
        None,
        meaning="File of the age identity that opens it, readable by its owner only.",
        allowed='the name of a file, such as "/etc/hedgerow/identity.txt"',
    )
    passphrase: SecretName | None = key(
        None,
        meaning="Secret that holds its passphrase instead: in the environment, or a credential "
        "of the service.",
        allowed=REFERENCE,
        hidden=True,
    )


class LoggingSection(Section):
    """What the desk writes about itself."""

    level: Literal["debug", "info", "warning", "error"] = key(
        "info",
        meaning="What is written: this level and above.",
        allowed='"debug", "info", "warning" or "error"',
    )
    file: Text | None = key(
        None,
        meaning="File to append to, relative to the config file; standard error unless given.",
        allowed='the name of a file, such as "desk.log"',
    )
    json_lines: bool | None = key(
        None,
        meaning="Whether each line is JSON; unless given, it is where no terminal is written to.",
        allowed=FLAG,
    )
