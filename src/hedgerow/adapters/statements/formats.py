"""The statements that venues export, by what stands in their headers."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Final

from hedgerow.adapters.statements.line import Flow, Line
from hedgerow.adapters.statements.table import Row, Table
from hedgerow.errors import ConfigError

ZERO: Final = Decimal(0)
ZONE: Final = re.compile(r"Time Zone:\s*UTC([+-]\d{1,2})(?::?(\d{2}))?")
CURRENCY: Final = re.compile(r"(?:^|[-_. ])([A-Z]{3,5})(?:[-_. ]|$)")

_BINANCE_OPERATIONS: Final = {
    "realized profit and loss": Flow.REALISED,
    "realize profit and loss": Flow.REALISED,
    "funding fee": Flow.FUNDING,
    "fee": Flow.FEE,
    "insurance clear": Flow.FEE,
    "referrer rebates": Flow.FEE,
    "commission rebate": Flow.FEE,
}
_BINANCE_INCOME: Final = {
    "REALIZED_PNL": Flow.REALISED,
    "FUNDING_FEE": Flow.FUNDING,
    "COMMISSION": Flow.FEE,
    "INSURANCE_CLEAR": Flow.FEE,
    "COMMISSION_REBATE": Flow.FEE,
    "REFERRAL_KICKBACK": Flow.FEE,
    "API_REBATE": Flow.FEE,
    "FEE_RETURN": Flow.FEE,
    "TRANSFER": Flow.TRANSFER,
    "INTERNAL_TRANSFER": Flow.TRANSFER,
    "CROSS_COLLATERAL_TRANSFER": Flow.TRANSFER,
    "STRATEGY_UMFUTURES_TRANSFER": Flow.TRANSFER,
}
_BYBIT: Final = {"FEE_REFUND": Flow.FEE, "INTEREST": Flow.INTEREST}
_DERIBIT_TRANSFERS: Final = ("transfer", "deposit", "withdrawal")


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """One shape of statement.

    Attributes
    ----------
    columns
        By which it is known; all of them are there.
    read
        Gives the lines of a whole table.
    """

    venue: str
    kind: str
    columns: frozenset[str]
    read: Callable[[Table], Iterator[Line]]


def _binance_statement(table: Table) -> Iterator[Line]:
    """Read the transaction history: one row a change, of all of a person's accounts."""
    for row in table.rows:
        if "futures" not in row.text("Account").lower():
            continue  # spot, funding and earn are no margin accounts
        operation = row.text("Operation").lower()
        flow = _BINANCE_OPERATIONS.get(operation, Flow.OTHER)
        if "transfer" in operation:
            flow = Flow.TRANSFER
        yield Line(
            time=row.time("UTC_Time", "Time"),
            flow=flow,
            amount=row.amount("Change"),
            currency=row.text("Coin"),
            source=row.place,
        )


def _binance_income(table: Table) -> Iterator[Line]:
    """Read the income history, as the interface answers or as CSV."""
    for row in table.rows:
        yield Line(
            time=row.time("time"),
            flow=_BINANCE_INCOME.get(row.text("incomeType"), Flow.OTHER),
            amount=row.amount("income"),
            currency=row.text("asset"),
            symbol=row.text("symbol"),
            source=row.place,
        )


def _bybit(table: Table) -> Iterator[Line]:
    """Read the log of a unified account: a change is funding, fee and cash flow together."""
    for row in table.rows:
        symbol = row.text("Contract")
        kind = row.text("Type").upper()
        moved = row.amount("Change")
        parts = {
            Flow.FUNDING: row.amount("Funding"),
            Flow.FEE: row.amount("Fee Paid"),
            Flow.REALISED: row.amount("Cash Flow"),
        }
        if kind not in {"TRADE", "SETTLEMENT", "LIQUIDATION", "ADL"}:
            flow = Flow.TRANSFER if kind.startswith("TRANSFER") else _BYBIT.get(kind, Flow.OTHER)
            parts = {flow: moved}
        time = row.time("Time(UTC)", "Time")
        yield from _split(row, parts, moved, (time, row.text("Currency"), symbol))


