"""How the rules of a venue look on a terminal."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from rich import box
from rich.console import RenderableType
from rich.markup import escape
from rich.table import Table as Grid

from hedgerow.market.instrument import Perpetual
from hedgerow.market.known import KnownRules
from hedgerow.market.rule_names import FUNDING_NEEDS
from hedgerow.market.table_file import Table
from hedgerow.market.tables import MAXIMUM_AGE, age_warning
from hedgerow.market.venue import ContractRules, FundingRule, LiquidationRule, MarginRule


def _unit(size: Perpetual) -> str:
    """Return what a size is counted in: coins, dollars, or coins for each dollar of the price."""
    base, quote = size.symbol.split(":", maxsplit=1)[0].split("/")
    if size.quanto:
        return f"{size.settle}/{quote}"
    return quote if size.inverse else base


def _percent(fraction: Decimal) -> str:
    number = (fraction * 100).normalize()
    return f"{number:f} %"


def tables_view(found: Sequence[Table], today: date) -> RenderableType:
    """Return one row a table file."""
    grid = Grid(
        title="Tables of rules",
        caption="Rules are dated data. `hedgerow venues show NAME` prints what is in force.",
        box=box.SIMPLE_HEAD,
        title_justify="left",
        caption_justify="left",
    )
    for heading in ("venue", "market", "in force from", "checked", "confidence", "gives"):
        grid.add_column(heading)
    for table in found:
        count = len(table.contracts)
        parts = [f"{count} contract{'s' if count > 1 else ''}"] if count else []
        parts += [f"{len(table.fees)} fee tier{'s' if len(table.fees) > 1 else ''}"] * bool(
            table.fees
        )
        grid.add_row(
            table.venue,
            table.market,
            str(table.effective),
            _checked(table.checked, today),
            table.confidence,
            ", ".join(parts),
        )
    return grid


def _checked(checked: date, today: date) -> str:
    age = (today - checked).days
    if age < 0:
        return f"{checked} [yellow](in the future)[/]"
    return f"{checked} [yellow]({age} d)[/]" if age > MAXIMUM_AGE else str(checked)


def venue_view(name: str, found: Sequence[ContractRules], day: date) -> RenderableType:
    """Return one row a contract, as of `day`."""
    grid = Grid(
        title=f"{name}: contracts on {day}",
        caption="Fees: maker/taker. Funding: interval and highest rate of one settlement.\n"
        "* this day is before the earliest table of a section, which stands in for it.\n"
        "`--instrument SYMBOL` shows brackets, liquidation and sources.",
        padding=(0, 1, 0, 0),
        pad_edge=False,
        box=box.SIMPLE_HEAD,
        title_justify="left",
        caption_justify="left",
    )
    grid.add_column("contract", overflow="fold")
    for heading in ("tick", "lot", "min", "lever", "fees %", "funding"):
        grid.add_column(heading, justify="right", overflow="fold")
    grid.add_column("confidence", overflow="fold")
    for rules in found:
        fee, funding, size = rules.fees[0], rules.funding, rules.perpetual
        grid.add_row(
            size.symbol + ("*" if rules.stamped else ""),
            f"{size.tick:f}",
            f"{size.lot_size.normalize():f} {_unit(size)}",
            f"{size.minimum_notional:f}" if size.minimum_notional else "lot",
            f"{rules.tiers[0].max_leverage:f}x",
            f"{_percent(fee.maker)[:-2]}/{_percent(fee.taker)[:-2]}",
            f"{funding.interval_hours} h {_percent(funding.cap)}",
            rules.confidence,
        )
    return grid


def partial_view(found: Sequence[KnownRules]) -> list[RenderableType]:
    """Return a line for each contract of which only some rules are known."""
    if not found:
        return []
    lines = "\n".join(f"  {rules.symbol}: no {', '.join(rules.missing)}" for rules in found)
    return [f"[yellow]Not complete, so refused by runs:[/]\n{lines}\n"]


def contract_view(rules: ContractRules, day: date, today: date) -> list[RenderableType]:
    """Return all that is known about one contract, with where it comes from."""
    return [
        _facts_view(rules, day),
        _brackets_view(rules),
        _origins_view(rules),
        *_warnings(rules, today),
    ]


def _funding(rule: FundingRule) -> str:
    when = "at every instant, quoted for" if rule.continuous else "every"
    bounds = f"between {_percent(rule.floor)} and {_percent(rule.cap)}"
    parts = {
        "interest": f"interest {_percent(rule.interest)} per 8 h",
        "clamp": f"clamp {_percent(rule.clamp)}",
    }
    said = [parts[name] for name in FUNDING_NEEDS[rule.method] if name in parts]
    tail = ", ".join([f"{rule.method} rule on the {rule.price} price", *said])
    return f"{when} {rule.interval_hours} h, {bounds}; {tail}"


def _smallest(size: Perpetual) -> str:
    if not size.minimum_notional:
        return "one lot"
    return f"{size.minimum_notional:f} {size.symbol.split('/')[1].split(':')[0]}"


def _margin(rule: MarginRule) -> str:
    words = {
        "brackets": "by the notional at the mark",
        "entry_brackets": "by the notional at entry",
        "size_tiers": "by the size",
        "size_slope": f"rate rises by {_percent(rule.slope)} for each coin",
    }[rule.method]
    if rule.cross == "brackets":
        words += ", in a cross account at the mark"
    fee = "; the closing fee counts" if rule.closing_fee else ""
    lower, upper = rule.open_interest_lower, rule.open_interest_upper
    if lower is None or upper is None:
        return words + fee
    return f"{words}{fee}; the initial rate rises to 1 as open interest goes {lower:,f}-{upper:,f}"


def _liquidation(rule: LiquidationRule) -> str:
    words = {
        "step_down": "reduced bracket by bracket, until margin suffices",
        "full": "closed at once",
        "bankruptcy": "taken over at the bankruptcy price",
        "partial": f"{_percent(rule.step)} at a time, until margin suffices",
    }[rule.method]
    queue = {
        "profit_leverage": "by profit and leverage",
        "lpq": "by leverage and profit quantile",
        "none": "none",
    }[rule.deleveraging]
    return f"{words}; clearance fee {_percent(rule.fee)}; deleveraging {queue}"


def _premium(rules: ContractRules) -> str:
    rule = rules.premium
    if rule is None:
        return "not known"
    impact = f" of {rule.impact_notional:,f}" if rule.impact_notional else ""
    return f"{rule.method}{impact} each {rule.sample_seconds} s, {rule.weights} weights"


def _mark(rules: ContractRules) -> str:
    rule = rules.mark
    if rule is None:
        return "not known"
    return f"{rule.method.replace('_', ' ')}, {rule.window_seconds} s; index: {rule.index}"


def _facts_view(rules: ContractRules, day: date) -> RenderableType:
    size = rules.perpetual
    unit = _unit(size)
    grid = Grid(
        title=f"[bold]{rules.venue} {size.symbol}[/] on {day}",
        box=box.SIMPLE,
        show_header=False,
        title_justify="left",
    )
    rows = [
        ("settles in", f"{size.settle} ({size.settlement})"),
        ("listed", str(rules.listed or "not known")),
        ("one contract", f"{size.multiplier:f} {unit}, traded in lots of {size.lot:f}"),
        ("tick", f"{size.tick:f}"),
        ("smallest order", _smallest(size)),
        *(
            (f"fees ({fee.name})", f"maker {_percent(fee.maker)}, taker {_percent(fee.taker)}")
            for fee in rules.fees
        ),
        ("funding", _funding(rules.funding)),
        ("margin", _margin(rules.margin)),
        ("liquidation", _liquidation(rules.liquidation)),
        ("premium", _premium(rules)),
        ("mark", _mark(rules)),
    ]
    for row in rows:
        grid.add_row(f"[dim]{row[0]}[/]", row[1])
    return grid


def _brackets_view(rules: ContractRules) -> RenderableType:
    grid = Grid(
        title=f"Margin brackets, in {_bracket_unit(rules)}",
        caption=_CAPTIONS[rules.margin.method],
        box=box.SIMPLE_HEAD,
        title_justify="left",
        caption_justify="left",
    )
    for heading in ("above", "up to", "leverage", "rate", "amount"):
        grid.add_column(heading, justify="right")
    for tier in rules.tiers:
        grid.add_row(
            f"{tier.floor:,f}",
            f"{tier.cap:,f}",
            f"{tier.max_leverage:f}x",
            _percent(tier.rate),
            f"{tier.amount:,f}",
        )
    return grid


_CAPTIONS = {
    "brackets": "maintenance = position x rate - amount",
    "entry_brackets": "maintenance = position at entry x rate - amount",
    "size_tiers": "maintenance = position x rate of its size",
    "size_slope": "maintenance = position x (rate + slope x coins)",
}


def _bracket_unit(rules: ContractRules) -> str:
    base, quote = rules.perpetual.symbol.split(":")[0].split("/")
    if rules.margin.method == "size_slope":
        return base
    if rules.margin.method == "size_tiers":
        return quote if rules.perpetual.inverse else base
    return rules.perpetual.settle


def _origins_view(rules: ContractRules) -> RenderableType:
    grid = Grid(title="Where this comes from", box=box.SIMPLE_HEAD, title_justify="left")
    for heading in ("section", "in force from", "checked", "confidence", "source"):
        grid.add_column(heading, overflow="fold", no_wrap=heading != "source")
    for origin in rules.origins:
        source = f"{origin.source}\n[dim]{origin.note}[/]" if origin.note else origin.source
        grid.add_row(
            origin.section,
            str(origin.effective) + (" *" if origin.stamped else ""),
            str(origin.checked),
            origin.confidence,
            source,
        )
    return grid


def _warnings(rules: ContractRules, today: date) -> list[RenderableType]:
    lines: list[RenderableType] = []
    if any(origin.stamped for origin in rules.origins):
        lines.append("* the day asked for is before the earliest table, which stands in for it")
    warnings = {
        (origin.table, origin.checked_key): warning
        for origin in rules.origins
        if (warning := age_warning(origin, today))
    }
    lines += [f"[yellow]{escape(warning)}[/]" for warning in warnings.values()]
    return lines
