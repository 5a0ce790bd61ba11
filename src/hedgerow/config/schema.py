"""Every key of the config file, with its default and its meaning.

The reference page lists these; a test holds the two together.
"""

from math import inf
from typing import Any, Literal

from pydantic import ConfigDict, Field

from hedgerow.config.guards_schema import GuardsSection
from hedgerow.config.keys import Section, key, several
from hedgerow.config.kinds import (
    AMOUNT,
    CURRENCY,
    DAY,
    FLAG,
    FRACTION,
    INSTANT,
    ORIGIN,
    RATE,
    Currency,
    Digest,
    Seed,
    Source,
    Text,
)
from hedgerow.config.live_schema import (
    AlertsSection,
    ApiSection,
    FailoverSection,
    LiveSection,
    LoggingSection,
    OrdersSection,
    SecretsSection,
    VenueSection,
)
from hedgerow.config.moments import Day, Instant
from hedgerow.config.pair_schema import PairSection


class HoldingSection(Section):
    """One asset that is held."""

    asset: Currency = key(meaning="The coin or money that is held.", allowed=CURRENCY)
    amount: float = key(
        0.0,
        meaning="Held at the start; with `flows`, before the first of them. In units of `asset`.",
        allowed=AMOUNT,
    )
    flows: Text | None = key(
        None,
        meaning="CSV file of balances or transactions, relative to the config file.",
        allowed='the name of a CSV file, such as "balances.csv"',
    )
    flows_sha256: Digest | None = key(
        None,
        meaning="Fingerprint of that file; a run writes it down, and one that differs is refused.",
        allowed="64 hexadecimal digits",
    )


class BookSection(Section):
    """What is held, and what its worth is counted in."""

    numeraire: Currency = key(
        "USD",
        meaning="The unit that worth is counted in, and so what neutral means.",
        allowed='"USD", another money or a coin such as "BTC"',
    )
    holding: list[HoldingSection] = key(
        meaning="What is held, one table an asset.", allowed="one [[book.holding]] or more"
    )


class PolicySection(Section):
    """How much hedge to hold; the policy's own numbers stand beside its name."""

    model_config = ConfigDict(extra="allow")

    name: Text = key(
        meaning="Which policy.", allowed='"hold", "interval", "band" or the name of a plug-in'
    )


class HedgeSection(Section):
    """One instrument that hedges."""

    venue: Text = key(
        meaning="Where it is traded.", allowed="a venue of `hedgerow venues list`, or of a table"
    )
    instrument: Text = key(
        meaning="The perpetual, by its unified symbol.",
        allowed='a symbol such as "BTC/USDT:USDT" (linear) or "BTC/USD:BTC" (inverse)',
    )
    ratio: float = key(
        1.0, meaning="Part of the exposure to hedge.", allowed="a number from 0 to 1.5"
    )
    mode: Literal["amount", "value"] = key(
        "amount",
        meaning="Match coins, or their worth in quote at the perpetual's own price.",
        allowed='"amount" or "value"',
    )
    cooldown_hours: float = key(0.0, meaning="Least time between two trades.", allowed=AMOUNT)
    minimum_trade: float = key(0.0, meaning="Smallest trade, in quote.", allowed=AMOUNT)
    naked_limit: float = key(
        inf,
        meaning="Distance from the goal, in quote, beyond which policy and cooldown are overruled.",
        allowed="a number > 0, or inf for none",
        unlimited=True,
    )
    max_leverage: float = key(
        inf,
        meaning="Own bound on leverage when the position grows.",
        allowed="a number > 0, or inf for none",
        unlimited=True,
    )
    account: Text = key(
        "main",
        meaning="Name of the [margin] that backs it.",
        allowed="the name of a [margin]",
    )
    policy: PolicySection = key(meaning="How much hedge to hold.", allowed="a table with a name")


