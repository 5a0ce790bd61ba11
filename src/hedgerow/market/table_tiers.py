"""The brackets of a contract: read and checked against each other."""

from decimal import Decimal

from hedgerow.market.table_reader import TableReader
from hedgerow.market.venue import MarginTier

CONTINUOUS = ("brackets", "entry_brackets")  # methods whose brackets go by notional


def read_tiers(contract: TableReader, method: str) -> tuple[MarginTier, ...]:
    """Return the brackets under `contract`, checked as the margin rule `method` asks.

    Brackets touch, and rates rise as leverages fall. Brackets of notional make the maintenance
    margin continuous; those of size have no amount, and a slope has one bracket only.
    """
    tiers: list[MarginTier] = []
    for row in contract.children("tiers"):
        tier = MarginTier(
            floor=row.number("floor"),
            cap=row.number("cap"),
            rate=row.number("rate"),
            amount=row.number("amount"),
            max_leverage=row.number("max_leverage"),
        )
        row.close()
        below = tiers[-1] if tiers else None
        _check_alone(row, tier)
        _check_order(row, below, tier)
        _check_amount(row, below, tier, method)
        tiers.append(tier)
    if method == "size_slope" and len(tiers) > 1:
        contract.refuse("tiers", len(tiers), "a rate that rises with size has one bracket")
    return tuple(tiers)


def _check_alone(row: TableReader, tier: MarginTier) -> None:
    if tier.cap <= tier.floor:
        row.refuse("cap", tier.cap, f"the cap must be above the floor of {tier.floor}")
    if tier.max_leverage < 1:
        row.refuse("max_leverage", tier.max_leverage, "write 1 or more")
    if not 0 < tier.rate < 1 / tier.max_leverage:
        most = 1 / tier.max_leverage
        row.refuse("rate", tier.rate, f"write a fraction above 0 and below 1/leverage = {most:.6g}")


def _check_order(row: TableReader, below: MarginTier | None, tier: MarginTier) -> None:
    """Refuse a bracket that does not continue the one below it."""
    floor = below.cap if below else Decimal(0)
    if tier.floor != floor:
        row.refuse("floor", tier.floor, f"brackets must touch, so it should be {floor}")
    if below and tier.rate <= below.rate:
        row.refuse("rate", tier.rate, f"it must be above the {below.rate} of the bracket below")
    if below and tier.max_leverage >= below.max_leverage:
        least = below.max_leverage
        row.refuse("max_leverage", tier.max_leverage, f"it must be below the {least} before it")


def _check_amount(
    row: TableReader, below: MarginTier | None, tier: MarginTier, method: str
) -> None:
    if method not in CONTINUOUS:
        if tier.amount != 0:
            row.refuse("amount", tier.amount, f"the method {method!r} has none; write 0")
        return
    amount = below.amount + tier.floor * (tier.rate - below.rate) if below else Decimal(0)
    if tier.amount != amount:
        row.refuse("amount", tier.amount, f"maintenance would jump there; it should be {amount:f}")
