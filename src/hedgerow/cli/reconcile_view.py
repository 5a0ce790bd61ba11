"""What a reconciled statement looks like, for a person and for a program."""

import json
from collections.abc import Sequence
from decimal import Decimal

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from hedgerow.adapters.statements.explaining import Explained, Total
from hedgerow.adapters.statements.line import Flow, Line, Statement
from hedgerow.adapters.statements.matching import smallest
from hedgerow.market.instrument import MONEY
from hedgerow.units import DAY, iso

MOST = 40  # missing lines that are shown


def found_view(found: Explained, statement: Statement, account: str) -> RenderableType:
    """Return totals, what is missing, and the verdict."""
    parts: list[RenderableType] = [_totals(found, statement, account)]
    if found.only_theirs:
        parts.append(_missing("In the statement, not in the journal", found.only_theirs))
    if found.only_ours:
        parts.append(_missing("In the journal, not in the statement", found.only_ours))
    parts.append(_verdict(found))
    return Group(*parts)


def _totals(found: Explained, statement: Statement, account: str) -> Table:
    days = iso(found.begin)[:10]
    if found.end - found.begin > DAY:
        days += f" to {iso(found.end - DAY)[:10]}"
    title = f"{statement.venue or 'statement'} ({statement.kind}) against account {account}, {days}"
    table = Table(box=box.SIMPLE_HEAD, title=title, title_justify="left")
    for name in ("flow", "currency"):
        table.add_column(name)
    for name in ("statement", "journal", "difference", "matched"):
        table.add_column(name, justify="right")
    for total in found.totals:
        table.add_row(*_row(total))
    for currency in sorted({total.currency for total in found.totals}):
        alike = [total for total in found.totals if total.currency == currency]
        made = [total for total in alike if total.flow is not Flow.TRANSFER]
        table.add_section()
        table.add_row(*_sum("profit and loss", made, currency), style="bold")
        table.add_row(*_sum("change of wallet", alike, currency))
    return table


def _sum(name: str, totals: Sequence[Total], currency: str) -> tuple[str | Text, ...]:
    theirs = sum((total.theirs for total in totals), Decimal(0))
    ours = sum((total.ours for total in totals), Decimal(0))
    cells = [_amount(one, currency) for one in (theirs, ours)]
    return name, currency, *cells, _apart(theirs - ours, currency), ""


def _row(total: Total) -> tuple[str | Text, ...]:
    matched = f"{total.matched} of {total.lines}"
    return (
        str(total.flow),
        total.currency,
        _amount(total.theirs, total.currency),
        _amount(total.ours, total.currency),
        _apart(total.difference, total.currency),
        Text(matched, style="" if total.matched == total.lines else "yellow"),
    )


def _apart(difference: Decimal, currency: str) -> Text:
    agrees = abs(difference) <= smallest(currency)
    return Text(_amount(difference, currency), style="green" if agrees else "red")


def _amount(amount: Decimal, currency: str) -> str:
    return f"{amount:,.2f}" if currency in MONEY else f"{amount:,.8f}"


def _missing(title: str, lines: Sequence[Line]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, title=title, title_justify="left")
    for name in ("time", "flow", "symbol"):
        table.add_column(name)
    table.add_column("amount", justify="right")
    table.add_column("where", overflow="fold")
    for line in lines[:MOST]:
        amount = f"{line.amount.normalize():+f} {line.currency}"
        where = line.source.rpartition("/")[2]
        table.add_row(iso(line.time), str(line.flow), line.symbol, amount, where)
    if len(lines) > MOST:
        table.add_row(f"and {len(lines) - MOST} more", "", "", "", "")
    return table


def _verdict(found: Explained) -> Text:
    if found.is_complete:
        return Text("Everything is explained to the cent.", style="green")
    theirs, ours = _lines(found.only_theirs), _lines(found.only_ours)
    return Text(
        f"Not everything is explained: {theirs} of the statement, {ours} of the journal without "
        "its like. A payment that only the statement "
        "has is missing in our books; one that only the journal has was never made, or the "
        "statement ends too early.",
        style="yellow",
    )


def found_json(found: Explained, statement: Statement, account: str) -> str:
    """Return it as JSON; amounts are texts, so that none is rounded."""
    document = {
        "statement": {"venue": statement.venue, "kind": statement.kind},
        "account": account,
        "begin": iso(found.begin),
        "end": iso(found.end),
        "explained": found.is_complete,
        "totals": [
            {
                "flow": str(total.flow),
                "currency": total.currency,
                "statement": _digits(total.theirs),
                "journal": _digits(total.ours),
                "difference": _digits(total.difference),
                "matched": total.matched,
                "lines": total.lines,
            }
            for total in found.totals
        ],
        "only_in_statement": [_line(line) for line in found.only_theirs],
        "only_in_journal": [_line(line) for line in found.only_ours],
    }
    return json.dumps(document, indent=2)


def _line(line: Line) -> dict[str, str]:
    return {
        "time": iso(line.time),
        "flow": str(line.flow),
        "amount": _digits(line.amount),
        "currency": line.currency,
        "symbol": line.symbol,
        "where": line.source,
    }


def _lines(lines: Sequence[Line]) -> str:
    return f"{len(lines)} line{'' if len(lines) == 1 else 's'}"


def _digits(amount: Decimal) -> str:
    return f"{amount.normalize():f}" if amount else "0"