class PledgeSection(Section):
    """Another asset in a cross account that counts as collateral."""

    asset: Currency = key(meaning="The coin or money that is pledged.", allowed=CURRENCY)
    amount: float = key(
        meaning="How much of it; out of the holding of it unless `extra`.",
        allowed="a number > 0",
    )
    haircut: float = key(
        0.0,
        meaning="What its worth counts less, as collateral.",
        allowed="a fraction from 0 up to below 1",
    )
    extra: bool = key(
        False, meaning="Whether it is held beside the declared holding.", allowed=FLAG
    )


class MarginSection(Section):
    """One margin account; amounts are in units of its collateral."""

    name: Text = key("main", meaning="What a hedge calls the account.", allowed="a short name")
    mode: Literal["isolated", "cross"] = key(
        "isolated",
        meaning="`isolated` backs one position, `cross` all hedges that name the account.",
        allowed='"isolated" or "cross"',
    )
    collateral: Currency = key(
        meaning="What the account holds: the currency its instruments settle in.",
        allowed=CURRENCY,
    )
    deposit: float = key(
        meaning="In the account from the start, in `collateral`; 0 only beside a pledge.",
        allowed="a number > 0",
    )
    deposit_from: Source = key(
        "owned",
        meaning="`owned`: it lies ready (coins come out of the holding). `borrowed`: against the "
        "coins, at `financing.borrow`. `sold`: coins are sold for it.",
        allowed=ORIGIN,
    )
    reserve: float = key(
        0.0, meaning="Off the venue, for margin calls, in `collateral`.", allowed=AMOUNT
    )
    reserve_from: Source = key(
        "owned", meaning="As `deposit_from`, when a call comes.", allowed=ORIGIN
    )
    extra: bool = key(
        False,
        meaning="Whether coins of deposit and reserve are held beside the declared holding.",
        allowed=FLAG,
    )
    top_up_below: float = key(
        0.10,
        meaning="Headroom (equity less maintenance, over notional) below which the reserve sends.",
        allowed=FRACTION,
    )
    top_up_to: float | None = key(
        None,
        meaning="Headroom that a top-up restores; twice `top_up_below` unless given.",
        allowed="a fraction above top_up_below",
    )
    withdraw_above: float = key(
        inf,
        meaning="Headroom above which cash goes back to the reserve.",
        allowed="a fraction above top_up_to, or inf for never",
        unlimited=True,
    )
    withdraw_to: float | None = key(
        None,
        meaning="Headroom that a withdrawal leaves; halfway between `top_up_to` and "
        "`withdraw_above` unless given.",
        allowed="a fraction between top_up_to and withdraw_above",
    )
    transfer_hours: float = key(1.0, meaning="How long a transfer takes.", allowed=AMOUNT)
    pledges: list[PledgeSection] = several(
        meaning="Other assets that back a cross account.",
        allowed="one [[margin.pledges]] or more",
    )
    after_liquidation: Literal["rehedge", "stay"] = key(
        "rehedge",
        meaning="`rehedge` with what is left, or `stay` out and leave the exposure naked.",
        allowed='"rehedge" or "stay"',
    )


class FinancingSection(Section):
    """Yearly rates, as fractions."""

    cash: float = key(
        0.0,
        meaning="Earned on idle cash.",
        allowed="a yearly rate as a fraction, from -1 to 10",
    )
    borrow: float = key(0.0, meaning="Paid on cash borrowed against the coins.", allowed=RATE)
    staking: float = key(
        0.0, meaning="Earned on coins off the venues, paid in coins.", allowed=RATE
    )


