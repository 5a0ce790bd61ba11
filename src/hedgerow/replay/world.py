"""The past as a world: a job over recorded (or simulated) markets gives a Run."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from hedgerow.analysis.run import Run
from hedgerow.engine.batch import Plan, run_lanes
from hedgerow.engine.compose import Composed, compose
from hedgerow.engine.job import Hedge, Job
from hedgerow.engine.pack import changes_of, fixed_of, numbers_of, shape_of, table_of
from hedgerow.engine.terms import AccountTerms, Funds, RuleChange
from hedgerow.errors import ConfigError, SpanError, UnknownName
from hedgerow.execution.costs import Execution, Fees
from hedgerow.funding.financing import Financing
from hedgerow.margin.account import Margin
from hedgerow.margin.deleveraging.schedule import DeleveragingRule
from hedgerow.market.instrument import MONEY, parse_symbol
from hedgerow.market.source import MarketSource
from hedgerow.market.table_file import Table
from hedgerow.replay.market_tape import Recorded, record_of
from hedgerow.replay.record import Told, run_of
from hedgerow.replay.request import (
    FlowEvent,
    MarketLeg,
    Outage,
    Request,
    parse_step,
    stand_in,
)
from hedgerow.replay.rule_changes import rule_changes
from hedgerow.units import iso, nanoseconds

BOUNDLESS = 1e11  # collateral: a reserve that no run exhausts, and that floats hold to the cent


@dataclass(frozen=True, slots=True)
class Replay:
    """A span of recorded markets.

    Attributes
    ----------
    source
        A `Lake`, or any other `MarketSource`.
    start, end
        Whole UTC days, both included.
    bar
        Length of a bar: 15m, 1h, 8h.
    outages
        Windows in which a venue takes no orders or fills late.
    allow_gaps
        Run although settlements are missing; they are counted, never made up.
    proxy
        Recorded market, ``symbol`` or ``venue:symbol``, that stands in for an instrument's own.
    deleveraging
        When venues take winning positions away in a crash; never by default.
    """

    source: MarketSource
    start: date | str
    end: date | str
    bar: str = "1h"
    outages: tuple[Outage, ...] = ()
    allow_gaps: bool = False
    proxy: Mapping[str, str] = field(default_factory=dict)
    deleveraging: DeleveragingRule | None = None

    def __post_init__(self) -> None:
        for key in ("start", "end"):
            value = getattr(self, key)
            if isinstance(value, str):
                try:
                    object.__setattr__(self, key, date.fromisoformat(value))
                except ValueError:
                    raise SpanError(
                        f"{key} = {value!r} is no date; write it as 2020-01-31"
                    ) from None

    @property
    def first_day(self) -> date:
        """The first day."""
        assert isinstance(self.start, date)  # noqa: S101 - made so above
        return self.start

    @property
    def last_day(self) -> date:
        """The last day."""
        assert isinstance(self.end, date)  # noqa: S101 - made so above
        return self.end


def run_job(
    job: Job,
    world: Replay,
    *,
    config: str = "",
    seed: int | None = None,
    tables: tuple[Table, ...] = (),
    progress: Callable[[float], None] | None = None,
) -> Run:
    """Run one job over one world.

    Beside the book itself runs its twin with a boundless credit line, which shows what reserve
    would have been enough.

    Raises
    ------
    ConfigError, MarketDataError
        If the job and the data do not fit.
    AccountingError
        If the parts of the P&L do not add up.
    """
    prepared = prepare(job, world, tables)
    terms = prepared.composed.terms
    twin = replace(terms, accounts=tuple(boundless(account) for account in terms.accounts))
    batch = run_lanes(
        Plan(
            tape=prepared.recorded.tape,
            fixed=fixed_of(terms),
            shape=shape_of(terms),
            numbers=table_of([numbers_of(terms), numbers_of(twin)]),
            rule=terms.rule,
            recorded=(0, 1),
            changes=changes_of(terms, prepared.changes),
        ),
        progress=progress,
    )
    told = Told(
        job=job,
        request=prepared.request,
        composed=prepared.composed,
        recorded=prepared.recorded,
        changes=prepared.changes,
        deleveraging=world.deleveraging,
        simulated=world.source.simulated,
        config=config,
        seed=seed,
        boundless=BOUNDLESS,
    )
    return run_of(batch, told)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Prepared:
    """A job and a world made ready for the engines."""

    request: Request
    composed: Composed
    recorded: Recorded
    changes: tuple[RuleChange, ...]


def prepare(job: Job, world: Replay, tables: tuple[Table, ...] = ()) -> Prepared:
    """Return the terms and the tape of a job over a world."""
    step = parse_step(world.bar)
    opening, flows = _holdings(job, world)
    _check_placed(job, opening, flows)
    composed = compose(job, opening, world.first_day, tables)
    request = Request(
        start=world.first_day,
        end=world.last_day,
        step=step,
        legs=tuple(
            MarketLeg(
                venue=hedge.venue,
                instrument=hedge.instrument,
                listed=rules.listed,
                interval_hours=rules.funding.interval_hours,
                funding_price=rules.funding.price,
                ranking=rules.liquidation.deleveraging,
                hedged=hedge.ratio * opening.get(parse_symbol(hedge.instrument).base, 0.0),
                backing=_backing(job.margin_of(hedge)),
            )
            for hedge, rules in zip(job.hedges, composed.rules, strict=True)
        ),
        assets=composed.terms.assets,
        cash=composed.terms.cash,
        numeraire_coin=job.book.numeraire_coin,
        flows=flows,
        outages=world.outages,
        proxies=world.proxy,
        allow_gaps=world.allow_gaps,
        needs_volume=job.execution.impact > 0.0,
    )
    _check_outages(request)
    _check_proxies(request)
    recorded = record_of(world.source, request, world.deleveraging)
    changes, stamps = rule_changes(job, composed, request, tables)
    composed = replace(composed, stamps=composed.stamps + stamps)
    return Prepared(request=request, composed=composed, recorded=recorded, changes=changes)


def _backing(margin: Margin) -> dict[str, float]:
    """Return what lies in an account at the start, by asset."""
    return {
        margin.collateral: margin.deposit,
        **{pledge.asset: pledge.amount for pledge in margin.pledges},
    }


def _holdings(job: Job, world: Replay) -> tuple[dict[str, float], tuple[FlowEvent, ...]]:
    """Return what is held at the start, earlier flows counted in, and the later flows."""
    first = Request(
        start=world.first_day,
        end=world.last_day,
        step=parse_step(world.bar),
        legs=(),
        assets=(),
        cash=MONEY,
        numeraire_coin=None,
    ).first
    opening: dict[str, float] = {}
    later: list[FlowEvent] = []
    for holding in job.book.holdings:
        opening[holding.asset] = holding.amount
        for flow in holding.flows:
            when = nanoseconds(flow.time)
            if when <= first:
                opening[holding.asset] += flow.amount
            else:
                later.append(FlowEvent(time=when, asset=holding.asset, amount=flow.amount))
        if opening[holding.asset] < 0.0:
            raise ConfigError(
                f"{holding.asset}: flows up to {world.first_day} leave "
                f"{opening[holding.asset]:g}; a holding cannot be below zero"
            )
    return opening, tuple(later)


def _check_placed(job: Job, opening: dict[str, float], flows: tuple[FlowEvent, ...]) -> None:
    """Refuse flows that take out what lies in accounts: the book cannot spend it twice."""
    for holding in job.book.holdings:
        placed = sum(
            amount
            for margin in job.margins
            if margin.collateral == holding.asset and not margin.extra
            for amount, source in (
                (margin.deposit, margin.deposit_from),
                (margin.reserve, margin.reserve_from),
            )
            if source == "owned"
        ) + sum(
            pledge.amount
            for margin in job.margins
            for pledge in margin.pledges
            if pledge.asset == holding.asset and not pledge.extra
        )
        left = opening[holding.asset]
        for flow in (None, *sorted(flows, key=lambda flow: flow.time)):
            if flow is not None and flow.asset != holding.asset:
                continue
            left += 0.0 if flow is None else flow.amount
            if left < placed - 1e-9 * max(placed, 1.0):
                when = "at the start" if flow is None else f"after the flow of {iso(flow.time)}"
                raise ConfigError(
                    f"{holding.asset}: {when} the holding is {left:g}, but {placed:g} of it lie in "
                    "accounts and reserves; lower deposit or reserve, change the flows, or set "
                    "extra = true"
                )


def _check_outages(request: Request) -> None:
    venues = {leg.venue for leg in request.legs}
    for outage in request.outages:
        if outage.venue not in venues:
            raise ConfigError(
                f"[[world.outage]] venue = {outage.venue!r}: no hedge trades there "
                f"(there are {', '.join(sorted(venues))})"
            )
        if outage.end <= outage.start:
            raise ConfigError("[[world.outage]] end is not after start")


def _check_proxies(request: Request) -> None:
    names = [leg.instrument for leg in request.legs]
    for symbol, text in request.proxies.items():
        if symbol not in names:
            raise UnknownName("instrument", symbol, names, where="[data.proxy]")
        if parse_symbol(stand_in(text, "").symbol).is_spot:
            raise ConfigError(
                f"[data.proxy] {symbol} = {text!r} is a spot pair; a perpetual stands in for a "
                "perpetual, as only those have funding"
            )


def boundless(account: AccountTerms) -> AccountTerms:
    """Return an account that borrows whatever its calls ask, its own reserve included."""
    return replace(
        account, reserve=BOUNDLESS, reserve_from=Funds.BORROWED, from_holding=account.from_holding
    )


def run(
    hedge: Hedge | Sequence[Hedge],
    world: Replay,
    *,
    margin: Margin | Sequence[Margin],
    execution: Execution | None = None,
    fees: Fees | None = None,
    financing: Financing | None = None,
) -> Run:
    """Run a hedge, or several of one book, over a world; the front door to `run_job`.

    Raises
    ------
    ConfigError, MarketDataError
        If the parts contradict each other or the data.

    Examples
    --------
    >>> from hedgerow import Band, Book, Hedge, Holding, Margin, Replay, run, simulated_market
    >>> hedge = Hedge(
    ...     Book([Holding("BTC", 120.0)]),
    ...     instrument="BTC/USDT:USDT", venue="binance", policy=Band(half_width=0.02),
    ... )
    >>> margin = Margin(collateral="USDT", deposit=2_000_000, reserve=7_000_000)
    >>> world = Replay(simulated_market(7, days=60), "2024-01-02", "2024-01-31")
    >>> abs(run(hedge, world, margin=margin).pnl.residual) < 1e-3
    True
    """
    return run_job(
        Job(
            hedges=(hedge,) if isinstance(hedge, Hedge) else tuple(hedge),
            margins=(margin,) if isinstance(margin, Margin) else tuple(margin),
            execution=execution or Execution(),
            fees=fees or Fees(),
            financing=financing or Financing(),
        ),
        world,
    )
