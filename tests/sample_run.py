"""A small made-up run whose books balance: a short linear perp against a growing holding.

The loop below is plain Python, shares no code with the engines and is not a market model: it
exists so that analysis and report can be tested on a `Run` in which something of every kind
happens. It holds 120 BTC and mines a little each day, shorts the perp within a band on isolated
USDT, pays fees and funding, tops up and withdraws with one bar of delay, is liquidated once in a
squeeze, hedges again as far as the margin allows, and runs its reserve dry in a late rally.
"""

from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Final

import numpy as np
import polars as pl

from hedgerow.analysis.run import (
    AccountRun,
    Attribution,
    Conversion,
    Coverage,
    Deleveraging,
    LegRun,
    Liquidation,
    Provenance,
    Run,
)
from hedgerow.ledger import EntryKind, Ledger, LedgerEntry
from hedgerow.margin.account import Pledge
from hedgerow.units import DAY, HOUR, YEAR, Floats

START: Final = 1_704_067_200_000_000_000  # 2024-01-01T00:00Z
SYMBOL: Final = "BTC/USDT:USDT"
ACCOUNT: Final = "binance:BTC/USDT:USDT"
HOLDING: Final = 120.0
MINED: Final = 0.4  # a day
DEPOSIT: Final = 1_000_000.0
RESERVE: Final = 1_500_000.0
MAINTENANCE: Final = 0.01
TAKER: Final = 0.0005
LIQUIDATION_FEE: Final = 0.0125
HALF_SPREAD: Final = 0.0001
HALF_WIDTH: Final = 0.02
CASH_RATE: Final = 0.02
PARTS: Final = (
    "exposure",
    "hedge_index",
    "hedge_basis",
    "funding",
    "fees",
    "slippage",
    "financing",
    "collateral",
    "liquidation",
)


@dataclass(slots=True)
class _Book:
    """What the loop carries from bar to bar."""

    holding: float = HOLDING
    quantity: float = 0.0
    entry: float = 0.0
    wallet: float = DEPOSIT
    reserve: float = RESERVE
    in_transit: float = 0.0
    parts: dict[str, float] = field(default_factory=lambda: dict.fromkeys(PARTS, 0.0))
    flows: float = 0.0
    turnover: float = 0.0
    ledger: list[LedgerEntry] = field(default_factory=list)
    liquidations: list[Liquidation] = field(default_factory=list)
    unmet: list[tuple[int, float]] = field(default_factory=list)
    drawn: list[tuple[int, float]] = field(default_factory=list)

    def write(self, time: int, kind: EntryKind, account: str, cash: float, **more: float) -> None:
        """Append one entry in USDT, which is worth a dollar here."""
        self.ledger.append(
            LedgerEntry(
                time=time,
                kind=kind,
                instrument=SYMBOL if "fee" in more or kind is EntryKind.FUNDING else "",
                account=account,
                quantity=more.get("quantity", 0.0),
                price=more.get("price", float("nan")),
                cash=cash,
                fee=more.get("fee", 0.0),
                realised=more.get("realised", 0.0),
                unit="USDT",
                value=cash,
                note="mark" if kind is EntryKind.LIQUIDATION else "",
            )
        )

    def unrealised(self, mark: float) -> float:
        """Return the open profit at `mark`."""
        return self.quantity * (mark - self.entry)

    def headroom(self, mark: float) -> float | None:
        """Return what the account has above maintenance, as a fraction of notional."""
        notional = abs(self.quantity) * mark
        if notional == 0.0:
            return None
        return (self.wallet + self.unrealised(mark)) / notional - MAINTENANCE

    def liquidation_price(self) -> float | None:
        """Return the mark at which a short has exactly its maintenance left."""
        if self.quantity == 0.0:
            return None
        size = -self.quantity
        return (self.wallet + size * self.entry) / (size * (1.0 + MAINTENANCE))

    def trade(self, time: int, change: float, mark: float) -> None:
        """Fill `change` at `mark` worsened by half the spread."""
        price = mark * (1.0 + HALF_SPREAD * (1.0 if change > 0.0 else -1.0))
        realised = self._close(change, price)
        fee = -abs(change) * price * TAKER
        self.wallet += realised + fee
        self.parts["fees"] += fee
        self.parts["slippage"] -= change * (price - mark)
        self.turnover += abs(change) * price
        self.write(
            time,
            EntryKind.FILL,
            ACCOUNT,
            realised + fee,
            quantity=change,
            price=price,
            fee=fee,
            realised=realised,
        )

    def liquidate(self, time: int, price: float) -> None:
        """Let the venue close everything at `price`."""
        change = -self.quantity
        realised = self._close(change, price)
        fee = -abs(change) * price * LIQUIDATION_FEE
        fee = max(fee, -(self.wallet + realised))
        self.wallet += realised + fee
        self.parts["liquidation"] += fee
        self.turnover += abs(change) * price
        more = {"quantity": change, "price": price, "fee": fee, "realised": realised}
        self.write(time, EntryKind.LIQUIDATION, ACCOUNT, realised + fee, **more)
        self.liquidations.append(
            Liquidation(
                time=time,
                instrument=SYMBOL,
                account=ACCOUNT,
                price=price,
                quantity=change,
                left=self.quantity,
                loss=-(realised + fee),
                fee=-fee,
                price_source="mark",
            )
        )

    def _close(self, change: float, price: float) -> float:
        """Move the position by `change` at average cost and return the realised profit."""
        if self.quantity * change < 0.0:
            closed = min(abs(change), abs(self.quantity))
            realised = closed * (1.0 if self.quantity > 0.0 else -1.0) * (price - self.entry)
        else:
            realised = 0.0
            size = abs(self.quantity) + abs(change)
            self.entry = (abs(self.quantity) * self.entry + abs(change) * price) / size
        self.quantity += change
        if abs(self.quantity) < 1e-12:
            self.quantity = 0.0
        return realised

    def receive(self, time: int) -> None:
        """Let what was sent to the account arrive."""
        if self.in_transit > 0.0:
            self.wallet += self.in_transit
            self.write(time, EntryKind.ARRIVAL, ACCOUNT, self.in_transit)
            self.in_transit = 0.0

    def ask(self, time: int, wanted: float) -> None:
        """Move `wanted` (> 0) from the reserve, or what is there; note what is missing."""
        self.drawn.append((time, RESERVE - self.reserve + wanted))
        sent = min(wanted, self.reserve)
        if wanted - sent > 1.0:
            self.unmet.append((time, wanted - sent))
        if sent > 0.0:
            self.reserve -= sent
            self.in_transit += sent
            self.write(time, EntryKind.TOP_UP, "reserve", -sent)

    def give_back(self, time: int, amount: float) -> None:
        """Move `amount` (> 0) from the account to the reserve at once."""
        self.wallet -= amount
        self.reserve += amount
        self.drawn.append((time, RESERVE - self.reserve))
        self.write(time, EntryKind.WITHDRAWAL, ACCOUNT, -amount)
        self.write(time, EntryKind.ARRIVAL, "reserve", amount)


