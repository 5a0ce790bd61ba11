"""From what the lanes leave behind to a Run."""

import hashlib
from dataclasses import dataclass, fields, is_dataclass
from importlib.metadata import version

import numpy as np
import polars as pl

from hedgerow.analysis.run import AccountRun, Attribution, LegRun, Provenance, Run
from hedgerow.engine import layout as at
from hedgerow.engine.batch import Batch
from hedgerow.engine.compose import Composed
from hedgerow.engine.desk_account import Holdings, pledges_of, schedule_of
from hedgerow.engine.job import Job
from hedgerow.engine.layout import Shape
from hedgerow.engine.pack import is_shared, shape_of
from hedgerow.engine.terms import RuleChange, Terms
from hedgerow.errors import AccountingError
from hedgerow.kernels.contract import notional
from hedgerow.kernels.costs import slippage_fraction
from hedgerow.kernels.margin import required
from hedgerow.ledger import Ledger
from hedgerow.margin.deleveraging.schedule import DeleveragingRule
from hedgerow.margin.path import liquidation_path, shared_liquidation_path
from hedgerow.policies.base import Policy, Ruled
from hedgerow.replay.forced import forced
from hedgerow.replay.ledger_lines import Names, Pledged, ledger_of
from hedgerow.replay.market_tape import Recorded
from hedgerow.replay.request import Request
from hedgerow.units import YEAR, Floats, Times

TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Told:
    """What the record needs to know beside the lanes."""

    job: Job
    request: Request
    composed: Composed
    recorded: Recorded
    changes: tuple[RuleChange, ...]
    deleveraging: DeleveragingRule | None
    simulated: bool
    config: str
    seed: int | None
    boundless: float


def run_of(batch: Batch, told: Told, ledger: Ledger | None = None) -> Run:
    """Return the Run of lane 0; lane 1 is its twin with a boundless reserve.

    `ledger` is what an event-driven desk wrote; without it, it is made of the lane's events.

    Raises
    ------
    AccountingError
        If the parts leave a residual beyond 1e-9 of turnover or opening worth.
    """
    terms = told.composed.terms
    shape = shape_of(terms)
    totals = batch.totals[:, 0]
    series = batch.series[0]
    closes = told.recorded.tape.clock[1:, at.TIME]
    pnl = _attribution(batch, told)
    events = batch.events[0]
    names = Names(
        legs=tuple(leg.instrument for leg in terms.legs),
        accounts=tuple(account.name for account in terms.accounts),
        collaterals=tuple(account.collateral for account in terms.accounts),
        assets=terms.assets,
        from_holding=tuple(account.from_holding for account in terms.accounts),
        settles=tuple(leg.settle for leg in terms.legs),
        pledged=tuple(
            Pledged(account.name, pledge.asset, pledge.amount, pledge.from_holding)
            for account in terms.accounts
            for pledge in account.pledges
        ),
        opens=told.recorded.tape.clock[:, at.TIME],
        settlements=told.recorded.settlement_time,
    )
    done = forced(events, names)
    if ledger is None:
        ledger = ledger_of(events, names, terms.holdings, told.recorded.tape.worth)
    return Run(
        world="simulation" if told.simulated else "replay",
        simulated=told.simulated,
        numeraire=told.job.book.numeraire,
        start=told.request.first,
        end=told.request.last,
        bars=told.request.steps,
        step=told.request.step,
        legs=tuple(_leg(told, shape, series, number) for number in range(shape.legs)),
        accounts=tuple(_account(told, shape, batch, number) for number in range(shape.accounts)),
        series=_book(told, series, float(totals[at.OPENING]), closes),
        ledger=ledger,
        pnl=pnl,
        exit_cost=_exit_cost(told, shape, series),
        trades=int(totals[at.TRADES]),
        turnover=float(totals[at.TURNOVER]),
        opening_worth=float(totals[at.OPENING]),
        coverage=told.recorded.coverage,
        liquidations=done.liquidations,
        deleveragings=done.deleveragings,
        conversions=done.conversions,
        stamps=_stamps(told, totals, events),
        provenance=Provenance(
            version=version("hedgerow"),
            config_hash=hashlib.sha256(_identity(told).encode()).hexdigest(),
            data_hash=told.recorded.data_hash,
            seed=told.seed,
            policy=_policy(told),
            config=told.config,
        ),
    )