class DataSection(Section):
    """Where recorded markets come from, and what they may lack."""

    lake: Text | None = key(
        None,
        meaning="Folder that `hedgerow data import` wrote, relative to the config file; "
        "`--data` overrules it.",
        allowed='the name of a folder, such as "lake"',
    )
    allow_gaps: bool = key(
        False,
        meaning="Whether a run may cross missing settlements, which are counted, never made up.",
        allowed=FLAG,
    )
    proxy: dict[str, Text] = Field(
        default_factory=dict,
        description="Recorded markets, of the same venue or another, that stand in for an "
        "instrument's own.",
        json_schema_extra={
            "allowed": 'pairs such as "BTC/USD:BTC" = "BTC/USDT:USDT", or = "binance:BTC/USDT:USDT"'
        },
    )
    tables: list[Text] = several(
        meaning="Own tables of venue rules, relative to the config file.",
        allowed='a list of files, such as ["my-venue.toml"]',
    )
    tables_sha256: list[Digest] = several(
        meaning="Their fingerprints, in order; a run writes them down.",
        allowed="a list of 64 hexadecimal digits each",
    )


class ExecutionSection(Section):
    """When orders fill, and at what price."""

    fill: Literal["next_open", "next_mean", "close"] = key(
        "next_open",
        meaning="At the open after the decision, at the mean of that bar, or at the close at "
        "which it was decided.",
        allowed='"next_open", "next_mean" or "close"',
    )
    half_spread: float = key(
        0.0001,
        meaning="Given up on each trade, fraction of price.",
        allowed="a fraction from 0 to 0.5",
    )
    impact: float = key(
        0.0,
        meaning="Coefficient of square-root impact on the bar's volume; about 1 is usual.",
        allowed="a number from 0 to 100",
    )
    latency_seconds: float = key(
        0.0,
        meaning="Adds the volatility of this time to the slippage.",
        allowed="a number from 0 to 3600",
    )
    role: Literal["taker", "maker"] = key(
        "taker",
        meaning="`maker` rests at the reference price and fills only if the bar trades through.",
        allowed='"taker" or "maker"',
    )


class FeesSection(Section):
    """Trading fees."""

    tier: Text = key(
        "base", meaning="Row of the venue's table of fees.", allowed="the name of a fee tier"
    )
    maker: float | None = key(
        None,
        meaning="Own number instead, fraction of notional; a rebate is negative.",
        allowed="a fraction from -0.01 to 0.1",
    )
    taker: float | None = key(
        None, meaning="The same for a taker.", allowed="a fraction from -0.01 to 0.1"
    )


class OutageSection(Section):
    """A window in which a venue takes no orders, or fills them late."""

    venue: Text = key(meaning="The venue that is down.", allowed="the venue of a hedge")
    start: Instant = key(meaning="Its beginning.", allowed=INSTANT)
    end: Instant = key(meaning="Its end.", allowed=INSTANT)
    late: bool = key(
        False, meaning="`true`: orders fill at its end. `false`: none is accepted.", allowed=FLAG
    )


class DeleveragingSection(Section):
    """Crashes in which a venue takes winning positions away."""

    side: Literal["short", "long"] = key(
        "short",
        meaning="Which positions are taken: a short in falls, a long in rises.",
        allowed='"short" or "long"',
    )
    fall: float = key(
        0.15,
        meaning="How far the mark must fall (rise) within the window to set it off.",
        allowed="a fraction between 0 and 1",
    )
    window_hours: float = key(24.0, meaning="The window.", allowed="a number > 0")
    share: float | None = key(
        None,
        meaning="Part of the position that is taken each time; estimated from a model crowd "
        "unless given.",
        allowed="a fraction above 0, at most 1",
    )
    own_leverage: float | None = key(
        None,
        meaning="Own place in the queue: notional over equity; what the account has at the start "
        "unless given. Only without `share`, as the next two.",
        allowed="a number above 0",
    )
    crowd_leverage: float = key(
        5.0, meaning="Median leverage of everybody else.", allowed="a number above 1"
    )
    crowd_fund: float = key(
        0.01,
        meaning="Insurance fund, as a fraction of the open interest's worth.",
        allowed="a fraction such as 0.01, >= 0",
    )
    price: Literal["bankruptcy", "mark"] = key(
        "bankruptcy",
        meaning="Taken at the bankruptcy price of the losing side, or at the close of the mark.",
        allowed='"bankruptcy" or "mark"',
    )


