"""Every threshold of the guards, as the config file names it."""

from typing import Literal

from pydantic import Field

from hedgerow.config.keys import Section, key
from hedgerow.config.kinds import COUNT, FLAG, SECONDS, Count, Fraction, Positive, Seconds

MORE = "a fraction such as 0.003, > 0"
PART = "a fraction between 0 and 1"


class GuardsSection(Section):
    """When the desk stops opening positions by itself."""

    book_age_seconds: Seconds = key(
        10.0, meaning="How old the best prices of a symbol may be.", allowed=SECONDS
    )
    mark_age_seconds: Seconds = key(
        15.0, meaning="How old its mark and its index may be.", allowed=SECONDS
    )
    funding_age_seconds: Seconds = key(
        600.0, meaning="How old its predicted funding may be.", allowed=SECONDS
    )
    stream_down_seconds: Seconds = key(
        5.0, meaning="How long a stream that says it is down may stay so.", allowed=SECONDS
    )
    mark_index: Fraction = key(
        0.01, meaning="How far the mark may be from the index, fraction of price.", allowed=PART
    )
    last_mark: Fraction = key(
        0.02,
        meaning="How far the last trade may be from the mark, fraction of price.",
        allowed=PART,
    )
    cross_venue: Fraction = key(
        0.015,
        meaning="How far one asset may be apart on two venues, fraction of price.",
        allowed=PART,
    )
    divergence_after_seconds: Seconds = key(
        60.0, meaning="How long prices must be beyond before it counts.", allowed=SECONDS
    )
    divergence_calm_seconds: Seconds = key(
        60.0, meaning="How long they must be within before it is over.", allowed=SECONDS
    )
    peg: Fraction = key(0.005, meaning="How far a stablecoin may be from 1.", allowed=PART)
    peg_after_seconds: Seconds = key(
        120.0, meaning="How long it must be beyond before it counts.", allowed=SECONDS
    )
    peg_calm_seconds: Seconds = key(
        600.0, meaning="How long it must be within before it is over.", allowed=SECONDS
    )
    peg_pairs: dict[str, str] | None = key(
        None,
        meaning="Pairs of two dollars that tell whether stablecoins are at their peg, by venue. "
        "Unless given, `USDC/USDT` at each venue that lists it and has a leg in one of the two.",
        allowed='pairs of a venue and a symbol, such as binance = "USDC/USDT"; {} for none',
    )
    peg_required: bool = key(
        False,
        meaning="Whether a stablecoin that no pair tells of counts as off its peg: the legs in it "
        "only reduce until one does.",
        allowed=FLAG,
    )
    funding_per_interval: Positive = key(
        0.003,
        meaning="Largest predicted funding of one interval either way, fraction of notional.",
        allowed=MORE,
    )
    funding_per_year: Positive = key(
        2.0, meaning="The same for a year of such intervals.", allowed=MORE
    )
    interval_confirmed_seconds: Seconds = key(
        600.0,
        meaning="How long a venue must show a new funding interval before it is believed.",
        allowed=SECONDS,
    )
    headroom: Fraction = key(
        0.03, meaning="Least headroom of an account, fraction of notional.", allowed=PART
    )
    loss_in_window: Fraction = key(
        0.05,
        meaning="Largest fall of equity from its highest within `loss_window_seconds`.",
        allowed=PART,
    )
    loss_window_seconds: Seconds = key(86400.0, meaning="That window.", allowed=SECONDS)
    loss_since_start: Fraction = key(
        0.1, meaning="Largest fall of equity from where it started.", allowed=PART
    )
    errors: Count = key(
        10,
        meaning="Most failed requests to one venue within `errors_window_seconds`.",
        allowed=COUNT,
    )
    errors_window_seconds: Seconds = key(60.0, meaning="That window.", allowed=SECONDS)
    clock_offset_seconds: Seconds = key(
        0.5, meaning="How far a venue's clock may be from ours.", allowed=SECONDS
    )
    stamp_lag_seconds: Seconds = key(
        5.0,
        meaning="How much older than their receipt all quotes of a venue may be.",
        allowed=SECONDS,
    )
    settlement_late_seconds: Seconds = key(
        900.0, meaning="How long after its settlement a funding payment may come.", allowed=SECONDS
    )
    order_unknown_seconds: Seconds = key(
        10.0, meaning="How long an order's outcome may be unknown.", allowed=SECONDS
    )
    severities: dict[str, Literal["note", "reduce_only", "pause"]] = Field(
        default_factory=dict,
        description="What single guards stop: nothing, what adds risk, or the same until an "
        "operator resumes.",
        json_schema_extra={
            "allowed": 'pairs of a guard and "note", "reduce_only" or "pause", such as '
            '"funding-spike" = "note"'
        },
    )
