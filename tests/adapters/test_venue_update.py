"""An update asks an exchange in public and writes a table that wins; no network is needed."""

import importlib
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from fake_venue.binance import BinanceServer
from fake_venue.deribit import DeribitServer
from fake_venue.threaded import standing
from hedgerow.adapters import venue_wire
from hedgerow.adapters.venue_update import Update, fetch_update
from hedgerow.adapters.venues.known import VENUES
from hedgerow.adapters.venues.loader import load_exchange
from hedgerow.adapters.venues.tuned import Tuned
from hedgerow.errors import ConfigError, MarketDataError, UnknownName
from hedgerow.execution.port import Refused, Unreachable
from hedgerow.market.known import KnownRules
from hedgerow.market.own_tables import tables_in
from hedgerow.market.tables import contract_rules, known_rules

DAY = date(2026, 11, 22)


def market(symbol: str, **changes: object) -> dict[str, Any]:
    """Return a market as ccxt describes it."""
    return {
        "symbol": symbol,
        "contractSize": 1.0,
        "precision": {"price": 0.1, "amount": 0.001},
        "limits": {"cost": {"min": 5.0}, "amount": {"min": 0.001}},
        "maker": 0.0002,
        "taker": 0.0005,
        "info": {},
    } | changes


class Recorded:
    """An exchange that answers with recorded shapes."""

    def __init__(self, replies: Mapping[str, Any]) -> None:
        self.replies = replies
        self.has: Mapping[str, Any] = {
            "fetchLeverageTiers": "tiers" in replies,
            "fetchMarketLeverageTiers": "market_tiers" in replies,
            "fetchFundingIntervals": "intervals" in replies,
            "fetchFundingRates": "rates" in replies,
            "fetchFundingRate": "rate" in replies,
        }
        self.urls = {"www": "https://acme.example"}

    def _reply(self, name: str) -> Any:  # noqa: ANN401  as recorded
        reply = self.replies[name]
        if isinstance(reply, Exception):
            raise reply
        return reply

    def load_markets(self) -> Mapping[str, Any]:
        return dict(self._reply("markets"))

    def fetch_leverage_tiers(self, symbols: Sequence[str]) -> Mapping[str, Any]:
        return {symbol: self._reply("tiers")[symbol] for symbol in symbols}

    def fetch_market_leverage_tiers(self, symbol: str) -> Sequence[Any]:
        return list(self._reply("market_tiers")[symbol])

    def fetch_funding_intervals(self, symbols: Sequence[str]) -> Mapping[str, Any]:
        return {symbol: self._reply("intervals")[symbol] for symbol in symbols}

    def fetch_funding_rates(self, symbols: Sequence[str]) -> Mapping[str, Any]:
        return {symbol: self._reply("rates")[symbol] for symbol in symbols}

    def fetch_funding_rate(self, symbol: str) -> Mapping[str, Any]:
        return dict(self._reply("rate")[symbol])

    def close(self) -> None:
        """Nothing is held."""


def known(venue: str, *symbols: str) -> list[KnownRules]:
    return [known_rules(venue, symbol, DAY) for symbol in symbols]


def bracket(cap: float, rate: float, leverage: float, cum: float) -> dict[str, Any]:
    return {
        "maxNotional": cap,
        "maintenanceMarginRate": rate,
        "maxLeverage": leverage,
        "info": {"cum": str(cum)},
    }


# GET /fapi/v1/leverageBracket and /fapi/v1/fundingInfo, as ccxt passes them on.
BINANCE = {
    "markets": {"BTC/USDT:USDT": market("BTC/USDT:USDT")},
    "tiers": {
        "BTC/USDT:USDT": [
            bracket(300_000, 0.004, 150, 0),
            bracket(800_000, 0.005, 100, 300),
            bracket(3_000_000, 0.0065, 75, 1_500),
        ]
    },
    "intervals": {
        "BTC/USDT:USDT": {
            "interval": "4h",
            "info": {
                "adjustedFundingRateCap": "0.02000000",
                "adjustedFundingRateFloor": "-0.02000000",
            },
        }
    },
}


def update_of(venue: str, replies: Mapping[str, Any], *symbols: str) -> Update:
    return fetch_update(Recorded(replies), venue, known(venue, *symbols), DAY)


