"""The words that tables may use are those that the rules answer to."""

from hedgerow.funding import marks, rules
from hedgerow.market import rule_names
from hedgerow.market.requirement import KINDS


def test_each_funding_word_names_a_rule() -> None:
    assert set(rule_names.FUNDING_METHODS) == set(rules.METHODS)
    assert set(rule_names.FUNDING_NEEDS) == set(rules.METHODS)


def test_each_mark_word_names_a_rule() -> None:
    assert set(rule_names.MARK_METHODS) == set(marks.RULES)


def test_each_margin_word_names_a_kind() -> None:
    assert set(rule_names.MARGIN_METHODS) == set(KINDS)
