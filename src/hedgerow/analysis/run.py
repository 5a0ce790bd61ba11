"""The result of one run: what happened, in series, ledger and sums."""

from dataclasses import dataclass

import polars as pl

from hedgerow.ledger import Ledger
from hedgerow.margin.account import Pledge


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribution:
    """Where every cent of the P&L came from, in numeraire; the parts add up to `total`.

    `total` is the change of the book's worth less flows from outside, measured on its own;
    `residual` is what the parts fail to explain, and a run with a visible one is refused.
    """

    exposure: float
    hedge_index: float
    hedge_basis: float
    funding: float
    fees: float
    slippage: float
    financing: float
    collateral: float
    liquidation: float
    total: float
    residual: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """How much of the data that should be there was there."""

    bars_expected: int
    bars_present: int
    settlements_expected: int
    settlements_present: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Liquidation:
    """One forced close by the venue, or one step of it.

    `time` is the open of the bar in which it happened, UTC nanoseconds. `quantity` is what was
    closed, base coin, signed as the change of position; `left` is the position after it, base
    coin. `loss` is what the book lost by it: realised loss and fee less what the venue bore beyond
    the wallet, numeraire, >= 0 but for a gain. `price_source` is "mark", "bounded" (last price
    within a coarser mark range) or "last" (only a last price did it).
    """

    time: int
    instrument: str
    account: str
    price: float
    quantity: float
    left: float
    loss: float
    fee: float
    price_source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Deleveraging:
    """A part of a winning position that the venue took away.

    `time` is the open of the bar in which it happened, UTC nanoseconds. `quantity` is what was
    taken, base coin, signed as the change of position, and `left` the position after it. It was
    taken at `price` while the market stood at `market`; `cost` is what the book lost by the
    difference, numeraire, >= 0 but for a gain, and is counted under liquidation.
    """

    time: int
    instrument: str
    account: str
    price: float
    market: float
    quantity: float
    left: float
    cost: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion:
    """A pledge that the venue turned into collateral, or bought back where it was owed.

    `time` is the open of the bar in which it happened, UTC nanoseconds. `quantity` of `asset` is
    the change of the account, < 0 where it was sold, at `price` (collateral per asset). `cash` is
    what the wallet got (> 0) or paid, in `collateral`, `fee` included, which is >= 0. `value` is
    `cash` in numeraire.
    """

    time: int
    account: str
    asset: str
    collateral: str
    quantity: float
    price: float
    cash: float
    fee: float
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LegRun:
    """One hedging instrument through the run.

    Attributes
    ----------
    ratio, half_width
        Hedge ratio and the policy's band as a fraction of exposure (NaN without a band).
    series
        One row a bar, at its close: ``time``, ``position``, ``goal`` (the hedge that ratio and
        exposure ask for), ``exposure`` (base coin, hedge not counted), ``residual`` (wanted but
        not traded: lots, minimums, margin), ``mark``, ``index``, ``basis`` (mark - index, quote
        per base), ``headroom`` (worst of the bar, fraction of notional, null when flat),
        ``worst_mark``, ``liquidation_price`` (null when flat or none exists).
    """

    instrument: str
    venue: str
    asset: str
    account: str
    settle: str
    ratio: float
    half_width: float
    series: pl.DataFrame


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRun:
    """One margin account through the run, all amounts in `collateral`.

    `series` has one row a bar, at its close: ``time``, ``wallet``, ``unrealised``,
    ``maintenance``, ``reserve`` (what is left off the venue), ``in_transit``, ``debt``,
    ``pledged`` (worth of the other assets in the account, each less its haircut, and of what is
    owed in them). `pledges` is what lay beside the collateral at the start.
    `unmet` lists the calls that the reserve could not meet as (time, amount).
    `needed_reserve` is the reserve with which every call would have been met, and
    `needed_balance_years` the integral over time of the part of it that was missing
    (collateral x years), so that a yearly rate times it is what borrowing it would have cost.
    """

    name: str
    collateral: str
    mode: str
    deposit: float
    reserve: float
    reserve_from: str
    series: pl.DataFrame
    top_ups: int
    withdrawals: int
    unmet: tuple[tuple[int, float], ...]
    needed_reserve: float
    needed_balance_years: float
    pledges: tuple[Pledge, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """What it takes to get the same run again."""

    version: str
    config_hash: str
    data_hash: str
    seed: int | None
    policy: str
    config: str  # the TOML that was run, with every default spelled out


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """All that one run gives back.

    Attributes
    ----------
    start, end
        Open of the first bar and close of the last, UTC nanoseconds.
    series
        One row at the start and one a bar close. ``time``; cumulative since the start and in
        numeraire: ``hedged`` and ``unhedged`` P&L, then one column for each part of
        `Attribution` (``exposure`` ... ``liquidation``); ``worth`` of the whole book; ``flows``
        (cumulative worth of what came in from outside); ``spot`` (the first asset's index, quote
        per base).
    pnl
        The sums.
    exit_cost
        What unwinding the hedge at the end would cost (fee, spread, impact), numeraire, >= 0;
        not part of `pnl`.
    trades, turnover
        Number of fills, liquidations and deleveragings, and the sum of their absolute notional,
        numeraire.
    opening_worth
        Worth of the book at the start, numeraire.
    liquidations, deleveragings, conversions
        What the venue did on its own, in order of time; each step of a liquidation is one.
    stamps
        Honesty: one line each on sources, proxies, assumptions, prices used, holes, interval
        changes.
    """

    world: str
    simulated: bool
    numeraire: str
    start: int
    end: int
    bars: int
    step: int
    legs: tuple[LegRun, ...]
    accounts: tuple[AccountRun, ...]
    series: pl.DataFrame
    ledger: Ledger
    pnl: Attribution
    exit_cost: float
    trades: int
    turnover: float
    opening_worth: float
    coverage: Coverage
    liquidations: tuple[Liquidation, ...]
    stamps: tuple[str, ...]
    provenance: Provenance
    deleveragings: tuple[Deleveraging, ...] = ()
    conversions: tuple[Conversion, ...] = ()
