"""Turns the inputs of a published case into positions, accounts and terms."""

import math
from dataclasses import replace
from decimal import Decimal
from typing import Any

from golden_cases import Case

from hedgerow.margin.collateral import Collateral
from hedgerow.margin.margin_account import MarginAccount
from hedgerow.margin.position import Position
from hedgerow.margin.terms import MarginTerms, flat_terms, half_initial_terms
from hedgerow.margin.wallet import counted_extra, deposit_at, deposit_of_cash
from hedgerow.market.venue import MarginRule

SIZES = ("size", "szi", "contracts", "qty_usd", "position", "position_value_xbt", "size_value_xbt")
MULTIPLIERS = ("contract_usd", "ct_val", "multiplier_xbt", "multiplier")
WALLETS = ("wallet", "wallet_btc", "balance_btc", "balance", "margin", "margin_used", "equity")
RATES = ("mmr", "mm_rate", "mmf")


def first_of(inputs: dict[str, Any], names: tuple[str, ...]) -> float | None:
    """Return the first of the named inputs that is there."""
    for name in names:
        if name in inputs and not isinstance(inputs[name], dict):
            return float(inputs[name])
    return None


def side_of(inputs: dict[str, Any]) -> float:
    """Return +1 or -1: from the side, else from the sign of the size; long where none is said."""
    if "side" in inputs:
        return -1.0 if inputs["side"] == "short" else 1.0
    size = first_of(inputs, SIZES)
    return -1.0 if size is not None and size < 0.0 else 1.0


def is_inverse(case: Case) -> bool:
    """Tell whether a case is about a coin-settled contract."""
    inputs = case.inputs
    if "ct_val" in inputs or "linear" in case.venue or "usdm" in case.venue:
        return False
    named = "inverse" in case.venue or "coinm" in case.venue or "inverse" in case.topic
    return named or "contract_usd" in inputs or "qty_usd" in inputs


def size_of(inputs: dict[str, Any]) -> float:
    """Return the signed size: contracts times what one of them is."""
    size = first_of(inputs, SIZES)
    assert size is not None
    multiplier = first_of(inputs, MULTIPLIERS) if "contracts" in inputs else None
    return side_of(inputs) * abs(size) * (1.0 if multiplier is None else multiplier)


def terms_of_case(case: Case, inputs: dict[str, Any] | None = None) -> MarginTerms:
    """Return the venue's kind of requirement with the rate and amount that the case gives."""
    given = case.inputs if inputs is None else inputs
    if "max_leverage" in given:
        return half_initial_terms(float(given["max_leverage"]))
    rate = first_of(given, RATES) or 0.0
    amount = float(given.get("cum", given.get("mm_deduction", given.get("mm_ded", 0.0))))
    initial = first_of(given, ("im_rate", "imr"))
    symbol = "BTC/USD:BTC" if is_inverse(case) else "BTC/USDT:USDT"
    terms = flat_terms(rate, symbol=symbol, amount=amount, initial=initial)
    fee = float(given.get("taker_fee", given.get("taker", 0.0)))
    legacy = "legacy" in case.venue
    frozen = legacy or "bitmex" in case.venue or case.venue.startswith("bybit-linear")
    if "bybit-inverse" in case.venue and "2026" not in case.venue:
        frozen = True
    return replace(
        terms,
        taker_fee=fee,
        closing_fee="bankruptcy"
        if legacy
        else "price"
        if {"okx", "gate"} & set(case.venue.replace("-", "/").split("/"))
        else "none",
        rule=MarginRule(method="entry_brackets" if frozen else "brackets"),
    )


def sloped_terms(case: Case, initial: bool) -> MarginTerms:
    """Return terms whose rate rises with the size in coins."""
    base, slope = Decimal(case.inputs["base"]), Decimal(case.inputs["slope_per_coin"])
    symbol = "BTC/USD:BTC" if is_inverse(case) else "BTC/USDT:USDT"
    terms = flat_terms(float(base), symbol=symbol, initial=float(base) if initial else None)
    rule = MarginRule(method="size_slope", slope=slope, initial_slope=slope)
    return replace(terms, rule=rule)


def position_of(case: Case) -> Position:
    """Return the position of a case, at its entry and, where one is given, at its mark."""
    inputs = case.inputs
    held = inputs.get("position")
    given = {**inputs, **held} if isinstance(held, dict) else inputs
    entry = first_of(given, ("entry", "price", "mark"))
    assert entry is not None
    if "margin_used" in given and "mark" in given:
        entry = float(given["mark"])  # the margin is that of now: profit up to here is in it
    return Position(
        terms=terms_of_case(case, given),
        size=size_of(given),
        entry=entry,
        mark=first_of(given, ("mark",)) or entry,
        leverage=first_of(given, ("leverage", "lever")),
    )


def wallet_of(case: Case, position: Position) -> float:
    """Return what lies behind the position, in settlement currency."""
    inputs = case.inputs
    if "raw_usd" in inputs:
        return deposit_of_cash(position, float(inputs["raw_usd"]))
    wallet = first_of(inputs, WALLETS)
    if wallet is None:
        assert position.leverage is not None
        wallet = deposit_at(position, position.leverage)
    extra = float(inputs.get("extra_margin", 0.0))
    if "2026" in case.venue:
        extra = counted_extra(position, extra)
    return wallet + extra - float(inputs.get("order_margin", 0.0))


def account_of(case: Case) -> MarginAccount:
    """Return the account of a case: its position, and the others that share the wallet."""
    inputs = case.inputs
    if "raw_usd" in inputs and "entry" not in inputs and "mark" not in inputs:
        raw = float(inputs["raw_usd"])
        case = Case(case.id, {**case.raw, "inputs": {**inputs, "entry": abs(raw) or 1.0}})
    position = position_of(case)
    others = []
    for number, row in enumerate(inputs.get("others", ())):
        name = f"COIN{number}/USD:COIN{number}" if is_inverse(case) else f"COIN{number}/USDT:USDT"
        terms = terms_of_case(case, row)
        size = size_of({"side": "long", **row} if float(row["size"]) > 0 else row)
        others.append(
            Position(
                terms=replace(terms, symbol=name, asset=f"COIN{number}"),
                size=size,
                entry=float(row["entry"]),
                mark=float(row.get("mark", row["entry"])),
            )
        )
    terms = position.terms
    price = position.price if terms.inverse else 1.0
    wallet = Collateral(asset=terms.settle, amount=wallet_of(case, position), price=price)
    return MarginAccount(positions=(position, *others), collaterals=(wallet,), unit=terms.settle)


def shown(price: float | None) -> float:
    """Return a price as a case prints it: none is 0."""
    return 0.0 if price is None or math.isnan(price) else price