def _okx(table: Table) -> Iterator[Line]:
    """Read the trading account's history; its times are of the zone named above the header."""
    zone = ZONE.search(table.preamble)
    hours, minutes = (int(zone[1]), int(zone[2] or 0)) if zone else (0, 0)
    ahead = timedelta(hours=hours, minutes=-minutes if hours < 0 else minutes)
    for row in table.rows:
        action, kind = row.text("Action").lower(), row.text("Trade Type").lower()
        moved, currency = row.amount("Balance Change"), row.text("Balance Unit")
        parts = {Flow.REALISED: row.amount("PnL")}
        if row.text("Fee Unit") == currency:
            parts[Flow.FEE] = row.amount("Fee")
        if "funding" in action or "funding" in kind:
            parts = {Flow.FUNDING: moved}
        elif "transfer" in action or "transfer" in kind:
            parts = {Flow.TRANSFER: moved}
        place = (row.time("Time", ahead=ahead), currency, row.text("Symbol"))
        yield from _split(row, parts, moved, place)


def _okx_bills(table: Table) -> Iterator[Line]:
    """Read bills as the interface answers: type 1 is a transfer, 8 funding, 7 interest."""
    simple = {"1": Flow.TRANSFER, "8": Flow.FUNDING, "7": Flow.INTEREST}
    for row in table.rows:
        moved = row.amount("balChg")
        parts = {Flow.REALISED: row.amount("pnl"), Flow.FEE: row.amount("fee")}
        if row.text("type") in simple:
            parts = {simple[row.text("type")]: moved}
        place = (row.time("ts"), row.text("ccy"), row.text("instId"))
        yield from _split(row, parts, moved, place)


def _deribit(table: Table) -> Iterator[Line]:
    """Read the transaction log: fees at the trade, profit and funding at the settlement."""
    named = CURRENCY.search(table.path.stem.removeprefix("transaction_log"))
    for row in table.rows:
        currency = row.cells.get("Currency") or (named[1] if named else "")
        if not currency:
            raise ConfigError(
                f"{table.path}: neither a column nor its name says which currency it is of; name "
                "it as Deribit does, such as transaction_log-12345-BTC-2024.csv"
            )
        kind, moved = row.text("Type").lower(), row.amount("Change")
        if any(kind.startswith(name) for name in _DERIBIT_TRANSFERS):
            parts = {Flow.TRANSFER: moved}
        else:
            fee, funding = -row.amount("Fee Charged", "Fee Paid"), row.amount("Funding")
            if kind != "settlement":
                funding = ZERO  # of the session so far, paid at the settlement
            parts = {Flow.FEE: fee, Flow.FUNDING: funding, Flow.REALISED: moved - fee - funding}
        place = (row.time("Date"), currency, row.text("Instrument"))
        for line in _split(row, parts, moved, place):
            if line.flow is not Flow.REALISED or kind != "settlement":
                yield line
        if kind == "settlement":  # also where it paid nothing: the next session begins here
            yield Line(
                time=place[0],
                flow=Flow.REALISED,
                amount=parts[Flow.REALISED],
                currency=currency,
                symbol=place[2],
                source=row.place,
                settles=True,
                price=row.amount("Price", "Mark Price") or None,
            )


def _split(
    row: Row, parts: dict[Flow, Decimal], moved: Decimal, place: tuple[int, str, str]
) -> Iterator[Line]:
    """Yield the parts of a change that are not zero; what they leave over is another flow."""
    time, currency, symbol = place
    left = moved - sum(parts.values(), ZERO)
    for flow, amount in {**parts, Flow.OTHER: parts.get(Flow.OTHER, ZERO) + left}.items():
        if amount:
            yield Line(
                time=time,
                flow=flow,
                amount=amount,
                currency=currency,
                symbol=symbol if symbol != "--" else "",
                source=row.place,
            )


FORMATS: Final = (
    Format(
        venue="binance",
        kind="transaction history",
        columns=frozenset({"Account", "Operation", "Coin", "Change"}),
        read=_binance_statement,
    ),
    Format(
        venue="binance",
        kind="income history",
        columns=frozenset({"time", "asset", "income", "incomeType", "symbol"}),
        read=_binance_income,
    ),
    Format(
        venue="bybit",
        kind="unified account log",
        columns=frozenset(
            {"Currency", "Contract", "Type", "Funding", "Fee Paid", "Cash Flow", "Change"}
        ),
        read=_bybit,
    ),
    Format(
        venue="okx",
        kind="trading account history",
        columns=frozenset({"Trade Type", "Action", "PnL", "Balance Change", "Balance Unit"}),
        read=_okx,
    ),
    Format(
        venue="okx",
        kind="bills",
        columns=frozenset({"balChg", "ccy", "pnl", "fee", "type", "ts", "instId"}),
        read=_okx_bills,
    ),
    Format(
        venue="deribit",
        kind="transaction log",
        columns=frozenset({"UserSeq", "Date", "Instrument", "Type", "Funding", "Change"}),
        read=_deribit,
    ),
)