def test_an_update_of_binance_writes_a_table_that_wins(tmp_path: Path) -> None:
    found = update_of("binance", BINANCE, "BTC/USDT:USDT")
    files = found.write(tmp_path)
    assert [file.relative_to(tmp_path).as_posix() for file in files] == [
        "binance/usdm.2026-11-22.toml"
    ]
    own = tables_in(tmp_path)
    rules = contract_rules("binance", "BTC/USDT:USDT", DAY, own)
    assert [str(tier.amount) for tier in rules.tiers] == ["0", "300", "1500"]
    assert rules.tiers[0].max_leverage == 150
    assert (rules.funding.interval_hours, rules.funding.cap) == (4, Decimal("0.02"))
    assert rules.funding.method == "scaled_clamp"  # no interface tells it: it stays
    assert rules.perpetual.minimum_notional == 5
    by_section = {origin.section: origin for origin in rules.origins}
    assert by_section["tiers"].effective == DAY
    assert by_section["tiers"].source == "https://acme.example"
    assert by_section["liquidation"].effective < DAY
    before = contract_rules("binance", "BTC/USDT:USDT", date(2026, 11, 21), own)
    assert len(before.tiers) == 12


def test_bybit_risk_limits_are_compared_with_their_own_deduction() -> None:
    rows = [
        {
            "maxNotional": cap,
            "maintenanceMarginRate": rate,
            "maxLeverage": leverage,
            "info": {"mmDeduction": deduction},
        }
        for cap, rate, leverage, deduction in (
            (2_000_000, 0.005, 100, ""),
            (2_600_000, 0.0056, 90, "1200"),
            (3_200_000, 0.0063, 80, "3020"),
        )
    ]
    markets = {
        "BTC/USDT:USDT": market(
            "BTC/USDT:USDT",
            info={"upperFundingRate": "0.005", "lowerFundingRate": "-0.005"},
        )
    }
    rates = {"BTC/USDT:USDT": {"interval": "8h", "info": {"fundingRate": "0.0001"}}}
    replies = {"markets": markets, "tiers": {"BTC/USDT:USDT": rows}, "rates": rates}
    draft = update_of("bybit", replies, "BTC/USDT:USDT").drafts[0].contracts[0]
    assert [tier.amount for tier in draft.tiers] == [0, 1_200, 3_020]
    assert draft.funding is not None
    assert draft.funding.cap == Decimal("0.005")
    rows[2]["info"] = {"mmDeduction": "3999"}
    with pytest.raises(MarketDataError, match="mmDeduction is 3999, but its brackets make it 3020"):
        update_of("bybit", replies, "BTC/USDT:USDT")


def test_okx_tiers_come_in_contracts_and_become_coins() -> None:
    rows = [
        {"maxNotional": 1_000.0, "maintenanceMarginRate": 0.004, "maxLeverage": 100.0, "info": {}},
        {"maxNotional": 5_000.0, "maintenanceMarginRate": 0.005, "maxLeverage": 66.66, "info": {}},
    ]
    swap = market(
        "BTC/USDT:USDT",
        contractSize=0.01,
        precision={"price": 0.1, "amount": 0.01},
        limits={"cost": {"min": None}},
    )
    replies = {
        "markets": {"BTC/USDT:USDT": swap},
        "market_tiers": {"BTC/USDT:USDT": rows},
        "rate": {
            "BTC/USDT:USDT": {
                "interval": "8h",
                "info": {"maxFundingRate": "0.00375", "minFundingRate": "-0.00375"},
            }
        },
    }
    found = update_of("okx", replies, "BTC/USDT:USDT")
    draft = found.drafts[0].contracts[0]
    assert [(float(tier.floor), float(tier.cap)) for tier in draft.tiers] == [(0, 10), (10, 50)]
    assert not any(tier.amount for tier in draft.tiers)
    assert draft.size is not None
    assert draft.size.minimum_notional == 0
    assert found.tables()[0].contracts["BTC/USDT:USDT"].tiers == draft.tiers


