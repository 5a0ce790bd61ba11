"""Money and positions that the desk did not move, as reviewers proved them mishandled."""

import asyncio
from dataclasses import replace
from decimal import Decimal

import pytest
from desk_bench import CARE, folded, hedged, is_hedged, kinds, said, setup, stage, state, tell

from hedgerow.adapters.journal.memory import MemoryJournal
from hedgerow.engine.desk_worth import parts, worth
from hedgerow.execution.order import AccountSnapshot, PositionReport
from hedgerow.execution.port import Failure, QuoteReport, Unreachable
from hedgerow.ledger import EntryKind
from hedgerow.live import runtime
from hedgerow.live.controller import Controller
from hedgerow.live.drill.stage import Stage
from hedgerow.live.drill.switches import Switches
from hedgerow.live.effects import FetchCash, LiveEffect
from hedgerow.live.paper.account import Flow
from hedgerow.live.paper.exchange import PaperExchange
from hedgerow.live.runtime import Around, Runtime
from hedgerow.live.setup import Answers
from hedgerow.live.signals import Order
from hedgerow.live.view import State
from hedgerow.live.wires import Wires


def move(found: Stage, amount: str, kind: str = "transfer") -> None:
    """Let cash come or go at the venue, past the desk."""
    found.venues["north"].exchange.by_hand("main", "USDT", Decimal(amount), found.now, kind)


def books_agree(found: Stage) -> bool:
    """Whether the wallet is the venue's, and every cent of equity is explained."""
    desk = found.controller.core.desk
    there = found.venues["north"].exchange.accounts["main"].balance("USDT")
    made = worth(desk.books, desk.market) - desk.books.sums.opening - desk.books.sums.flows
    return desk.books.purses[0].wallet == pytest.approx(
        float(there), abs=1e-6
    ) and made == pytest.approx(sum(parts(desk.books, desk.market)), abs=1e-6)


# --- cash -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("amount", ["100000", "-2500"])
def test_collateral_that_somebody_moves_by_hand_is_a_transfer_and_no_pause(amount: str) -> None:
    found = hedged()
    move(found, amount)
    found.pass_by(200.0)
    assert state(found) is State.TRADING
    assert not kinds(found, "difference")
    (fact,) = kinds(found, "cash")
    assert (fact["kind"], fact["amount"], fact["booked"]) == ("transfer", amount, True)
    (text,) = said(found, "balance-differs")
    assert "transfer" in text
    assert books_agree(found)
    assert folded(found).snapshot() == found.controller.snapshot()
    found.pass_by(7200.0)  # it is in the history of each later question
    assert len(kinds(found, "cash")) == 1
    assert books_agree(found)


@pytest.mark.parametrize(
    ("kind", "amount", "booked_as"),
    [
        ("rebate", "30", (EntryKind.FLOW, "rebate")),
        ("interest", "-41.5", (EntryKind.INTEREST, "")),
        ("insurance", "-77", (EntryKind.LIQUIDATION, None)),
        ("conversion", "19", (EntryKind.FLOW, "other")),
    ],
)
def test_cash_is_booked_by_what_it_is(
    kind: str, amount: str, booked_as: tuple[EntryKind, str | None]
) -> None:
    found = hedged()
    move(found, amount, kind)
    found.pass_by(200.0)
    assert state(found) is State.TRADING
    entry = list(found.controller.core.desk.ledger)[-1]
    assert entry.cash == float(amount)
    assert entry.kind is booked_as[0]
    assert booked_as[1] is None or entry.note == booked_as[1]
    assert books_agree(found)


def test_a_rebate_too_small_for_a_difference_is_booked_within_the_hour() -> None:
    found = hedged()
    move(found, "0.75", "rebate")
    found.pass_by(3700.0)
    (fact,) = kinds(found, "cash")
    assert fact["amount"] == "0.75"
    assert books_agree(found)
    assert state(found) is State.TRADING


def test_three_dollars_of_a_million_that_nobody_explains_do_not_pause() -> None:
    found = hedged()
    there = found.venues["north"].exchange.accounts["main"]
    there.pay(Flow(time=found.now, currency="USDT", amount=Decimal(3), kind="?"))
    found.pass_by(200.0)
    assert state(found) is State.TRADING


