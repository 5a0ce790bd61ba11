"""From a job and the venues' rules on a day to the terms of a run."""

from dataclasses import dataclass
from datetime import date

import numpy as np

from hedgerow.engine.job import Hedge, Job
from hedgerow.engine.terms import (
    AccountTerms,
    Brackets,
    Fill,
    Funds,
    LegTerms,
    PledgeTerms,
    Terms,
)
from hedgerow.errors import ConfigError
from hedgerow.margin.account import Margin
from hedgerow.market.instrument import MONEY, parse_symbol
from hedgerow.market.requirement import requirement_of
from hedgerow.market.table_file import Table
from hedgerow.market.tables import contract_rules, spot_fee
from hedgerow.market.venue import ContractRules
from hedgerow.policies.mixed import AnyRule, Mixed, mixed


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Composed:
    """Terms with the rules they came from, one of each a hedge, and what must be said of them."""

    terms: Terms
    rules: tuple[ContractRules, ...]
    stamps: tuple[str, ...]


def compose(
    job: Job, holdings: dict[str, float], on: date, extra: tuple[Table, ...] = ()
) -> Composed:
    """Return the terms of a job under the rules in force on a day.

    Parameters
    ----------
    holdings
        What the book holds at the start, flows before it counted in, by asset.
    extra
        A person's own venue tables.

    Raises
    ------
    UnknownName
        If a venue, an instrument or a fee tier is unknown.
    ConfigError
        If nothing is held that a hedge could hedge.
    """
    rules = tuple(contract_rules(hedge.venue, hedge.instrument, on, extra) for hedge in job.hedges)
    assets = _assets(job)
    for hedge in job.hedges:
        _check_exposed(job, hedge)
    selling = any(m.pledges or "sold" in (m.reserve_from, m.deposit_from) for m in job.margins)
    spot = spot_fee(job.hedges[0].venue, on, extra=extra) if selling else None
    terms = Terms(
        assets=assets,
        cash=frozenset(asset for asset in assets if asset in MONEY),
        numeraire_coin=job.book.numeraire_coin,
        holdings=tuple(holdings.get(asset, 0.0) for asset in assets),
        legs=tuple(_leg(job, hedge, each) for hedge, each in zip(job.hedges, rules, strict=True)),
        accounts=tuple(_account(job, margin) for margin in job.margins),
        rule=_rule(job),
        fill=Fill(job.execution.fill),
        maker=job.execution.role == "maker",
        half_spread=job.execution.half_spread,
        impact=job.execution.impact,
        latency_seconds=job.execution.latency_seconds,
        spot_fee=0.0 if spot is None else float(spot[0].taker),
        cash_rate=job.financing.cash,
        borrow_rate=job.financing.borrow,
        staking_rate=job.financing.staking,
    )
    stamps = [line for rule in rules for line in rule.stamps()]
    if spot is not None:
        fee, origin = spot
        stamps.append(f"coins are sold at the spot taker fee of {fee.taker} ({origin.source})")
    stamps += _pledge_stamps(job)
    return Composed(terms=terms, rules=rules, stamps=tuple(dict.fromkeys(stamps)))


def _assets(job: Job) -> tuple[str, ...]:
    names = [holding.asset for holding in job.book.holdings]
    for hedge in job.hedges:
        symbol = parse_symbol(hedge.instrument)
        names += [symbol.base, str(symbol.settle)]
    for margin in job.margins:
        names += [margin.collateral, *(pledge.asset for pledge in margin.pledges)]
    if job.book.numeraire_coin is not None:
        names.append(job.book.numeraire_coin)
    return tuple(dict.fromkeys(names))


def _pledge_stamps(job: Job) -> list[str]:
    return [
        f"account {margin.name}: {pledge.amount:g} {pledge.asset} count as collateral less a "
        f"haircut of {pledge.haircut:.2%}, the same for every amount; what the account owes costs "
        "the rate of borrowing, and its open losses do not"
        for margin in job.margins
        for pledge in margin.pledges
    ]


