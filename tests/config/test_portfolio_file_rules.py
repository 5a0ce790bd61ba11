"""Derive's margin and Deribit's standard margin through a file; what a rule has no use for."""

from copy import deepcopy
from typing import Any

import pytest

from hedgerow.config.portfolio_file import RULES, read_portfolio
from hedgerow.errors import ConfigError
from hedgerow.margin.portfolio.account import DeriveAccount, StandardAccount
from hedgerow.margin.portfolio.derive import DeriveBook, DeriveOption, derive_margin
from hedgerow.margin.portfolio.frontier import account_frontier

DERIVE: dict[str, Any] = {
    "index": 1_500,
    "coins": 0.5,
    "cash": 1_000,
    "stable": 0.97,
    "spot_confidence": 0.9,
    "perp_confidence": 0.5,
    "rule": {"name": "derive"},
    "future": [
        {"size": 1.0, "mark": 1_505, "entry": 1_450, "funding": 10},
        {"size": 0.5, "mark": 1_505},
    ],
    "option": [
        {
            "quantity": -1.0,
            "strike": 1_600,
            "days": 10,
            "volatility": 0.7,
            "kind": "call",
            "forward": 1_508,
            "forward_fixed": 300,
            "rate": 0.03,
            "confidence": 0.4,
        },
        {"quantity": 2.0, "strike": 1_400, "days": 40, "volatility": 0.8, "kind": "put"},
    ],
}
STANDARD: dict[str, Any] = {
    "index": 50_000,
    "coins": 1.0,
    "rule": {"name": "deribit-standard"},
    "option": [
        {
            "quantity": -2.0,
            "strike": 52_500,
            "days": 0,
            "volatility": 0.6,
            "kind": "call",
            "settlement": "inverse",
        }
    ],
}


def changed(file: dict[str, Any], **keys: object) -> dict[str, Any]:
    return {**deepcopy(file), **keys}


def test_a_file_for_derive_is_the_account_it_describes() -> None:
    account = read_portfolio(DERIVE, "book.toml")
    assert isinstance(account, DeriveAccount)
    first = DeriveOption(
        expiry="10.0 days",
        years=10 / 365,
        strike=1_600.0,
        amount=-1.0,
        volatility=0.7,
        call=True,
        forward=1_208.0,
        forward_fixed=300.0,
        rate=0.03,
        confidence=0.4,
    )
    second = DeriveOption(
        expiry="40.0 days",
        years=40 / 365,
        strike=1_400.0,
        amount=2.0,
        volatility=0.8,
        call=False,
        forward=1_500.0,
    )
    assert account.book == DeriveBook(
        spot=1_500.0,
        stable=0.97,
        cash=1_000.0,
        base=0.5,
        perps=1.5,
        perp_price=1_505.0,
        unrealised=65.0,
        options=(first, second),
        spot_confidence=0.9,
        perp_confidence=0.5,
    )


def test_what_derive_asks_and_what_is_left_are_one_equity_apart() -> None:
    account = read_portfolio(DERIVE, "book.toml")
    assert isinstance(account, DeriveAccount)
    asked, left = account.requirement(), derive_margin(account.book)
    assert asked.equity - asked.maintenance == pytest.approx(left.maintenance)
    assert asked.equity - asked.initial == pytest.approx(left.initial)
    assert left.oracle_contingency < 0.0
    assert len(account.profits()) == 21


def test_a_perpetual_on_derive_dies_where_its_static_charge_and_scenario_say() -> None:
    # A short of one coin: 50 + 100 - P is left at P, and 0.15 P + 0.02 P is asked.
    file = {
        "index": 100,
        "cash": 50,
        "rule": {"name": "derive"},
        "future": [{"size": -1, "mark": 100}],
    }
    frontier = account_frontier(read_portfolio(file, "book.toml"))
    assert frontier.below is None
    assert frontier.above == pytest.approx(150.0 / 1.17)


def test_a_sold_option_at_deribit_is_backed_by_itself() -> None:
    # At expiry and 5 % out of the money the mark is 0: 0.1 and 0.075 a coin.
    account = read_portfolio(STANDARD, "book.toml")
    assert isinstance(account, StandardAccount)
    asked = account.requirement()
    assert asked.initial == pytest.approx(0.2)
    assert asked.maintenance == pytest.approx(0.15)
    assert (asked.equity, asked.numeraire) == (1.0, "coin")
    assert account.profits() == ()
    # In the money 2 (1 - K/F) is added, so 1 = 0.15 + 2 - 105,000 / F where the account dies.
    frontier = account_frontier(account)
    assert frontier.below is None
    assert frontier.above == pytest.approx(105_000.0 / 1.15)