def test_cash_that_the_history_tells_late_is_not_booked_twice() -> None:
    found = hedged()
    there = found.venues["north"].exchange.accounts["main"]
    at = found.now
    there.pay(Flow(time=at, currency="USDT", amount=Decimal(-2500), kind="?"))
    found.pass_by(200.0)
    assert state(found) is State.PAUSED  # nothing explained it, so it is booked as it is
    assert books_agree(found)
    there.flows[-1] = there.flows[-1]._replace(kind="transfer", name="late-1")
    found.pass_by(3700.0)
    (fact,) = kinds(found, "cash")
    assert not fact["booked"]
    assert books_agree(found)
    assert len(kinds(found, "difference")) == 1


def test_a_desk_that_died_between_knows_what_it_booked() -> None:
    found = hedged()
    move(found, "100000")
    assert found.wait_for(lambda: bool(kinds(found, "cash")), 200.0) is not None
    found.kill()
    found.start()
    found.pass_by(3700.0)
    assert len(kinds(found, "cash")) == 1
    assert books_agree(found)
    assert state(found) is State.TRADING


class TellsNoCash(Switches):
    """The key may not read the account's history."""

    def before(self, effect: LiveEffect) -> Failure | None:
        if isinstance(effect, FetchCash):
            return Failure.REFUSED
        return super().before(effect)


def test_a_venue_that_tells_no_cash_is_named_once_and_the_rest_goes_on() -> None:
    found = hedged()
    found.switches = TellsNoCash()
    move(found, "100000")
    found.pass_by(7400.0)
    assert len([t for t in said(found, "balance-differs") if "does not tell" in t]) == 1
    assert len(kinds(found, "difference")) == 1
    assert state(found) is State.PAUSED
    assert books_agree(found)


# --- positions of nobody here ---------------------------------------------------------------------

OTHER = "ETH/USDT:USDT"
PLAIN = PaperExchange.snapshot


def hold(patch: pytest.MonkeyPatch, coins: str) -> None:
    """Let the account hold a symbol that no leg is, or none of it."""
    there = PositionReport(symbol=OTHER, amount=Decimal(coins), entry=None)

    def snapshot(self: PaperExchange, account: str, now: int) -> AccountSnapshot:
        told = PLAIN(self, account, now)
        return replace(told, positions=(*told.positions, *([there] if there.amount else ())))

    patch.setattr(PaperExchange, "snapshot", snapshot)


def tripped(found: Stage) -> set[str]:
    return {guard.name for guard in found.controller.view(found.now).guards if guard.tripped}


def shown(found: Stage) -> dict[str, float]:
    (account,) = found.controller.view(found.now).accounts
    return dict(account.not_ours)


def test_a_position_of_no_leg_that_was_there_is_told_once_and_left_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = stage()
    hold(monkeypatch, "3")
    found.start()
    assert found.wait_for(lambda: is_hedged(found), 60.0) is not None
    found.pass_by(300.0)
    assert state(found) is State.TRADING
    (text,) = said(found, "not-ours")
    assert f"holds 3 {OTHER}" in text
    assert "same margin" in text
    assert shown(found) == {OTHER: 3.0}
    found.kill()
    found.start()
    found.pass_by(300.0)
    assert len(said(found, "not-ours")) == 1
    assert state(found) is State.TRADING
    assert folded(found).auditor.others == found.controller.auditor.others


def test_a_position_of_no_leg_that_appears_pauses_once_and_a_resume_accepts_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = hedged()
    hold(monkeypatch, "3")
    found.pass_by(200.0)
    assert state(found) is State.PAUSED
    assert len(said(found, "not-ours")) == 1
    tell(found, Order.RESUME)
    found.pass_by(600.0)
    assert state(found) is State.TRADING
    assert len(said(found, "not-ours")) == 1
    assert "position-differs" not in tripped(found)
    hold(monkeypatch, "4")
    found.pass_by(200.0)
    assert state(found) is State.PAUSED
    assert "before 3" in said(found, "not-ours")[-1]
    tell(found, Order.RESUME)
    hold(monkeypatch, "0")
    found.pass_by(200.0)
    assert shown(found) == {}
    assert "is closed" in said(found, "not-ours")[-1]


def test_a_position_of_no_leg_is_answered_as_configured(monkeypatch: pytest.MonkeyPatch) -> None:
    found = hedged(setup(answers=Answers(manual="rehedge")))
    hold(monkeypatch, "3")
    found.pass_by(200.0)
    assert state(found) is State.TRADING
    (text,) = said(found, "not-ours")
    assert text.endswith("the desk goes on")


# --- stablecoins ----------------------------------------------------------------------------------


