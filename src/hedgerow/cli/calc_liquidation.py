"""`hedgerow calc liquidation`: the price at which a position takes its account down."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from hedgerow.cli.calc_account import Asked, Backing, account_asked
from hedgerow.cli.calc_output import (
    EntryOption,
    FeeOption,
    InstrumentOption,
    Json,
    JsonOption,
    Line,
    MarkOption,
    MultiplierOption,
    OnOption,
    QuantityOption,
    RealisedOption,
    ReferenceOption,
    Side,
    SideOption,
    TableOption,
    VenueOption,
    above_zero,
    answer,
    bracket_json,
    money,
    multiplier_asked,
    position_json,
    price_text,
    rulebook,
    stamps,
)
from hedgerow.cli.ending import told

if TYPE_CHECKING:
    from hedgerow.margin.liquidation import Frontier, Liquidation
    from hedgerow.margin.margin_account import MarginAccount


class MovingWith(StrEnum):
    """What moves with the contract's price."""

    ALONE = "alone"
    ASSET = "asset"
    ALL = "all"


def liquidation(
    venue: VenueOption,
    instrument: InstrumentOption,
    quantity: QuantityOption,
    entry: EntryOption,
    side: SideOption = Side.SHORT,
    deposit: Annotated[
        float | None, typer.Option(help="What lies in the account, settlement currency.")
    ] = None,
    leverage: Annotated[
        float | None, typer.Option(help="Instead of a deposit: notional at the entry over it.")
    ] = None,
    mark: MarkOption = None,
    collateral: Annotated[
        list[str] | None,
        typer.Option(
            metavar="COIN=AMOUNT@PRICE[:HAIRCUT[:SHOCK]]",
            help="Cross: collateral beside the deposit; may be repeated.",
        ),
    ] = None,
    position: Annotated[
        list[str] | None,
        typer.Option(
            metavar="SYMBOL:SIDE:QUANTITY:ENTRY[:MARK]",
            help="Cross: another position of the account; may be repeated.",
        ),
    ] = None,
    moving: Annotated[
        MovingWith, typer.Option(help="What else moves: nothing, the same coin, everything.")
    ] = MovingWith.ALONE,
    hedged_spot: Annotated[
        float, typer.Option(help="Coins off the venue that the position hedges.")
    ] = 0.0,
    margin_multiplier: MultiplierOption = None,
    realised_volatility: RealisedOption = None,
    reference_volatility: ReferenceOption = None,
    fee: FeeOption = "",
    on: OnOption = "",
    table: TableOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say at which price a position is liquidated, by the venue's own brackets.

    Alone with its deposit it is isolated; with --collateral or --position the account is cross.
    """
    with told("Stopped."):
        from hedgerow.margin.liquidation import frontier, liquidation_prices

        book = rulebook(venue, on, table)
        asked = Asked(
            instrument=instrument, side=side, quantity=quantity, entry=entry, mark=mark, fee=fee
        )
        backing = Backing(
            deposit=deposit,
            leverage=leverage,
            collaterals=tuple(collateral or ()),
            positions=tuple(position or ()),
            multiplier=multiplier_asked(
                margin_multiplier, realised_volatility, reference_volatility
            ),
        )
        if hedged_spot:
            above_zero("--hedged-spot", hedged_spot)
        used, account, held = account_asked(book, asked, backing)
        found = liquidation_prices(account, moving.value)
        joint = frontier(account, account.positions[0].terms.asset)
    lines, ages = stamps(used)
    payload = liquidation_json(account, found, joint)
    payload["deposit"] = held
    payload["mode"] = "cross" if backing.cross else "isolated"
    if hedged_spot:
        payload["hedged_spot"] = _pair(account, joint, hedged_spot)
    payload["rules"] = lines
    payload["warnings"] = [*_warnings(account), *ages]
    title = f"{side.value.capitalize()} {quantity:g} {instrument} on {venue}"
    answer(payload, title, _lines(account, found[0], joint, payload), as_json=as_json)


def liquidation_json(
    account: "MarginAccount", found: "tuple[Liquidation, ...]", joint: "Frontier"
) -> Json:
    """Return the answer as plain values; the first position is the one that was asked about."""
    from hedgerow.margin.rounding import liquidation_tick

    first = found[0]
    held = first.position
    terms = held.terms
    price = first.price
    return {
        "liquidation_price": price,
        "liquidation_price_on_tick": (
            None if price is None else liquidation_tick(price, terms.tick, first.hurts)
        ),
        "bankruptcy_price": first.bankruptcy,
        "distance": first.distance,
        "maintenance_margin": account.maintenance,
        "initial_margin": account.initial,
        "margin_multiplier": account.multiplier,
        "equity": account.equity,
        "headroom": account.headroom,
        "leverage": account.leverage if account.equity > 0.0 else None,
        "margin_ratio": account.margin_ratio if account.maintenance else None,
        "notional": account.notional,
        "unit": account.unit,
        "bracket": bracket_json(terms, first.bracket),
        "bracket_at_mark": bracket_json(terms, held.bracket()),
        "frontier": {"asset": joint.asset, "down": joint.down, "up": joint.up},
        "position": position_json(held),
        "positions": [
            {
                **position_json(one.position),
                "liquidation_price": one.price,
                "bankruptcy_price": one.bankruptcy,
                "distance": one.distance,
                "bracket": bracket_json(one.position.terms, one.bracket),
            }
            for one in found
        ],
    }


def _pair(account: "MarginAccount", joint: "Frontier", spot: float) -> Json:
    """Return what coins off the venue and the account have made together where it dies."""
    from hedgerow.margin.hedged_pair import HedgedPair

    pair = HedgedPair(account=account, asset=joint.asset, spot=spot)
    return {
        "amount": spot,
        "net_delta": pair.delta,
        "pair_profit_down": None if joint.down is None else pair.profit(joint.down),
        "pair_profit_up": None if joint.up is None else pair.profit(joint.up),
    }


def _warnings(account: "MarginAccount") -> list[str]:
    found = []
    if account.equity < account.maintenance:
        found.append(
            "The account is below its maintenance margin at the mark: it would be liquidated now."
        )
    elif account.equity < account.initial:
        found.append(
            f"Equity of {account.equity:,.6g} {account.unit} is below the initial margin of "
            f"{account.initial:,.6g}: the venue would not let this be opened now."
        )
    return found


def _multiplied(account: "MarginAccount") -> list[Line]:
    if account.multiplier == 1.0:
        return []
    return [("requirements multiplied by", f"{account.multiplier:.4g}")]


def _lines(
    account: "MarginAccount", first: "Liquidation", joint: "Frontier", payload: Json
) -> list[Line]:
    unit, held = account.unit, first.position
    lines = [
        ("liquidation price", price_text(first.price)),
        ("distance from the mark", "" if first.distance is None else f"{first.distance:.2%}"),
        ("bankruptcy price", price_text(first.bankruptcy)),
        ("mark", price_text(held.price)),
        ("equity", money(account.equity, unit)),
        ("maintenance margin", money(account.maintenance, unit)),
        ("initial margin", money(account.initial, unit)),
        *_multiplied(account),
        ("headroom, of notional", f"{account.headroom:.2%}"),
    ]
    if account.equity > 0.0:
        lines.append(("leverage", f"{account.leverage:.2f} x"))
    if first.bracket is not None:
        terms = held.terms
        shown = f"{terms.tiers.index(first.bracket) + 1} of {len(terms.tiers)}"
        lines.append(("bracket at that price", f"{shown}: {float(first.bracket.rate):.2%}"))
    lines.append((f"account dies if {joint.asset} falls to", price_text(joint.down)))
    lines.append((f"account dies if {joint.asset} rises to", price_text(joint.up)))
    pair = payload.get("hedged_spot")
    if isinstance(pair, dict):
        for way in ("down", "up"):
            made = pair[f"pair_profit_{way}"]
            if made is not None:
                lines.append((f"coins and hedge have made by then ({way})", f"{made:,.2f}"))
    return lines
