"""A journal belongs to one kind of desk: other money or other legs are refused by name."""

from dataclasses import replace

import pytest
from pair_desk_makers import spread_setup

from hedgerow.ledger.journal import GENESIS, JournalError, Record, seal
from hedgerow.live.controller import Controller
from hedgerow.live.runtime import check_past
from hedgerow.live.setup import Setup

SETUP = spread_setup()


def past_of(setup: Setup) -> list[Record]:
    drafts = Controller(setup).start(1).drafts
    return [seal(draft, number, GENESIS) for number, draft in enumerate(drafts, start=1)]


def test_the_same_desk_goes_on() -> None:
    check_past(past_of(SETUP), SETUP)
    check_past([], SETUP)


def test_paper_and_real_money_share_no_journal() -> None:
    with pytest.raises(JournalError, match=r"was written in paper, and this desk runs in live"):
        check_past(past_of(SETUP), replace(SETUP, mode="live"))


def test_legs_in_another_order_are_refused_with_both_names() -> None:
    turned = replace(SETUP, listings=SETUP.listings[::-1])
    with pytest.raises(JournalError, match=r"knows leg 1 as .*; keep the order of the hedges"):
        check_past(past_of(SETUP), turned)


def test_a_leg_that_is_gone_is_refused_and_a_new_one_at_the_end_is_not() -> None:
    shorter = replace(SETUP, listings=SETUP.listings[:1])
    with pytest.raises(JournalError, match=r"and the config has none there"):
        check_past(past_of(SETUP), shorter)
    (started,) = [record for record in past_of(SETUP) if record.kind == "started"]
    fewer = replace(started, body={**started.body, "legs": started.body["legs"][:1]})
    check_past([fewer], SETUP)