def test_a_bought_option_saves_nothing_in_a_standard_account() -> None:
    bought = {**STANDARD["option"][0], "quantity": 2.0}
    both = changed(STANDARD, option=[STANDARD["option"][0], bought])
    alone = read_portfolio(STANDARD, "book.toml").requirement()
    assert read_portfolio(both, "book.toml").requirement() == alone


@pytest.mark.parametrize("rule", RULES)
def test_an_empty_book_is_refused_under_every_rule(rule: str) -> None:
    keys = {"price_range": 0.1, "volatility_range": 0.2} if rule == "span" else {}
    with pytest.raises(ConfigError, match=r"book\.toml: the book is empty"):
        read_portfolio({"index": 1.0, "rule": {"name": rule, **keys}}, "book.toml")


@pytest.mark.parametrize(
    ("file", "words"),
    [
        ({"index": 1.0, "coins": 1.0}, r"book\.toml: \[rule\] is missing; .*one of deribit, "),
        ({"index": 1.0, "coins": 1.0, "rule": {}}, r"\[rule\]: name is missing"),
        ({"index": 1.0, "coins": 1.0, "rule": "derive"}, "rule must be a table"),
        ({"index": 1.0, "rule": {"name": "derivee"}}, "did you mean 'derive'"),
        ([], r"book\.toml must be a table"),
        (changed(DERIVE, futures=[]), "unknown key 'futures'; did you mean 'future'"),
        (changed(DERIVE, coins=-1), r"coins = -1: it must be 0 or more"),
        (changed(DERIVE, stable=0), r"stable = 0\.0: it must be above 0"),
        (changed(DERIVE, spot_confidence=1.5), "spot_confidence = 1.5: it must be from 0 to 1"),
        (changed(DERIVE, rule={"name": "derive", "numeraire": "coin"}), "no use for numeraire"),
        (changed(DERIVE, rule={"name": "deribit"}), "no use for stable; .*has: derive"),
        (changed(STANDARD, cash=1.0), "'deribit-standard' has no use for cash"),
        (changed(STANDARD, index=10**400), "index = 1000.*it must be a finite number"),
        (
            changed(DERIVE, future=[{"size": 1, "mark": 1_505}, {"size": 1, "mark": 1_500}]),
            "mark = 1500, 1505: there is one perpetual",
        ),
        (
            changed(DERIVE, future=[{"size": 1, "mark": 0}]),
            r"\[\[future\]\] 1 mark = 0: it must be above 0",
        ),
        (
            changed(DERIVE, future=[{"size": 1, "mark": 1, "settlement": "inverse"}]),
            r"\[\[future\]\] 1: the rule 'derive' has no use for settlement",
        ),
    ],
)
def test_what_is_wrong_with_a_file_is_named(file: object, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        read_portfolio(file, "book.toml")


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"days": -1}, r"\[\[option\]\] 1 days = -1: it must be 0 or more"),
        ({"forward_fixed": 2_000}, "forward_fixed = 2000: it is a part of the forward, 1508"),
        ({"confidence": -0.1}, "confidence = -0.1: it must be from 0 to 1"),
        ({"strike": 0}, r"\[\[option\]\] 1: option: strike = 0\.0"),
        ({"volatilty": 0.5}, "unknown key 'volatilty'; did you mean 'volatility'"),
        ({"expiry": "same"}, "expiry = 'same': its options differ in days or rate"),
    ],
)
def test_what_is_wrong_with_an_option_on_derive_is_named(keys: dict[str, Any], words: str) -> None:
    options = deepcopy(DERIVE["option"])
    options[0].update(keys)
    options[1]["expiry"] = "same"
    with pytest.raises(ConfigError, match=words):
        read_portfolio(changed(DERIVE, option=options), "book.toml")


def test_an_option_that_settles_in_money_has_no_standard_margin_here() -> None:
    linear = {**STANDARD["option"][0], "settlement": "linear"}
    with pytest.raises(ConfigError, match=r"settlement: unknown value 'linear'.*known: inverse"):
        read_portfolio(changed(STANDARD, option=[linear]), "book.toml")
    del linear["settlement"]
    with pytest.raises(ConfigError, match="settlement is missing"):
        read_portfolio(changed(STANDARD, option=[linear]), "book.toml")
