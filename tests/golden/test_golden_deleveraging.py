"""Deleveraging scores: BitMEX's formula, and a score that a Binance user read off the API."""

from golden_cases import Case, golden

from hedgerow.margin.deleveraging.ranking import (
    leverage_profit_quantile_score,
    profit_leverage_score,
)

TOPICS = {"adl_ranking", "adl_leverage_pnl"}


@golden("perp_exchange_examples", lambda case: case.topic == "adl_ranking")
def test_profit_times_leverage_ranks_as_published(case: Case) -> None:
    found = profit_leverage_score(
        case.number("mark_value"), case.number("avg_entry_value"), case.number("bankrupt_value")
    )
    case.check(float(found))


@golden("perp_exchange_examples", lambda case: case.topic == "adl_leverage_pnl")
def test_the_leverage_pnl_quantile_score_is_the_one_shown(case: Case) -> None:
    wallet, unrealised = case.number("wallet"), case.number("unrealized")
    if "margin_ratio" in case.inputs:
        ratio = case.number("margin_ratio")
    else:
        ratio = case.number("maintenance_margin") / (wallet + unrealised)
    case.check(float(leverage_profit_quantile_score(unrealised, wallet, ratio)))