def _check_exposed(job: Job, hedge: Hedge) -> None:
    base = parse_symbol(hedge.instrument).base
    held = [holding.asset for holding in job.book.holdings]
    if base in held or base == job.book.numeraire_coin:
        return
    raise ConfigError(
        f"[hedge] instrument = {hedge.instrument!r} hedges {base}, but the book holds "
        f"{', '.join(held)}; choose a perpetual of one of those"
    )


def _leg(job: Job, hedge: Hedge, rules: ContractRules) -> LegTerms:
    symbol = parse_symbol(hedge.instrument)
    tier = rules.fee(job.fees.tier)
    taker = float(tier.taker) if job.fees.taker is None else job.fees.taker
    maker = float(tier.maker) if job.fees.maker is None else job.fees.maker
    return LegTerms(
        instrument=hedge.instrument,
        asset=symbol.base,
        account=hedge.account,
        settle=str(symbol.settle),
        inverse=rules.perpetual.inverse,
        lot_size=float(rules.perpetual.lot_size),
        minimum=float(rules.perpetual.minimum_notional),
        brackets=brackets_of(rules, taker, cross=job.margin_of(hedge).mode == "cross"),
        method=rules.liquidation.method,
        step=float(rules.liquidation.step),
        step_above=float(rules.liquidation.step_above),
        backstop=float(rules.liquidation.backstop),
        fee=maker if job.execution.role == "maker" else taker,
        liquidation_fee=float(rules.liquidation.fee),
        ratio=hedge.ratio,
        by_value=hedge.mode == "value",
        cooldown_hours=hedge.cooldown_hours,
        minimum_trade=hedge.minimum_trade,
        naked_limit=hedge.naked_limit,
        max_leverage=hedge.max_leverage,
        numbers=_numbers(job, hedge),
    )


def _rule(job: Job) -> AnyRule:
    return mixed([hedge.policy.rule for hedge in job.hedges])


def _numbers(job: Job, hedge: Hedge) -> tuple[float, ...]:
    rule, own = _rule(job), hedge.policy.numbers()
    return rule.numbers(hedge.policy.rule, own) if isinstance(rule, Mixed) else own


def brackets_of(
    rules: ContractRules, taker: float | None = None, *, cross: bool = False
) -> Brackets:
    """Return a contract's maintenance schedule as arrays; `taker` is the fee of closing."""
    asked = requirement_of(rules, taker, cross=cross)
    return Brackets(
        floor=asked.floor,
        cap=asked.cap,
        rate=asked.rate,
        amount=asked.amount,
        leverage=np.array([float(tier.max_leverage) for tier in rules.tiers]),
        kind=asked.kind,
        slope=asked.slope,
        opening_slope=float(rules.margin.initial_slope),
    )


def _account(job: Job, margin: Margin) -> AccountTerms:
    raised = "sold" in (margin.deposit_from, margin.reserve_from)
    coin = parse_symbol(job.hedges_in(margin)[0].instrument).base
    declared = any(holding.asset == margin.collateral for holding in job.book.holdings)
    return AccountTerms(
        name=margin.name,
        collateral=margin.collateral,
        deposit=margin.deposit,
        deposit_from=Funds(margin.deposit_from),
        reserve=margin.reserve,
        reserve_from=Funds(margin.reserve_from),
        from_holding=declared and not margin.extra,
        sells=coin if raised else None,
        top_up_below=margin.top_up_below,
        top_up_to=margin.upto,
        withdraw_above=np.inf if margin.withdraw_above is None else margin.withdraw_above,
        withdraw_to=margin.downto,
        delay_seconds=margin.transfer_hours * 3600.0,
        stay=margin.after_liquidation == "stay",
        pledges=tuple(
            PledgeTerms(
                asset=pledge.asset,
                amount=pledge.amount,
                haircut=pledge.haircut,
                from_holding=not pledge.extra
                and any(holding.asset == pledge.asset for holding in job.book.holdings),
            )
            for pledge in margin.pledges
        ),
    )
