"""Paper exchanges for tests: one linear, one inverse, one spot contract of one coin."""

from decimal import Decimal
from typing import Any

import numpy as np

from hedgerow.engine.terms import AccountTerms, Brackets, LegTerms, PledgeTerms, Terms
from hedgerow.execution.order import (
    FundingReport,
    Listing,
    OrderKind,
    OrderReport,
    OrderRequest,
    Side,
    TradeReport,
)
from hedgerow.execution.port import PrivateReport, QuoteReport, TransferReport
from hedgerow.live.paper.book import Depth
from hedgerow.live.paper.contract import PaperContract
from hedgerow.live.paper.exchange import PaperExchange
from hedgerow.policies.hold import Hold
from hedgerow.policies.mixed import mixed
from hedgerow.units import SECOND

LINEAR = "BTC/USDT:USDT"
INVERSE = "BTC/USD:BTC"
SPOT = "BTC/USDT"
MAKER, TAKER = Decimal("0.0002"), Decimal("0.0005")
T0 = 1_704_067_200 * SECOND  # 2024-01-01


def flat(rate: float, leverage: float, amount: float = 0.0) -> Brackets:
    """Return a schedule of one bracket."""
    return Brackets(
        floor=np.zeros(1),
        cap=np.full(1, 1e12),
        rate=np.array([rate]),
        amount=np.array([amount]),
        leverage=np.array([leverage]),
    )


def leg(symbol: str, account: str, **chosen: object) -> LegTerms:
    """Return the terms of a leg on the coin of a symbol."""
    inverse = symbol == INVERSE
    usual: dict[str, Any] = {
        "instrument": symbol,
        "asset": symbol.partition("/")[0],
        "account": account,
        "settle": "BTC" if inverse else "USDT",
        "inverse": inverse,
        "lot_size": 10.0 if inverse else 0.001,
        "minimum": 10.0 if inverse else 5.0,
        "brackets": flat(0.01, 20.0),
        "method": "full",
        "fee": float(TAKER),
        "liquidation_fee": 0.0125,
    }
    given: dict[str, Any] = {**usual, **chosen}
    return LegTerms(**given)


def own_terms(*legs: LegTerms, pledges: tuple[PledgeTerms, ...] = ()) -> Terms:
    """Return terms of these legs, one account for each that they name."""
    legs = legs or (leg(LINEAR, "main"), leg(INVERSE, "coin"))
    names = dict.fromkeys((each.account, each.settle) for each in legs)
    return Terms(
        assets=("BTC", "ETH", "USDT"),
        cash=frozenset({"USDT"}),
        numeraire_coin=None,
        holdings=(0.0, 0.0, 0.0),
        legs=legs,
        accounts=tuple(
            AccountTerms(name=name, collateral=settle, deposit=0.0, pledges=pledges)
            for name, settle in names
        ),
        rule=mixed([Hold.rule]),
        half_spread=1e-4,
        spot_fee=1e-3,
    )


def contract(symbol: str, **chosen: object) -> PaperContract:
    """Return a contract with the fees above."""
    inverse, spot = symbol == INVERSE, ":" not in symbol
    listing = Listing(
        venue="acme",
        account="",
        symbol=symbol,
        tick=Decimal("0.1"),
        lot=Decimal(10) if inverse else Decimal("0.001"),
        minimum_notional=Decimal(10) if inverse else Decimal(5),
        inverse=inverse,
        spot=spot,
    )
    given: dict[str, Any] = {"listing": listing, "maker": MAKER, "taker": TAKER, **chosen}
    return PaperContract(**given)


def exchange(
    *,
    terms: Terms | None = None,
    symbols: tuple[str, ...] = (LINEAR, INVERSE, SPOT),
    depth: Depth | None = None,
    latency: int = 0,
    **balances: dict[str, str],
) -> PaperExchange:
    """Return an exchange whose accounts hold what is named, 100 000 USDT and 2 BTC by default."""
    balances = balances or {"main": {"USDT": "100000"}, "coin": {"BTC": "2"}}
    return PaperExchange(
        venue="acme",
        contracts=tuple(contract(symbol) for symbol in symbols),
        terms=terms or own_terms(),
        balances={
            name: {coin: Decimal(amount) for coin, amount in held.items()}
            for name, held in balances.items()
        },
        depth=depth or Depth(levels=1),
        latency=latency,
    )


def shown(
    bid: float, ask: float | None = None, *, symbol: str = LINEAR, time: int = T0, **more: object
) -> QuoteReport:
    """Return a quote; both prices are `bid` plus and minus nothing unless `ask` is given."""
    given: dict[str, Any] = {"bid_size": 1e9, "ask_size": 1e9, **more}
    return QuoteReport(
        venue="acme",
        symbol=symbol,
        time=time,
        received=time,
        bid=bid,
        ask=bid if ask is None else ask,
        **given,
    )


def order(client_id: str, amount: str, price: str, **chosen: object) -> OrderRequest:
    """Return an order: `amount` > 0 buys, < 0 sells; immediate unless `kind` says otherwise."""
    signed = Decimal(amount)
    usual: dict[str, Any] = {
        "client_id": client_id,
        "venue": "acme",
        "account": "main",
        "symbol": LINEAR,
        "side": Side.BUY if signed > 0 else Side.SELL,
        "amount": abs(signed),
        "kind": OrderKind.IMMEDIATE,
        "price": Decimal(price),
    }
    given: dict[str, Any] = {**usual, **chosen}
    return OrderRequest(**given)


def trades_in(reports: list[PrivateReport]) -> list[TradeReport]:
    """Return the trades among reports."""
    return [report for report in reports if isinstance(report, TradeReport)]


def orders_in(reports: list[PrivateReport]) -> list[OrderReport]:
    """Return what is said of orders."""
    return [report for report in reports if isinstance(report, OrderReport)]


def payments_in(reports: list[PrivateReport]) -> list[FundingReport]:
    """Return the funding payments among reports."""
    return [report for report in reports if isinstance(report, FundingReport)]


def transfers_in(reports: list[PrivateReport]) -> list[TransferReport]:
    """Return the transfers among reports."""
    return [report for report in reports if isinstance(report, TransferReport)]