def _identity(told: Told) -> str:
    """Return the text that the config hash is of: the config, or the job where none was written."""
    return told.config or repr(
        (
            told.job,
            told.request.start,
            told.request.end,
            told.request.step,
            told.request.proxies,
            told.request.outages,
            told.deleveraging,
        )
    )


def _policy(told: Told) -> str:
    """Return the policies in words, each once: name, then numbers by theirs."""
    return "; ".join(dict.fromkeys(_in_words(hedge.policy) for hedge in told.job.hedges))


def _in_words(policy: Policy) -> str:
    values: list[tuple[str, object]] = list(
        zip(policy.rule.parameters, policy.numbers(), strict=True)
    )
    if is_dataclass(policy) and not isinstance(policy, Ruled):
        values = [(field.name, getattr(policy, field.name)) for field in fields(policy)]
    said = [
        f"{name.replace('_', ' ')} {value:g}" if isinstance(value, float) else f"{name} {value}"
        for name, value in values
    ]
    return ", ".join([policy.rule.name, *said])


def _attribution(batch: Batch, told: Told) -> Attribution:
    totals = batch.totals[:, 0]
    parts = [float(part) for part in batch.parts[:, 0]]
    total = float(batch.worth[0] - totals[at.OPENING] - totals[at.FLOWS])
    residual = total - sum(parts)
    gross = abs(float(totals[at.OPENING])) + sum(
        abs(amount) * float(told.recorded.tape.worth[0, number * at.WORTH_ROWS, 0])
        for number, amount in enumerate(told.composed.terms.holdings)
    )
    scale = max(float(totals[at.TURNOVER]), gross)
    if not abs(residual) <= TOLERANCE * scale:
        raise AccountingError(
            f"the parts of the P&L leave {residual:g} {told.job.book.numeraire} unexplained, more "
            f"than {TOLERANCE:g} of {scale:g}; please report this run as a defect"
        )
    return Attribution(**dict(zip(at.PARTS, parts, strict=True)), total=total, residual=residual)


def _book(told: Told, series: Floats, opening: float, closes: Times) -> pl.DataFrame:
    first = told.request.first
    columns = {"time": np.concatenate([[first], closes])}
    worth = np.concatenate([[opening], series[:, at.SERIES_WORTH]])
    flows = np.concatenate([[0.0], series[:, at.SERIES_FLOWS]])
    columns["hedged"] = worth - opening - flows
    columns["unhedged"] = np.concatenate([[0.0], series[:, at.SERIES_UNHEDGED]])
    for number, part in enumerate(at.PARTS):
        columns[part] = np.concatenate([[0.0], series[:, number]])
    columns["worth"] = worth
    columns["flows"] = flows
    prices = told.recorded.tape.prices[:, :, 0]
    columns["spot"] = np.concatenate([[prices[0, at.INDEX_OPEN]], prices[:, at.INDEX]])
    return pl.DataFrame(columns).with_columns(pl.col("time").cast(pl.Datetime("ns", "UTC")))


def _leg_columns(shape: Shape, leg: int) -> int:
    del shape
    return at.SERIES_HEAD + leg * len(at.LEG_SERIES)


def _account_columns(shape: Shape, account: int) -> int:
    return at.SERIES_HEAD + shape.legs * len(at.LEG_SERIES) + account * len(at.ACCOUNT_SERIES)


def _leg(told: Told, shape: Shape, series: Floats, number: int) -> LegRun:
    leg = told.composed.terms.legs[number]
    hedge = told.job.hedges[number]
    first = _leg_columns(shape, number)
    lots, goal, exposure, residual, headroom, entry = (
        series[:, first + column] for column in range(len(at.LEG_SERIES))
    )
    rows = told.recorded.tape.prices[:, number * at.PRICE_ROWS : (number + 1) * at.PRICE_ROWS, 0]
    mark, index = rows[:, at.MARK], rows[:, at.INDEX]
    size = lots * leg.lot_size
    flat = size == 0.0
    path = _liquidation_path(told, shape, series, number, (size, entry))
    frame = pl.DataFrame(
        {
            "time": told.recorded.tape.clock[1:, at.TIME],
            "position": size / mark if leg.inverse else size,
            "goal": goal,
            "exposure": exposure,
            "residual": residual,
            "mark": mark,
            "index": index,
            "basis": mark - index,
            "headroom": np.where(headroom >= at.FAR, np.nan, headroom),
            "worst_mark": np.where(size < 0.0, rows[:, at.MARK_HIGH], rows[:, at.MARK_LOW]),
            "liquidation_price": np.where(flat, np.nan, path),
        }
    ).with_columns(
        pl.col("time").cast(pl.Datetime("ns", "UTC")),
        pl.col("headroom", "liquidation_price").fill_nan(None),
    )
    policy = hedge.policy
    return LegRun(
        instrument=leg.instrument,
        venue=hedge.venue,
        asset=leg.asset,
        account=leg.account,
        settle=leg.settle,
        ratio=leg.ratio,
        half_width=float(getattr(policy, "half_width", np.nan)),
        series=frame,
    )


