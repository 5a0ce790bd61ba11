"""An error of the wire says what is certain: done, not done, or nobody knows."""

import pytest
from ccxt.base import errors as ccxt_errors

from hedgerow.adapters.venues.failures import Asked, code_of, translate
from hedgerow.adapters.venues.keys import Keys
from hedgerow.execution.port import (
    ClockSkewed,
    Garbled,
    OutcomeUnknown,
    RateLimited,
    Refused,
    Unreachable,
    VenueError,
)
from hedgerow.execution.secret import Secret


def said(kind: str, text: str = "", venue: str = "binance", **more: object) -> VenueError:
    """Return what becomes of an error on the way of an order."""
    error = getattr(ccxt_errors, kind)(text)
    for name, value in more.items():
        setattr(error, name, value)
    return translate(error, Asked(venue=venue, what="place hg1", changes=True))


def read(kind: str, text: str = "", venue: str = "binance") -> VenueError:
    error = getattr(ccxt_errors, kind)(text)
    return translate(error, Asked(venue=venue, what="positions"))


@pytest.mark.parametrize(
    "kind", ["ExchangeNotAvailable", "RequestTimeout", "NetworkError", "OperationFailed"]
)
def test_an_order_whose_answer_is_lost_may_have_been_taken(kind: str) -> None:
    assert type(said(kind)) is OutcomeUnknown
    assert type(read(kind)) is Unreachable


def test_a_clock_error_is_a_certain_no_although_ccxt_calls_it_a_network_error() -> None:
    assert issubclass(ccxt_errors.InvalidNonce, ccxt_errors.NetworkError)
    found = said("InvalidNonce", 'binance {"code":-1021,"msg":"Timestamp for this request"}')
    assert type(found) is ClockSkewed
    assert found.code == "-1021"
    assert "NTP" in str(found)


@pytest.mark.parametrize(
    ("venue", "text"),
    [
        ("bybit", 'bybit {"retCode":10002,"retMsg":"invalid request, please check your server"}'),
        ("okx", 'okx {"code":"50102","msg":"Timestamp request expired"}'),
    ],
)
def test_each_venue_has_its_code_of_the_clock(venue: str, text: str) -> None:
    assert type(said("ExchangeError", text, venue)) is ClockSkewed


def test_deribits_10002_is_a_small_order_and_no_clock() -> None:
    text = 'deribit {"error":{"message":"qty_too_low","code":10002}}'
    found = said("InvalidOrder", text, "deribit")
    assert isinstance(found, Refused)
    assert (found.reason, found.code) == ("order", "10002")


@pytest.mark.parametrize("kind", ["DDoSProtection", "RateLimitExceeded"])
def test_a_request_for_patience_carries_how_long(kind: str) -> None:
    found = said(kind, "429 Too Many Requests", status=429, headers={"Retry-After": "7"})
    assert isinstance(found, RateLimited)
    assert found.retry_after == 7.0


def test_a_ban_without_a_time_is_waited_out_for_a_minute() -> None:
    found = said("DDoSProtection", "418 I'm a teapot", status=418, headers={})
    assert isinstance(found, RateLimited)
    assert found.retry_after == 60.0


def test_maintenance_does_nothing() -> None:
    assert type(said("OnMaintenance", "system is in maintenance")) is Unreachable


def test_a_dead_key_is_not_taken_for_too_many_requests() -> None:
    found = said("DDoSProtection", 'binance {"code":-2015,"msg":"Invalid API-key, IP, or"}')
    assert isinstance(found, Refused)
    assert found.reason == "key"


def test_a_known_client_id_is_asked_about_and_not_sent_again() -> None:
    text = 'binance {"code":-4116,"msg":"ClientOrderId is duplicated."}'
    assert type(said("ExchangeError", text)) is OutcomeUnknown
    assert type(said("InvalidOrder", '{"retCode":110072}', "bybit")) is OutcomeUnknown
    assert type(said("InvalidOrder", '{"sCode":"51016"}', "okx")) is OutcomeUnknown


@pytest.mark.parametrize(
    ("venue", "code"), [("binance", -1006), ("binance", -1007), ("okx", 50004), ("bybit", 10016)]
)
def test_codes_that_say_nobody_knows_are_believed(venue: str, code: int) -> None:
    assert type(said("ExchangeError", f'{{"code":"{code}"}}', venue)) is OutcomeUnknown


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("InsufficientFunds", "funds"),
        ("InvalidOrder", "order"),
        ("OrderNotFound", "not_found"),
        ("BadSymbol", "symbol"),
        ("AuthenticationError", "key"),
        ("PermissionDenied", "key"),
        ("ExchangeError", ""),
    ],
)
def test_a_no_is_a_no_with_its_reason(kind: str, reason: str) -> None:
    found = said(kind, 'binance {"code":-2019,"msg":"Margin is insufficient."}')
    assert isinstance(found, Refused)
    assert (found.reason, found.code) == (reason, "-2019")


def test_a_close_with_nothing_to_close_is_told_apart() -> None:
    found = said("InvalidOrder", 'binance {"code":-2022,"msg":"ReduceOnly Order is rejected."}')
    assert isinstance(found, Refused)
    assert found.reason == "reduce_only"
    text = '{"error":"Reduce only order would increase position. asset=4"}'
    found = said("InvalidOrder", f"hyperliquid {text}", "hyperliquid")
    assert isinstance(found, Refused)
    assert found.reason == "reduce_only"


def test_an_error_of_the_server_leaves_an_order_open() -> None:
    assert type(said("ExchangeError", "500 Internal Server Error", status=500)) is OutcomeUnknown
    assert isinstance(said("ExchangeError", '{"code":-1111}', status=400), Refused)


@pytest.mark.parametrize("broken", [TypeError("'NoneType' object"), KeyError("order")])
def test_a_reply_that_breaks_the_parser_is_no_answer(broken: Exception) -> None:
    order = Asked(venue="deribit", what="place hg1", changes=True)
    assert type(translate(broken, order)) is OutcomeUnknown
    assert type(translate(broken, Asked(venue="deribit", what="positions"))) is Garbled


def test_a_defect_of_ours_is_not_hidden_in_the_words_of_a_venue() -> None:
    known = Refused("mine", reason="order")
    assert translate(known, Asked(venue="okx", what="place")) is known


def test_no_part_of_a_key_reaches_a_message() -> None:
    keys = Keys(key=Secret("KEYKEYKEY"), secret=Secret("SECRETSECRET"))
    text = (
        "binance GET https://fapi.binance.com/fapi/v1/order?symbol=BTCUSDT&signature=abc KEYKEYKEY"
    )
    error = ccxt_errors.RequestTimeout(text)
    found = str(translate(error, Asked(venue="binance", what="probe", changes=True, keys=keys)))
    assert "KEYKEYKEY" not in found
    assert "signature=abc" not in found
    assert "fapi.binance.com" in found
    assert repr(keys).count("SECRET") == 0


def test_the_inner_code_counts() -> None:
    assert code_of('{"code":"1","data":[{"sCode":"51008","sMsg":"Order failed"}]}') == "51008"
    assert code_of("no code at all") == ""