class WorldSection(Section):
    """The market of the run."""

    kind: Literal["replay", "simulation"] = key(
        "replay",
        meaning="Recorded history, or a market made from a seed.",
        allowed='"replay" or "simulation"',
    )
    start: Day | None = key(
        None,
        meaning="First day, which a replay needs; a simulation starts on 2024-01-01 unless given.",
        allowed=DAY,
    )
    end: Day | None = key(
        None,
        meaning="Last day, included, which a replay needs; a simulation has 540 days unless given.",
        allowed=DAY,
    )
    bar: Text = key(
        "1h", meaning="Length of a bar.", allowed="a length that divides a day, such as 15m or 1h"
    )
    seed: Seed = key(7, meaning="Of a simulation.", allowed="a whole number >= 0")
    outage: list[OutageSection] = several(
        meaning="Declared outages of a venue.", allowed="one [[world.outage]] or more"
    )
    deleveraging: DeleveragingSection | None = key(
        None,
        meaning="Whether venues deleverage winning positions in crashes; not unless it is there.",
        allowed="a table [world.deleveraging]",
    )


class Document(Section):
    """The whole file."""

    book: BookSection = key(meaning="What is held.", allowed="a table")
    hedge: list[HedgeSection] = key(
        meaning="What hedges it.", allowed="a table [hedge], or several [[hedge]]"
    )
    margin: list[MarginSection] = key(
        meaning="What backs the hedges.", allowed="a table [margin], or several [[margin]]"
    )
    financing: FinancingSection = Field(
        default_factory=FinancingSection, json_schema_extra={"allowed": "a table"}
    )
    data: DataSection = Field(default_factory=DataSection, json_schema_extra={"allowed": "a table"})
    execution: ExecutionSection = Field(
        default_factory=ExecutionSection, json_schema_extra={"allowed": "a table"}
    )
    fees: FeesSection = Field(default_factory=FeesSection, json_schema_extra={"allowed": "a table"})
    world: WorldSection = key(meaning="The market of the run.", allowed="a table")
    live: LiveSection = Field(default_factory=LiveSection, json_schema_extra={"allowed": "a table"})
    orders: OrdersSection = Field(
        default_factory=OrdersSection, json_schema_extra={"allowed": "a table"}
    )
    guards: GuardsSection = Field(
        default_factory=GuardsSection, json_schema_extra={"allowed": "a table"}
    )
    failover: FailoverSection = Field(
        default_factory=FailoverSection, json_schema_extra={"allowed": "a table"}
    )
    pair: list[PairSection] = several(
        meaning="Legs that are held against each other.", allowed="one [[pair]] or more"
    )
    venue: list[VenueSection] = several(
        meaning="How accounts are reached.", allowed="one [[venue]] or more"
    )
    secrets: SecretsSection = Field(
        default_factory=SecretsSection, json_schema_extra={"allowed": "a table"}
    )
    api: ApiSection = Field(default_factory=ApiSection, json_schema_extra={"allowed": "a table"})
    alerts: AlertsSection = Field(
        default_factory=AlertsSection, json_schema_extra={"allowed": "a table"}
    )
    logging: LoggingSection = Field(
        default_factory=LoggingSection, json_schema_extra={"allowed": "a table"}
    )


LIVE = (
    "live",
    "orders",
    "guards",
    "failover",
    "pair",
    "venue",
    "secrets",
    "api",
    "alerts",
    "logging",
)  # a run reads none
REPEATABLE = ("hedge", "margin")  # one table or several


def normal(raw: dict[str, Any]) -> dict[str, Any]:
    """Return `raw` with each single table of a repeatable section as a list of one."""
    return {
        name: [value] if name in REPEATABLE and isinstance(value, dict) else value
        for name, value in raw.items()
    }