def _liquidation_path(
    told: Told, shape: Shape, series: Floats, number: int, position: tuple[Floats, Floats]
) -> Floats:
    """Return the liquidation price at each close, the account's other positions at their marks."""
    terms = told.composed.terms
    leg = terms.legs[number]
    account = [account.name for account in terms.accounts].index(leg.account)
    first = _account_columns(shape, account)
    wallet, profit, asked = (series[:, first + column] for column in range(3))
    size, entry = position
    mark = told.recorded.tape.prices[:, number * at.PRICE_ROWS + at.MARK, 0]
    if is_shared(terms, terms.accounts[account]):
        return _shared_path(told, shape, series, number, account)
    own = size * (1.0 / entry - 1.0 / mark) if leg.inverse else size * (mark - entry)
    path = np.empty(len(mark))
    for begin, end, ruled in _spells(told):
        rule = ruled.legs[number].brackets.requirement
        part = slice(begin, end)
        own_required = np.array(
            [
                required(one, at_entry, price, leg.inverse, rule)
                for one, at_entry, price in zip(size[part], entry[part], mark[part], strict=True)
            ]
        )
        cash = wallet[part] + (profit[part] - own[part]) - (asked[part] - own_required)
        path[part] = liquidation_path(
            size[part].copy(), entry[part].copy(), cash, leg.inverse, rule
        )
    return path


def _spells(told: Told) -> list[tuple[int, int, Terms]]:
    """Return (first bar, bar after the last, terms) of each stretch under the same rules."""
    starts = [(0, told.composed.terms), *((change.step, change.terms) for change in told.changes)]
    ends = [*(step for step, _ in starts[1:]), told.request.steps]
    return [(step, end, terms) for (step, terms), end in zip(starts, ends, strict=True)]


def _shared_path(told: Told, shape: Shape, series: Floats, number: int, account: int) -> Floats:
    """Return the same where the account holds several assets: all that is of the coin moves."""
    terms, tape = told.composed.terms, told.recorded.tape
    legs = range(shape.legs)
    mine = [leg.account == terms.accounts[account].name for leg in terms.legs]
    size = np.stack(
        [
            series[:, _leg_columns(shape, leg)] * terms.legs[leg].lot_size * mine[leg]
            for leg in legs
        ],
        axis=1,
    )
    entry = np.stack(
        [series[:, _leg_columns(shape, leg) + at.LEG_SERIES.index("entry")] for leg in legs],
        axis=1,
    )
    marks = np.stack([tape.prices[:, leg * at.PRICE_ROWS + at.MARK, 0] for leg in legs], axis=1)
    first = _account_columns(shape, shape.accounts) + account * shape.assets
    amounts = series[:, first : first + shape.assets].copy()
    worth = tape.worth[:, at.WORTH :: at.WORTH_ROWS, 0]
    base = terms.assets.index(terms.accounts[account].collateral)
    wallet = amounts[:, base].copy()
    amounts[:, base] = 0.0
    pledges = pledges_of(
        terms,
        account,
        Holdings(
            lots=[0.0] * shape.legs,
            entry=[1.0] * shape.legs,
            start=marks[0].tolist(),
            worst=marks[0].tolist(),
            pledges=amounts[0].tolist(),
            worth=worth[0].tolist(),
        ),
    )
    same = [leg.asset == terms.legs[number].asset for leg in terms.legs]
    inverse = np.array([leg.inverse for leg in terms.legs], dtype=np.float64)
    moves = (np.array(same, dtype=np.float64), inverse)
    relative = worth / worth[:, base : base + 1]
    path = np.empty(len(wallet))
    for begin, end, ruled in _spells(told):
        part = slice(begin, end)
        path[part] = shared_liquidation_path(
            number,
            (size[part], entry[part], wallet[part], amounts[part]),
            (marks[part], relative[part]),
            moves,
            schedule_of(ruled.legs),
            pledges,
        )
    return path


