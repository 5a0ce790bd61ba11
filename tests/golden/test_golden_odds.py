"""Odds of liquidation and the hedge under it, against integrals worked out to fifty digits."""

import re

from golden_cases import Case, cases, golden

from hedgerow.margin.odds.closed_form import odds_of_liquidation
from hedgerow.margin.odds.hedge_under_liquidation import hedge_under_liquidation
from hedgerow.margin.odds.models import Diffusion, Horizon
from hedgerow.margin.odds.smallest_deposit import smallest_deposit
from hedgerow.margin.odds.stake import Stake, flat_stake

TOUCH = "liquidation_first_passage"
HEDGE = "hedge_under_liquidation"


def asks_for_leverage(case: Case) -> bool:
    return "max_leverage" in case.expected


def asks_for_odds(case: Case) -> bool:
    return "prob" in case.expected


def a_stake(case: Case, leverage: float, entry: float) -> Stake:
    return flat_stake(
        side=int(case.number("side", -1)),
        leverage=leverage,
        maintenance=case.number("mmr", 0.0),
        entry=entry,
    )


def a_diffusion(case: Case) -> Diffusion:
    return Diffusion(volatility=case.number("sigma"), drift=case.number("mu", 0.0))


def a_horizon(case: Case, monitor_hours: float = 0.0) -> Horizon:
    return Horizon(days=365.0 * case.number("T"), monitor_hours=monitor_hours)


@golden(TOUCH, asks_for_odds)
def test_the_odds_of_a_touch_before_the_horizon(case: Case) -> None:
    entry = case.number("entry", 1.0)
    stake = a_stake(case, case.number("leverage"), entry)
    odds = odds_of_liquidation(stake, a_diffusion(case), a_horizon(case))
    case.check(odds.price / entry, "liq_price_over_entry")
    case.check(odds.probability, "prob")


def monitored(case: Case) -> dict[str, float]:
    """Return the hours between looks by the key that asks for the odds with them."""
    found = {key: re.fullmatch(r"prob_(\d+)h_monitored_bgk", key) for key in case.expected}
    return {key: float(match[1]) for key, match in found.items() if match}


@golden(TOUCH, lambda case: bool(monitored(case)))
def test_the_odds_where_the_venue_looks_every_few_hours(case: Case) -> None:
    stake = a_stake(case, case.number("leverage"), case.number("entry", 1.0))
    for key, hours in monitored(case).items():
        odds = odds_of_liquidation(stake, a_diffusion(case), a_horizon(case, hours))
        case.check(odds.probability, key)


@golden(TOUCH, asks_for_leverage)
def test_the_highest_leverage_for_given_odds(case: Case) -> None:
    entry = case.number("entry", 1.0)
    stake = a_stake(case, 1.0, entry)
    found = smallest_deposit(stake, a_diffusion(case), a_horizon(case), case.number("alpha"))
    case.check(found.leverage, "max_leverage")
    case.check(found.liquidation_price / entry, "liq_price_over_entry")


@golden(HEDGE)
def test_the_hedge_of_least_variance_under_automatic_liquidation(case: Case) -> None:
    stake = a_stake(case, case.number("leverage"), case.number("spot0", 1.0))
    found = hedge_under_liquidation(stake, a_diffusion(case), a_horizon(case))
    case.check(found.ratio, "theta_star")
    case.check(found.effectiveness, "effectiveness")
    case.check(found.probability, "liq_prob")


def test_every_case_of_both_files_is_answered() -> None:
    for case in cases(TOUCH):
        answered = {"liq_price_over_entry", "prob", "max_leverage", *monitored(case)}
        assert asks_for_odds(case) or asks_for_leverage(case), case.id
        assert set(case.expected) <= answered, case.id
    for case in cases(HEDGE):
        assert set(case.expected) <= {"theta_star", "effectiveness", "liq_prob"}, case.id
