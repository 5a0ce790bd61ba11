"""Published margins, liquidation prices, profits and sizes of twelve venues."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from golden_cases import Case, cases, golden
from golden_positions import (
    account_of,
    first_of,
    is_inverse,
    position_of,
    shown,
    side_of,
    size_of,
    sloped_terms,
    wallet_of,
)

from hedgerow.margin.bracket_table import maintenance_amounts, tiers_of
from hedgerow.margin.collateral import Collateral
from hedgerow.margin.initial import initial_margin
from hedgerow.margin.liquidation import bankruptcy_price, liquidation_price
from hedgerow.margin.loss import isolated_loss
from hedgerow.margin.margin_account import (
    MarginAccount,
    available_balance,
    isolated,
    margin_ratio,
)
from hedgerow.margin.outcome import Outcome, Trade, average_price, return_on_margin
from hedgerow.margin.portfolio.option_settlement import option_payoff, settled_in_coin
from hedgerow.margin.position import Position
from hedgerow.margin.protocols.quantums import (
    ChainMarket,
    Subaccount,
    initial_quantums,
    maintenance_quantums,
)
from hedgerow.margin.terms import flat_terms
from hedgerow.margin.wallet import deposit_of_cash
from hedgerow.market.venue import LiquidationRule

FILE = "perp_exchange_examples"
TOPICS = {
    "available_balance",
    "average_entry",
    "bankruptcy_price",
    "bankruptcy_price_quote",
    "fee",
    "fee_to_close",
    "initial_margin",
    "isolated_loss",
    "isolated_margin",
    "liquidation_price_cross",
    "liquidation_price_isolated",
    "maintenance_amount",
    "maintenance_margin",
    "maintenance_margin_tiered",
    "margin_ratio",
    "notional_quote_quantums",
    "option_settlement_coin",
    "option_settlement_usd",
    "pnl_inverse",
    "pnl_linear",
    "position_value",
    "realized_pnl",
    "roi_pct",
    "upl_ratio",
}


def on(*topics: str) -> pytest.MarkDecorator:
    """Return the cases of these topics."""
    assert TOPICS.issuperset(topics)
    return golden(FILE, lambda case: case.topic in topics)


@on("liquidation_price_cross", "liquidation_price_isolated")
def test_an_account_is_liquidated_at_the_published_price(case: Case) -> None:
    case.check(shown(liquidation_price(account_of(case))))


@on("bankruptcy_price")
def test_an_account_is_bankrupt_at_the_published_price(case: Case) -> None:
    case.check(shown(bankruptcy_price(account_of(case))))


@on("bankruptcy_price_quote")
def test_a_subaccount_is_closed_for_the_published_quote(case: Case) -> None:
    inputs = case.inputs

    def market(price: object) -> ChainMarket:
        return ChainMarket(
            price=int(Decimal(str(price)) * 10**8),
            exponent=-8,
            atomic_resolution=-10,
            initial_ppm=int(Decimal(str(inputs["mmf"])) * 10**6),
        )

    def quantums(coins: object) -> int:
        return int(Decimal(str(coins)) * 10**10)

    account = Subaccount(
        quote=int(Decimal(str(inputs["quote_balance"])) * 10**6),
        positions=(
            (market(inputs["oracle"]), quantums(inputs["position"])),
            *((market(price), quantums(size)) for size, price in inputs.get("others", ())),
        ),
    )
    delta = inputs.get("delta", -Decimal(str(inputs["position"])))
    case.check(account.bankruptcy_quote(0, quantums(delta)) / 1e6)


@on("maintenance_margin")
def test_maintenance_is_the_published_one(case: Case) -> None:
    inputs = case.inputs
    if "maintenance_fraction_ppm" in inputs:
        found = maintenance_quantums(int(inputs["im"]), int(inputs["maintenance_fraction_ppm"]))
        assert found == int(case.expected)
        return
    if "slope_per_coin" in inputs:
        held = Position(
            terms=sloped_terms(case, initial=False),
            size=size_of(inputs),
            entry=case.number("price"),
        )
        case.check(held.maintenance())
        return
    # The closing fee is no part of what these venues print as maintenance.
    held = position_of(case)
    held = replace(held, terms=replace(held.terms, closing_fee="none"))
    case.check(held.maintenance())


@on("initial_margin")
def test_initial_margin_is_the_published_one(case: Case) -> None:
    inputs = case.inputs
    if "im_ppm" in inputs:
        check_initial_quantums(case)
        return
    if "slope_per_coin" in inputs:
        held = Position(
            terms=sloped_terms(case, initial=True),
            size=size_of(inputs),
            entry=case.number("price"),
        )
    elif "value_xbt" in inputs:
        terms = flat_terms(0.0, initial=case.number("im_rate"))
        held = Position(terms=terms, size=case.number("value_xbt"), entry=1.0)
    else:
        held = position_of(case)
    case.check(initial_margin(held))


def check_initial_quantums(case: Case) -> None:
    inputs = case.inputs
    market = ChainMarket(
        price=int(inputs.get("price", 0)),
        exponent=int(inputs.get("exponent", 0)),
        atomic_resolution=int(inputs.get("atomic_resolution", 0)),
        initial_ppm=int(inputs["im_ppm"]),
        lower_cap=int(inputs.get("lower_cap", 0)),
        upper_cap=int(inputs.get("upper_cap", 0)),
    )
    interest = int(inputs.get("oi_notional", 0))
    if "notional" in inputs:
        found = initial_quantums(int(inputs["notional"]), market, interest)
    else:
        found = market.initial(int(inputs["quantums"]), interest)
    assert found == int(case.expected)


@on("notional_quote_quantums")
def test_a_notional_in_quantums_is_cut_as_published(case: Case) -> None:
    inputs = case.inputs
    market = ChainMarket(
        price=int(inputs["price"]),
        exponent=int(inputs["exponent"]),
        atomic_resolution=int(inputs["atomic_resolution"]),
    )
    assert market.net_notional(int(inputs["quantums"])) == int(case.expected)


@on("maintenance_amount")
def test_a_maintenance_amount_follows_from_the_one_below(case: Case) -> None:
    exact = {key: Decimal(str(value)) for key, value in case.inputs.items()}
    amounts = maintenance_amounts(
        [Decimal(0), exact["floor"]],
        [exact["mmr_nm1"], exact["mmr_n"]],
        exact.get("cum_nm1", Decimal(0)),
    )
    case.check(float(amounts[-1]))


@on("maintenance_margin_tiered")
def test_brackets_charge_each_part_its_own_rate(case: Case) -> None:
    table = case.inputs["tiers"]
    tiers = tiers_of([row[0] for row in table], [float(row[2]) for row in table])
    terms = replace(flat_terms(0.0), tiers=tiers)
    value = case.number("position_value")
    held = Position(terms=terms, size=side_of(case.inputs) * value, entry=1.0)
    case.check(held.maintenance())


@on("position_value")
def test_a_position_is_worth_what_is_published(case: Case) -> None:
    inputs = case.inputs
    price = first_of(inputs, ("mark", "price", "entry"))
    case.check(position_of(case).notional(price))


@on("pnl_linear", "pnl_inverse")
def test_a_profit_is_the_published_one(case: Case) -> None:
    inputs = case.inputs
    entry = case.number("entry")
    out = first_of(inputs, ("exit", "mark"))
    assert out is not None
    size = size_of(inputs)
    if "size_value_xbt" in inputs:
        size /= entry  # the value at the entry is given instead of the size
    trade = Trade(size=size, entry=entry, exit=out, inverse=is_inverse(case))
    case.check(trade.pnl)


@on("average_entry")
def test_fills_average_to_the_published_entry(case: Case) -> None:
    fills = [(float(size), float(price)) for size, price in case.inputs["fills"]]
    case.check(average_price(fills, inverse=is_inverse(case)))


@on("fee")
def test_fees_of_both_ends_are_the_published_ones(case: Case) -> None:
    trade = Trade(
        size=size_of(case.inputs),
        entry=case.number("entry"),
        exit=case.number("exit"),
        entry_fee=case.number("fee_rate_open"),
        exit_fee=case.number("fee_rate_close"),
        inverse=is_inverse(case),
    )
    case.check(trade.fees)


@on("fee_to_close")
def test_the_fee_to_close_is_that_at_the_bankruptcy_price(case: Case) -> None:
    held = position_of(case)
    bust = bankruptcy_price(isolated(held, wallet_of(case, held)))
    assert bust is not None
    case.check(held.notional(bust) * held.terms.taker_fee)


@on("realized_pnl")
def test_profit_fees_funding_and_penalty_add_up(case: Case) -> None:
    outcome = Outcome(
        price=case.number("pnl"),
        fees=case.number("fee", 0.0),
        funding=case.number("funding", 0.0),
        penalty=case.number("liq_penalty", 0.0),
    )
    case.check(outcome.total)


@on("roi_pct")
def test_return_on_what_was_put_up(case: Case) -> None:
    found = return_on_margin(case.number("upl"), case.number("im"), case.number("closing_fee", 0.0))
    case.check(100.0 * found)


@on("upl_ratio")
def test_profit_over_initial_margin(case: Case) -> None:
    inputs = case.inputs
    size = float(inputs.get("contracts", 1)) * (first_of(inputs, ("ct_val", "contract_usd")) or 1.0)
    terms = flat_terms(0.0, symbol="BTC/USD:BTC" if is_inverse(case) else "BTC/USDT:USDT")
    held = Position(
        terms=terms, size=size, entry=case.number("entry"), leverage=case.number("lever")
    )
    case.check(return_on_margin(case.number("upl"), initial_margin(held)))


@on("available_balance")
def test_what_is_left_to_open_with(case: Case) -> None:
    equity = case.number("wallet") + case.number("upl", 0.0)
    case.check(available_balance(equity, case.number("im")))


@on("margin_ratio")
def test_equity_over_requirement(case: Case) -> None:
    held = position_of(
        Case(case.id, {**case.raw, "inputs": {"entry": case.inputs["mark"], **case.inputs}})
    )
    fee = held.terms.taker_fee * held.notional()
    equity = case.number("margin") + case.number("upl", 0.0)
    case.check(margin_ratio(equity, case.number("mm") + fee))


@on("isolated_loss")
def test_an_isolated_position_loses_its_margin_and_no_more(case: Case) -> None:
    inputs = case.inputs
    price = case.number("price")
    value = first_of(inputs, ("position_value_xbt", "position_value"))
    assert value is not None
    held = Position(terms=flat_terms(0.0), size=side_of(inputs) * abs(value) / price, entry=price)
    takeover = LiquidationRule(method="bankruptcy", fee=Decimal(0))
    case.check(isolated_loss(held, case.number("margin"), case.number("liq"), takeover))


@on("isolated_margin")
def test_an_isolated_margin_is_its_cash_and_its_position(case: Case) -> None:
    price = case.number("mark", 1.0)
    value = first_of(case.inputs, ("position_value",))
    value = case.number("szi") * price if value is None else value
    held = Position(
        terms=flat_terms(0.0), size=side_of(case.inputs) * abs(value) / price, entry=price
    )
    deposit = deposit_of_cash(held, case.number("raw_usd"))
    cash = Collateral(asset="USDT", amount=deposit)
    case.check(MarginAccount(positions=(held,), collaterals=(cash,)).equity)


@on("option_settlement_coin", "option_settlement_usd")
def test_an_option_settles_at_the_published_amount(case: Case) -> None:
    inputs = case.inputs
    kind: Any = inputs["type"]
    multiplier = case.number("multiplier", 1.0)
    strike, delivery = case.number("strike"), case.number("delivery")
    if case.topic == "option_settlement_coin":
        paid = case.number("premium_coin", 0.0)
        found = settled_in_coin(kind, strike, delivery, multiplier)
    else:
        paid = case.number("premium", 0.0)
        found = option_payoff(kind, strike, delivery, multiplier)
    sign = -1.0 if inputs.get("side") == "short" else 1.0
    case.check(sign * (found - multiplier * paid))


@golden("inverse_pnl_identities")
def test_inverse_profit_locks_dollars(case: Case) -> None:
    entry, out = case.number("entry"), case.number("exit")
    if "coins" in case.inputs:
        coins = case.number("coins")
        face = coins * entry
        case.check(face, "contracts_usd")
        short = Trade(size=-face, entry=entry, exit=out, inverse=True)
        case.check(short.pnl, "coin_pnl", scale=10.0 * coins)
        case.check((coins + short.pnl) * out, "usd_value_end", scale=10.0 * face)
        return
    face = case.number("usd_liability")
    long = Trade(size=face, entry=entry, exit=out, inverse=True)
    linear = Trade(size=face / entry, entry=entry, exit=out)
    case.check(long.pnl, "coin_pnl_long", scale=10.0 * face / entry)
    case.check(long.pnl * out, "usd_pnl_at_exit", scale=10.0 * face)
    case.check(linear.pnl, "linear_equiv_pnl", scale=10.0 * face)


def test_the_fillable_price_is_the_exact_fraction() -> None:
    # A long of 1 coin at 100 with a tenth of maintenance, half of it covered.
    market = ChainMarket(price=100, exponent=0, atomic_resolution=-6, initial_ppm=100_000)
    account = Subaccount(quote=-95_000_000, positions=((market, 1_000_000),))
    assert account.fillable_price(0) == Fraction(100) - Fraction(1, 2) * Fraction(15, 10) * 10


def test_the_cases_of_this_page_are_there() -> None:
    assert {case.topic for case in cases(FILE)} & TOPICS