def _account(told: Told, shape: Shape, batch: Batch, number: int) -> AccountRun:
    margin = told.job.margins[number]
    first = _account_columns(shape, number)
    columns = {
        name: batch.series[0][:, first + column] for column, name in enumerate(at.ACCOUNT_SERIES)
    }
    closes = told.recorded.tape.clock[1:, at.TIME]
    used = told.boundless - batch.series[1][:, first + at.ACCOUNT_SERIES.index("line")]
    needed = float(max(used.max(), 0.0))
    missing = np.maximum(used - margin.reserve, 0.0)
    events = batch.events[0]
    mine = events[:, at.EVENT_POCKET] == number
    kinds = events[:, at.EVENT_KIND]
    unmet = events[mine & (kinds == at.KIND_UNMET)]
    return AccountRun(
        name=margin.name,
        collateral=margin.collateral,
        mode=margin.mode,
        deposit=margin.deposit,
        reserve=margin.reserve,
        reserve_from=margin.reserve_from,
        series=pl.DataFrame(
            {
                "time": closes,
                "wallet": columns["wallet"],
                "unrealised": columns["unrealised"],
                "maintenance": columns["maintenance"],
                "reserve": columns["cash"] + columns["line"],
                "in_transit": columns["transit"],
                "debt": columns["debt"],
                "pledged": columns["pledged"],
            }
        ).with_columns(pl.col("time").cast(pl.Datetime("ns", "UTC"))),
        top_ups=int((mine & (kinds == at.KIND_TOP_UP)).sum()),
        withdrawals=int((mine & (kinds == at.KIND_WITHDRAWAL)).sum()),
        unmet=tuple(
            (int(closes[int(event[at.EVENT_STEP])]), float(event[at.EVENT_CASH])) for event in unmet
        ),
        needed_reserve=needed,
        needed_balance_years=float(missing.sum() * (told.request.step / YEAR)),
        pledges=margin.pledges,
    )


def _exit_cost(told: Told, shape: Shape, series: Floats) -> float:
    """Return what closing every position at the last close would cost: fee, spread, impact."""
    terms = _spells(told)[-1][2]
    total = 0.0
    for number, leg in enumerate(terms.legs):
        size = float(series[-1, _leg_columns(shape, number)]) * leg.lot_size
        if size == 0.0:
            continue
        rows = told.recorded.tape.prices[-1, number * at.PRICE_ROWS :, 0]
        settle = terms.assets.index(leg.settle) * at.WORTH_ROWS + at.WORTH
        worth = float(told.recorded.tape.worth[-1, settle, 0])
        spread = 0.0
        if not terms.maker:
            participation = abs(size) / rows[at.VOLUME] if terms.impact > 0.0 else 0.0
            spread = slippage_fraction(
                terms.half_spread, terms.impact, 0.0, float(rows[at.DEVIATION]), participation
            )
        value = notional(size, float(rows[at.CLOSE]), leg.inverse) * worth
        total += value * (leg.fee + spread)
    return total


def _stamps(told: Told, totals: Floats, events: Floats) -> tuple[str, ...]:
    lines = list(told.recorded.stamps) + list(told.composed.stamps)
    refused = events[events[:, at.EVENT_KIND] == at.KIND_REJECT, at.EVENT_EXTRA]
    if (refused == 0.0).any():
        lines.append(f"{int((refused == 0.0).sum())} orders were refused in declared outages")
    if (refused != 0.0).any():
        lines.append(
            f"{int((refused != 0.0).sum())} orders were cancelled by a venue about to liquidate"
        )
    if totals[at.CAPPED]:
        lines.append(
            f"{int(totals[at.CAPPED])} orders were cut to what the account's equity could open"
        )
    if not told.composed.terms.maker and told.composed.terms.impact == 0.0:
        lines.append("fills move no price: [execution] impact is 0")
    return tuple(lines)
