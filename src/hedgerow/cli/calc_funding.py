"""`hedgerow calc funding`: the rate, the predicted rate and the cash, by the venue's own rule."""

import json
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hedgerow.cli.calc_output import Side
from hedgerow.cli.ending import fail
from hedgerow.errors import ConfigError, HedgeError

if TYPE_CHECKING:
    from rich.table import Table

    from hedgerow.funding.answer import FundingAnswer, Sampled, Stake
    from hedgerow.market.venue import ContractRules, PremiumRule


def funding(
    venue: Annotated[str, typer.Option(help="Venue, as `hedgerow venues list` prints it.")],
    instrument: Annotated[str, typer.Option(help="Contract, e.g. BTC/USDT:USDT.")],
    premium: Annotated[
        float | None, typer.Option(help="Average premium over the index, a fraction.")
    ] = None,
    samples: Annotated[
        Path | None,
        typer.Option(help="CSV of premiums, oldest first; the last column counts."),
    ] = None,
    book: Annotated[
        Path | None,
        typer.Option(help='JSON {"bids": [[price, size], ...], "asks": ...}, best level first.'),
    ] = None,
    index: Annotated[float | None, typer.Option(help="Index (oracle) price, for --book.")] = None,
    impact_notional: Annotated[
        float | None,
        typer.Option(help="Walked in the book, quote (coins if inverse); the table's by default."),
    ] = None,
    newest: Annotated[
        float | None,
        typer.Option(help="Newest premium, taken to persist; the average if not given."),
    ] = None,
    previous: Annotated[
        float | None,
        typer.Option(help="Rate of the settlement before, where the venue limits the change."),
    ] = None,
    elapsed: Annotated[
        float, typer.Option(help="Share of the interval that the premium covers; below 1 predicts.")
    ] = 1.0,
    side: Annotated[Side, typer.Option(help="Side of the position.")] = Side.SHORT,
    quantity: Annotated[
        float | None,
        typer.Option(help="Position: base coin if linear, quote face if inverse."),
    ] = None,
    price: Annotated[
        float | None,
        typer.Option(help="Price that the payment multiplies: mark, index or oracle, by venue."),
    ] = None,
    long_interest: Annotated[
        float | None, typer.Option(help="Open interest of longs, quote (rates that follow skew).")
    ] = None,
    short_interest: Annotated[float | None, typer.Option(help="The same of shorts.")] = None,
    saved: Annotated[float, typer.Option(help="Rate per second kept so far (skew).")] = 0.0,
    seconds: Annotated[float, typer.Option(help="Seconds since then (skew).")] = 0.0,
    on: Annotated[str, typer.Option(help="Rules in force on this day, YYYY-MM-DD.")] = "",
    table: Annotated[
        list[Path] | None, typer.Option(help="A table of your own; may be repeated.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Say what funding a premium makes, and what it pays a position.

    The premium is given, averaged from samples, or taken from a book. Where the interval still
    runs (--elapsed below 1) the newest premium is taken to persist until it ends.
    """
    try:
        contract, warnings = _rules(venue, instrument, on, table or [])
        stake = _stake(contract, side, quantity, price, index)
        if contract.funding.skew is not None:
            answer = _skewed(contract, (long_interest, short_interest), (saved, seconds), stake)
        else:
            from hedgerow.funding.answer import funding_answer

            look = _Look(book=book, index=index, impact_notional=impact_notional) if book else None
            average, last = _premium(contract, premium, samples, look)
            sampled = _sampled(average, last if newest is None else newest, elapsed)
            answer = funding_answer(contract, sampled, stake, previous)
    except HedgeError as error:
        fail(str(error))
    if as_json:
        typer.echo(json.dumps(answer_json(contract, answer, warnings), indent=2, allow_nan=False))
        return
    from rich.console import Console

    console = Console(emoji=False)
    console.print(_view(contract, answer, stake))
    for line in (*contract.stamps(), *warnings):
        console.print(line, style="dim", highlight=False)


def answer_json(
    contract: "ContractRules", answer: "FundingAnswer", warnings: list[str]
) -> dict[str, object]:
    """Return the answer as plain values."""
    return {
        "rate": answer.rate,
        "interval_hours": answer.interval_hours,
        "annualised": answer.annualised,
        "annualised_compounded": answer.annualised_compounded,
        "payment": answer.payment,
        "settle": contract.perpetual.settle,
        "price_kind": answer.price_kind,
        "capped": answer.capped,
        "predicted": answer.predicted,
        "premium": answer.premium,
        "rules": list(contract.stamps()),
        "warnings": warnings,
    }


def _rules(
    venue: str, instrument: str, on: str, own: list[Path]
) -> "tuple[ContractRules, list[str]]":
    from hedgerow.cli.calc_output import rulebook, stamps

    contract = rulebook(venue, on, own).contract(instrument)
    return contract, stamps([contract])[1]


def _stake(
    contract: "ContractRules",
    side: Side,
    quantity: float | None,
    price: float | None,
    index: float | None,
) -> "Stake | None":
    if quantity is None:
        return None
    if not 0.0 < quantity < float("inf"):
        raise ConfigError(
            f"--quantity {quantity:g}: write a size above zero; --side says which way"
        )
    if price is None and contract.funding.price != "mark":
        price = index
    if price is None:
        raise ConfigError(
            f"--price is missing: {contract.venue} pays funding on the {contract.funding.price} "
            "price; give it"
        )
    from hedgerow.funding.answer import Stake

    scale = float(contract.perpetual.multiplier) if contract.perpetual.quanto else 1.0
    size = quantity * scale
    return Stake(size=-size if side is Side.SHORT else size, price=price)


def _skewed(
    contract: "ContractRules",
    interest: tuple[float | None, float | None],
    kept: tuple[float, float],
    stake: "Stake | None",
) -> "FundingAnswer":
    from hedgerow.funding.answer import skew_answer
    from hedgerow.funding.skew import OpenInterest

    long, short = interest
    if long is None or short is None:
        raise ConfigError(
            f"{contract.venue} {contract.perpetual.symbol}: its rate follows open interest, not a "
            "premium; give --long-interest and --short-interest"
        )
    return skew_answer(contract, OpenInterest(long=long, short=short), *kept, stake)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """One look at a book, and what to compare it with."""

    book: Path
    index: float | None
    impact_notional: float | None


def _premium(
    contract: "ContractRules", premium: float | None, samples: Path | None, look: _Look | None
) -> tuple[float, float]:
    """Return the average premium and the newest one, from the one source that is given."""
    sources = {"--premium": premium, "--samples": samples, "--book": look}
    given = [name for name, value in sources.items() if value is not None]
    if len(given) != 1:
        many = f" (given: {', '.join(given)})" if given else ""
        raise ConfigError(f"give one of --premium, --samples and --book{many}")
    if premium is not None:
        return premium, premium
    rule = contract.premium
    if rule is None:
        raise ConfigError(
            f"{contract.venue} {contract.perpetual.symbol}: no table says how its premium is "
            "sampled; give --premium, or a table of your own with a premium section"
        )
    if samples is not None:
        from hedgerow.funding.files import read_samples
        from hedgerow.funding.premiums import interval_premium

        values = read_samples(samples)
        return interval_premium(rule, values), float(values[-1])
    found = _seen(contract, rule, look) if look is not None else 0.0
    return found, found


def _seen(contract: "ContractRules", rule: "PremiumRule", look: _Look) -> float:
    """Return the premium of one look at a book."""
    from hedgerow.funding.files import read_book
    from hedgerow.funding.premiums import book_premium

    if look.index is None:
        raise ConfigError(
            "--index is missing: the premium of a book is its distance from the index"
        )
    if look.impact_notional is not None:
        rule = replace(rule, impact_notional=Decimal(str(look.impact_notional)))
    if rule.method == "impact" and rule.impact_notional is None:
        raise ConfigError(
            f"--impact-notional is missing: no table says how much {contract.venue} walks in the "
            f"book of {contract.perpetual.symbol}"
        )
    return book_premium(rule, read_book(look.book), look.index, inverse=contract.perpetual.inverse)


def _sampled(average: float, newest: float, elapsed: float) -> "Sampled":
    from hedgerow.funding.answer import Sampled

    return Sampled(premium=average, newest=newest, elapsed=elapsed)


def _view(contract: "ContractRules", answer: "FundingAnswer", stake: "Stake | None") -> "Table":
    from rich.table import Table

    kind = "Predicted funding" if answer.predicted else "Funding"
    title = f"{kind} of {contract.perpetual.symbol} on {contract.venue}"
    view = Table(title=title, show_header=False, title_justify="left")
    view.add_column(style="bold")
    view.add_column(justify="right")
    hours = f"{answer.interval_hours:g} h"
    held = " (held by the cap)" if answer.capped else ""
    if answer.premium is not None:
        view.add_row("average premium", f"{answer.premium:.6%}")
    view.add_row(f"rate per {hours}", f"{answer.rate:.6%}{held}")
    view.add_row("who pays", _payer(answer.rate))
    view.add_row("a year, taken out", f"{answer.annualised:.2%}")
    view.add_row("a year, left in", f"{answer.annualised_compounded:.2%}")
    view.add_row("multiplies", f"the {answer.price_kind} price")
    if stake is not None and answer.payment is not None:
        word = "you receive" if answer.payment >= 0.0 else "you pay"
        amount = f"{abs(answer.payment):,.8g} {contract.perpetual.settle}"
        view.add_row(f"{word} per {hours}", amount)
    return view


def _payer(rate: float) -> str:
    if rate == 0.0:
        return "nobody"
    return "longs pay shorts" if rate > 0.0 else "shorts pay longs"