def test_what_needs_a_key_is_left_out_and_said() -> None:
    replies = BINANCE | {"tiers": Refused("binance refused brackets: a key is needed")}
    found = update_of("binance", replies, "BTC/USDT:USDT")
    assert found.drafts[0].contracts[0].tiers == ()
    assert found.left_out == ("brackets: binance refused brackets: a key is needed",)


def test_a_new_interval_without_its_bounds_is_not_guessed() -> None:
    bare = {"BTC/USDT:USDT": {"interval": "4h", "info": {}}}
    found = update_of("binance", BINANCE | {"intervals": bare}, "BTC/USDT:USDT")
    assert found.drafts[0].contracts[0].funding is None
    assert "interval or its bounds are not known" in found.left_out[0]


def test_a_venue_that_gives_nothing_says_so() -> None:
    markets = {"BTC/USDC:USDC": market("BTC/USDC:USDC", maker=None)}
    found = update_of("dydx", {"markets": markets}, "BTC/USDC:USDC")
    assert [line.split(":")[0] for line in found.left_out] == ["brackets", "funding intervals"]
    assert found.drafts[0].fees == ()
    assert found.drafts[0].contracts[0].size is not None


def test_a_venue_that_does_not_answer_is_named() -> None:
    with pytest.raises(MarketDataError, match=r"binance did not answer \(too slow\)"):
        update_of("binance", {"markets": Unreachable("too slow")}, "BTC/USDT:USDT")


def test_a_contract_that_is_no_longer_listed_is_named() -> None:
    with pytest.raises(UnknownName, match="binance, live: unknown instrument 'BTC/USDT:USDT'"):
        update_of("binance", {"markets": {"X/Y:Y": {}}}, "BTC/USDT:USDT")


def test_a_defect_of_ours_is_not_taken_for_the_wire() -> None:
    with pytest.raises(ZeroDivisionError):
        update_of("binance", BINANCE | {"tiers": ZeroDivisionError()}, "BTC/USDT:USDT")


def test_without_the_extra_the_message_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> object:
        raise ModuleNotFoundError(name)

    load_exchange.cache_clear()  # another test may have loaded it
    monkeypatch.setattr(importlib, "import_module", absent)
    with pytest.raises(ConfigError, match=r'pip install "hedgerow\[live\]"'):
        venue_wire.connect("binance", ["BTC/USDT:USDT"])


def test_a_venue_without_connector_is_refused() -> None:
    with pytest.raises(UnknownName, match="unknown venue with a live interface 'gmx'"):
        venue_wire.connect("gmx", ["BTC/USDT:USDT"])


@pytest.mark.parametrize("venue", [*VENUES, *venue_wire.UNTRADED])
def test_each_venue_has_a_connector_that_does_not_resend(venue: str) -> None:
    with closing(venue_wire.connect(venue, ["BTC/USD:BTC"])) as public:
        assert isinstance(public._exchange, Tuned)
        assert "fetchMarkets" in public.has
        assert public.urls["www"].startswith("https://")


def update_at(venue: str, url: str, symbol: str) -> Update:
    with closing(venue_wire.connect(venue, [symbol], url)) as public:
        return fetch_update(public, venue, known(venue, symbol), DAY)


def test_deribit_counts_in_dollars_and_the_table_in_contracts() -> None:
    with standing(DeribitServer) as server:
        found = update_at("deribit", server.url, "BTC/USD:BTC")
    size = found.drafts[0].contracts[0].size
    assert size == known("deribit", "BTC/USD:BTC")[0].size
    assert (size.multiplier, size.lot) == (10, 1)  # type: ignore[union-attr]


def test_binance_over_the_wire_asks_in_public_and_says_what_needs_a_key() -> None:
    with standing(BinanceServer) as server:
        found = update_at("binance", server.url, "BTC/USDT:USDT")
        headers = {name for seen in server.requests for name in seen.headers}
    assert "X-MBX-APIKEY" not in headers
    assert found.drafts[0].contracts[0].size is not None
    assert [line for line in found.left_out if line.startswith("brackets: binance")]


def test_a_page_of_html_is_no_answer_whatever_its_status() -> None:
    with standing(BinanceServer) as server:
        server.faults.html("exchangeInfo", times=9)
        with pytest.raises(MarketDataError, match="binance did not answer"):
            update_at("binance", server.url, "BTC/USDT:USDT")