def dollars(found: Stage, price: float, seconds: int) -> None:
    """Let the desk hear of USDC/USDT for a while, as its runtime asks for it."""
    for _ in range(seconds // 10):
        found.hear(
            QuoteReport(
                venue="north",
                symbol="USDC/USDT",
                time=found.now,
                received=found.now,
                bid=price,
                ask=price,
            )
        )
        found.pass_by(10.0)


def test_a_stablecoin_off_its_peg_is_worth_less_in_every_number_and_opens_nothing() -> None:
    found = hedged()
    dollars(found, 1.0001, 60)
    desk = found.controller.core.desk
    before = found.controller.view(found.now).money.equity
    dollars(found, 1.25, 180)  # a USDT buys 0.80 USDC
    assert "stablecoin-peg" in tripped(found)
    view = found.controller.view(found.now)
    coins = desk.books.purses[0].wallet
    index = desk.market.quotes[0].index_price
    assert view.money.equity == pytest.approx(before - 0.2 * (coins + 10 * index), rel=0.02)
    assert books_agree(found)
    made = worth(desk.books, desk.market) - desk.books.sums.opening
    assert made == pytest.approx(sum(parts(desk.books, desk.market)), abs=1e-6)
    dollars(found, 1.0001, 700)
    assert found.controller.view(found.now).money.equity == pytest.approx(before, rel=0.02)


def test_a_desk_whose_peg_nobody_tells_says_so_once_a_start() -> None:
    found = hedged()
    found.pass_by(900.0)
    (text,) = said(found, "stablecoin-peg")
    assert "no data for USDT" in text
    assert state(found) is State.TRADING


class OneQuote:
    """A feed that has one price, and fails at first."""

    venue = "north"

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def quote(self, symbol: str) -> QuoteReport:
        self.asked.append(symbol)
        if len(self.asked) == 1:
            raise Unreachable("north: no answer")
        return QuoteReport(venue="north", symbol=symbol, time=1, received=1, last=0.9)

    async def close(self) -> None:
        """Nothing is held."""


def test_the_runtime_asks_for_what_guards_need_and_lives_on_where_nobody_answers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(runtime, "ASKS", 0.01)
    desk = Runtime(setup(), CARE, MemoryJournal(), no_wires, Around(clock=lambda: 1, holder="me"))
    feed, heard = OneQuote(), list[QuoteReport]()

    async def story() -> None:
        told = asyncio.Event()

        def put(quote: QuoteReport) -> None:
            heard.append(quote)
            told.set()

        monkeypatch.setattr(desk, "_put", put)
        asking = asyncio.create_task(desk._asking(feed, "USDC/USDT"))  # type: ignore[arg-type]
        await told.wait()
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)

    asyncio.run(story())
    assert heard[0].last == 0.9
    assert len(feed.asked) >= 2


def test_a_running_desk_asks_for_every_symbol_that_only_guards_look_at() -> None:
    feed = OneQuote()

    def wired(_: Controller) -> Wires:
        return Wires({}, {}, {}, lambda: 1, {"north": (feed, ("USDC/USDT", "USDT/USD"))})  # type: ignore[dict-item]

    desk = Runtime(setup(), CARE, MemoryJournal(), wired, Around(clock=lambda: 1, holder="me"))

    async def story() -> None:
        running = asyncio.create_task(desk.run())
        for _ in range(500):
            await asyncio.sleep(0.01)
            if len(feed.asked) >= 2:
                break
        desk.stop()
        await running

    asyncio.run(story())
    assert sorted(feed.asked) == ["USDC/USDT", "USDT/USD"]


def no_wires(_: Controller) -> Wires:
    return Wires({}, {}, {}, lambda: 1)


# --- collateral -----------------------------------------------------------------------------------


def test_a_hedge_is_reduced_in_words_that_look_at_the_reserve() -> None:
    plain = setup()
    (account,) = plain.terms.accounts
    terms = replace(
        plain.terms, accounts=(replace(account, deposit=40_000.0, reserve=25_000.0),), checked=False
    )
    found = stage(replace(plain, terms=terms))
    found.start()
    assert found.wait_for(lambda: is_hedged(found), 60.0) is not None
    there = found.venues["north"].exchange.accounts["main"]
    there.pay(Flow(found.now, "USDT", Decimal(-34_000), "transfer", name="out-1"))
    found.pass_by(120.0)
    text = said(found, "margin-reduce")[0]
    assert "the reserve still has 25,000.00 USDT" in text
    assert "is empty" not in text