def sample_run(*, seed: int = 7, days: int = 120) -> Run:
    """Return a run of `days` hourly days (40 or more) from 2024-01-01, the same for one `seed`."""
    bars = days * 24
    index, basis, highs = _market(seed, bars)
    rates = _funding(seed, bars)
    book = _Book()
    _open_books(book, float(index[0]))
    opening_worth = HOLDING * float(index[0]) + DEPOSIT + RESERVE
    goal_order = -HOLDING
    rows: list[dict[str, float | None]] = [_row(book, START, float(index[0]), opening_worth)]
    legs: list[dict[str, float | None]] = []
    accounts: list[dict[str, float | None]] = []
    squeeze = int(0.55 * bars)
    for bar in range(bars):
        time = START + bar * HOUR
        index_open, index_close = float(index[bar]), float(index[bar + 1])
        basis_open, basis_close = float(basis[bar]), float(basis[bar + 1])
        mark_open, mark_close = index_open + basis_open, index_close + basis_close
        book.receive(time)
        if bar % 24 == 0 and bar > 0:
            _new_day(book, time, index_open)
        if bar % 8 == 0 and book.quantity != 0.0:
            cash = -book.quantity * mark_open * float(rates[bar // 8])
            book.wallet += cash
            book.parts["funding"] += cash
            book.write(
                time, EntryKind.FUNDING, ACCOUNT, cash, quantity=book.quantity, price=mark_open
            )
        affordable = max(book.wallet + book.unrealised(mark_open), 0.0) / (0.13 * mark_open)
        order = max(goal_order, -affordable) - book.quantity
        if goal_order != book.quantity and abs(order) > HALF_WIDTH * book.holding:
            book.trade(time, order, mark_open)
        goal_order = book.quantity
        worst = float(highs[bar]) * max(mark_open, mark_close)
        level = book.liquidation_price()
        if bar == squeeze and level is not None:
            worst = max(worst, 1.02 * level)
        held = book.quantity
        worst_headroom = book.headroom(worst)
        book.parts["exposure"] += book.holding * (index_close - index_open)
        if level is not None and worst >= level:
            book.parts["hedge_index"] += held * (level - mark_open)
            book.liquidate(time, level)
        else:
            book.parts["hedge_index"] += held * (index_close - index_open)
            book.parts["hedge_basis"] += held * (basis_close - basis_open)
        close = time + HOUR
        goal = -book.holding
        if abs(goal - book.quantity) > HALF_WIDTH * book.holding:
            goal_order = goal
        _collateral_rule(book, close, goal, mark_close)
        rows.append(_row(book, close, index_close, _worth(book, index_close, mark_close)))
        legs.append(
            {
                "time": close,
                "position": book.quantity,
                "goal": goal,
                "exposure": book.holding,
                "residual": goal - book.quantity
                if abs(goal - book.quantity) > HALF_WIDTH * book.holding
                else 0.0,
                "mark": mark_close,
                "index": index_close,
                "basis": basis_close,
                "headroom": worst_headroom,
                "worst_mark": worst,
                "liquidation_price": book.liquidation_price(),
            }
        )
        accounts.append(_account_row(book, close, mark_close))
    return _result(book, (rows, legs, accounts), opening_worth, seed)


def _market(seed: int, bars: int) -> tuple[Floats, Floats, Floats]:
    """Return index and basis at the bar edges and the high as a multiple of the bar's range."""
    random = np.random.default_rng(seed)
    drift = np.where(np.arange(bars) > 0.8 * bars, 0.40 / (0.2 * bars), 0.0)
    moves = drift + 0.4 / np.sqrt(8760.0) * random.standard_normal(bars)
    index = 42_000.0 * np.exp(np.concatenate([[0.0], np.cumsum(moves)]))
    basis = np.zeros(bars + 1)
    for bar in range(bars):
        basis[bar + 1] = 0.98 * basis[bar] + 6.0 * random.standard_normal()
    highs = 1.0 + 0.002 * np.abs(random.standard_normal(bars))
    return index, basis, highs


def _funding(seed: int, bars: int) -> Floats:
    random = np.random.default_rng(seed + 1)
    return 1e-4 + 2e-4 * random.standard_normal(bars // 8 + 1)


def _open_books(book: _Book, price: float) -> None:
    book.ledger.append(
        LedgerEntry(
            time=START,
            kind=EntryKind.OPENING,
            instrument="",
            account="holding",
            quantity=HOLDING,
            price=price,
            cash=HOLDING,
            fee=0.0,
            realised=0.0,
            unit="BTC",
            value=HOLDING * price,
            note="",
        )
    )
    book.write(START, EntryKind.OPENING, ACCOUNT, DEPOSIT)
    book.write(START, EntryKind.OPENING, "reserve", RESERVE)


def _new_day(book: _Book, time: int, price: float) -> None:
    interest = book.reserve * CASH_RATE / 365.0
    book.reserve += interest
    book.parts["financing"] += interest
    if interest > 0.0:
        book.write(time, EntryKind.INTEREST, "reserve", interest)
    book.holding += MINED
    book.flows += MINED * price
    book.ledger.append(
        LedgerEntry(
            time=time,
            kind=EntryKind.FLOW,
            instrument="",
            account="holding",
            quantity=MINED,
            price=price,
            cash=MINED,
            fee=0.0,
            realised=0.0,
            unit="BTC",
            value=MINED * price,
            note="mined",
        )
    )


def _collateral_rule(book: _Book, time: int, goal: float, mark: float) -> None:
    """Top up to 20 % headroom below 10 %, withdraw to 20 % above 35 %."""
    size = max(abs(book.quantity), abs(goal))
    room = (book.wallet + book.unrealised(mark)) / (size * mark) - MAINTENANCE
    if room < 0.10 and book.in_transit == 0.0:
        book.ask(time, (0.20 - room) * size * mark)
    elif room > 0.35 and book.wallet > 0.0:
        book.give_back(time, min((room - 0.20) * size * mark, book.wallet))


def _worth(book: _Book, index: float, mark: float) -> float:
    cash = book.wallet + book.unrealised(mark) + book.reserve + book.in_transit
    return book.holding * index + cash


def _row(book: _Book, time: int, index: float, worth: float) -> dict[str, float | None]:
    total = sum(book.parts.values())
    return {
        "time": time,
        "hedged": total,
        "unhedged": book.parts["exposure"],
        **book.parts,
        "worth": worth,
        "flows": book.flows,
        "spot": index,
    }


def _account_row(book: _Book, time: int, mark: float) -> dict[str, float | None]:
    return {
        "time": time,
        "wallet": book.wallet,
        "unrealised": book.unrealised(mark),
        "maintenance": MAINTENANCE * abs(book.quantity) * mark,
        "reserve": book.reserve,
        "in_transit": book.in_transit,
        "debt": 0.0,
        "pledged": 0.0,
    }


def _frame(rows: list[dict[str, float | None]]) -> pl.DataFrame:
    kinds = {name: pl.Int64 if name == "time" else pl.Float64 for name in rows[0]}
    frame = pl.DataFrame(rows, schema=kinds)
    return frame.with_columns(pl.col("time").cast(pl.Datetime("ns", "UTC")))


def _needed(book: _Book, end: int) -> tuple[float, float]:
    """Return the reserve that meets every call, and its missing part over time."""
    drawn = np.array([amount for _, amount in book.drawn])
    times = [time for time, _ in book.drawn]
    missing = np.maximum(drawn - RESERVE, 0.0)
    spans = np.array([after - before for before, after in pairwise([*times, end])])
    return float(drawn.max(initial=0.0)), float(np.sum(missing * spans) / YEAR)


def _result(
    book: _Book, series: tuple[list[dict[str, float | None]], ...], opening: float, seed: int
) -> Run:
    rows, legs, accounts = series
    frame = _frame(rows)
    last = frame.row(-1, named=True)
    total = last["worth"] - opening - last["flows"]
    needed, missing = _needed(book, START + len(legs) * HOUR)
    ledger = Ledger(book.ledger)
    fills = ledger.of(EntryKind.FILL, EntryKind.LIQUIDATION)
    price = last["spot"]
    return Run(
        world="simulation",
        simulated=True,
        numeraire="USD",
        start=START,
        end=START + len(legs) * HOUR,
        bars=len(legs),
        step=HOUR,
        legs=(
            LegRun(
                instrument=SYMBOL,
                venue="binance",
                asset="BTC",
                account=ACCOUNT,
                settle="USDT",
                ratio=1.0,
                half_width=HALF_WIDTH,
                series=_frame(legs),
            ),
        ),
        accounts=(
            AccountRun(
                name=ACCOUNT,
                collateral="USDT",
                mode="isolated",
                deposit=DEPOSIT,
                reserve=RESERVE,
                reserve_from="owned",
                series=_frame(accounts),
                top_ups=len(ledger.of(EntryKind.TOP_UP)),
                withdrawals=len(ledger.of(EntryKind.WITHDRAWAL)),
                unmet=tuple(book.unmet),
                needed_reserve=needed,
                needed_balance_years=missing,
            ),
        ),
        series=frame,
        ledger=ledger,
        pnl=Attribution(**book.parts, total=total, residual=total - sum(book.parts.values())),
        exit_cost=abs(book.quantity) * price * (TAKER + HALF_SPREAD),
        trades=len(fills),
        turnover=book.turnover,
        opening_worth=opening,
        coverage=Coverage(
            bars_expected=len(legs),
            bars_present=len(legs),
            settlements_expected=len(legs) * HOUR // (8 * HOUR),
            settlements_present=len(legs) * HOUR // (8 * HOUR),
        ),
        liquidations=tuple(book.liquidations),
        stamps=(
            "SIMULATED: made up for a test, no market ever did this",
            "prices: index, basis and funding from a random walk, hourly",
            f"funding: {len(legs) // 8} settlements, one each 8 h, paid on the bar's opening mark",
            "USDT is taken as 1 USD",
        ),
        provenance=Provenance(
            version="0.1.0",
            config_hash="c0ffee" * 8,
            data_hash="5eed" * 16,
            seed=seed,
            policy="band",
            config='[book]\nnumeraire = "USD"\n\n[[book.holding]]\nasset = "BTC"\namount = 120.0\n',
        ),
    )


def day(number: int) -> int:
    """Return the start of day `number` of the sample, UTC nanoseconds."""
    return START + number * DAY


TAKEN: Final = Deleveraging(
    time=day(40),
    instrument=SYMBOL,
    account=ACCOUNT,
    price=41_000.0,
    market=39_500.0,
    quantity=30.0,
    left=-90.0,
    cost=45_000.0,
)
SOLD: Final = Conversion(
    time=day(66),
    account=ACCOUNT,
    asset="BTC",
    collateral="USDT",
    quantity=-2.5,
    price=52_000.0,
    cash=129_857.0,
    fee=130.0,
    value=129_857.0,
)


def with_forced_events(run: Run) -> Run:
    """Return `run` as if it had been deleveraged and had pledged coins, some of them taken."""
    (account,) = run.accounts
    pledged = account.series.with_columns(pl.lit(900_000.0).alias("pledged"))
    pledge = Pledge(asset="BTC", amount=20.0, haircut=0.05)
    return replace(
        run,
        accounts=(replace(account, series=pledged, pledges=(pledge,)),),
        deleveragings=(TAKEN,),
        conversions=(SOLD,),
    )
