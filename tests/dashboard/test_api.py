"""The API: nothing without the token, everything with it, and orders that reach the desk."""

import http.client
import os
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from desk_server import TOKEN, Client, served
from hedgerow.ledger.journal import JournalUnavailable, Record
from hedgerow.live.signals import Order
from hedgerow.live.view import State
from hedgerow.live.view_json import from_json
from sample_desk import SYMBOL, SampleDesk, a_desk, a_view

LOOKS = ("/status", "/positions", "/orders", "/why", "/guards", "/funding", "/journal", "/metrics")
TELLS = ("/arm", "/pause", "/resume", "/flatten", "/kill", "/reset")
METHODS = ("GET", "POST", "PUT", "OPTIONS")
DENIED = {"detail": "the token is missing or wrong"}


@pytest.fixture
def desk() -> SampleDesk:
    return SampleDesk()


@pytest.fixture
def client(desk: SampleDesk, tmp_path: Path) -> Iterator[Client]:
    with served(desk, tmp_path) as api:
        yield Client(url=api.address.url)


def stranger(client: Client, token: str | None = None) -> Client:
    return Client(url=client.url, token=token)


@pytest.mark.parametrize("path", [*LOOKS, *TELLS, "/openapi.json", "/stream", "/nothing"])
def test_without_a_token_no_route_tells_or_does_anything(
    desk: SampleDesk, client: Client, path: str
) -> None:
    for method in METHODS:
        answer = stranger(client).ask(method, path)
        assert (answer.status, answer.json()) == (401, DENIED)
        assert answer.headers["www-authenticate"] == "Bearer"
    assert desk.told == []


@pytest.mark.parametrize("token", ["wrong", TOKEN + "x", TOKEN[:-1], TOKEN.upper(), "\xe9\xff"])
def test_a_wrong_token_is_as_good_as_none(desk: SampleDesk, client: Client, token: str) -> None:
    for path in ("/status", "/kill", "/nothing"):
        answer = stranger(client, token).ask("POST", path)
        assert (answer.status, answer.json()) == (401, DENIED)
    assert desk.told == []


@pytest.mark.parametrize("value", ["", "Bearer", "Bearer ", f"Basic {TOKEN}", TOKEN])
def test_a_token_said_otherwise_is_none(client: Client, value: str) -> None:
    assert stranger(client).ask("GET", "/status", authorization=value).status == 401


def test_the_token_in_the_address_counts_for_nothing(client: Client) -> None:
    assert stranger(client).get("/status", token=TOKEN).status == 401


def test_health_asks_for_no_token_and_says_only_that_it_is_well(client: Client) -> None:
    answer = stranger(client).get("/healthz")
    assert (answer.status, answer.text) == (200, "ok")


def test_status_is_the_whole_view(desk: SampleDesk, client: Client) -> None:
    answer = client.get("/status")
    assert answer.status == 200
    assert from_json(answer.content) == desk.shown
    assert answer.headers["cache-control"] == "no-store"
    assert "server" not in answer.headers


def test_positions_orders_guards_and_funding_are_parts_of_the_view(
    desk: SampleDesk, client: Client
) -> None:
    positions = client.get("/positions").json()
    assert [leg["symbol"] for leg in positions["legs"]] == [leg.symbol for leg in desk.shown.legs]
    assert positions["accounts"][1]["wallet"] == 38.0761
    orders = client.get("/orders").json()
    assert (orders[0]["amount"], orders[0]["price"]) == ("0.600", "112478.1")
    tripped = [one["name"] for one in client.get("/guards").json()["guards"] if one["tripped"]]
    assert tripped == ["headroom", "naked"]
    assert client.get("/funding").json()[1]["funding"]["interval_hours"] == 1.0


def test_why_is_asked_by_symbol_by_number_and_by_count(client: Client) -> None:
    assert len(client.get("/why").json()) == 3
    assert client.get("/why", last=1).json()[0]["leg"] == 1
    assert [one["leg"] for one in client.get("/why", leg=SYMBOL).json()] == [0]
    assert [one["leg"] for one in client.get("/why", leg="2").json()] == [2]
    assert client.get("/why", last=0).status == 422


def test_the_journal_is_shown_from_its_end(client: Client) -> None:
    assert [record["number"] for record in client.get("/journal", last=2).json()] == [2, 3]


@pytest.mark.parametrize(
    ("path", "order", "after"),
    [
        ("/arm", Order.ARM, State.ARMED),
        ("/pause", Order.PAUSE, State.PAUSED),
        ("/resume", Order.RESUME, State.TRADING),
        ("/flatten", Order.FLATTEN, State.PAUSED),
        ("/kill", Order.KILL, State.KILLED),
    ],
)
def test_an_order_reaches_the_desk_with_who_gave_it_and_why(
    desk: SampleDesk, client: Client, path: str, order: Order, after: State
) -> None:
    answer = client.post(path, {"by": "anna", "reason": "lunch"})
    assert answer.status == 200
    assert answer.json() == {"accepted": True, "state": after, "words": "done"}
    assert desk.told == [(order, "anna", "", "lunch")]


def test_an_order_needs_no_body(desk: SampleDesk, client: Client) -> None:
    assert client.post("/pause").status == 200
    assert desk.told == [(Order.PAUSE, "api", "", "")]


def test_a_look_is_no_order(desk: SampleDesk, client: Client) -> None:
    assert [client.get(path).status for path in TELLS] == [405] * len(TELLS)
    assert desk.told == []


def test_a_refused_order_is_a_conflict_with_its_reason(tmp_path: Path) -> None:
    with served(SampleDesk(a_view(desk=a_desk(state=State.KILLED))), tmp_path) as api:
        answer = Client(url=api.address.url).post("/pause")
    assert answer.status == 409
    assert answer.json()["words"] == "the desk is killed; resume it first"


def test_a_reset_names_its_guard(desk: SampleDesk, client: Client) -> None:
    assert client.post("/reset", {"guard": "naked"}).status == 200
    assert desk.told == [(Order.RESET, "api", "naked", "")]
    assert client.post("/reset").status == 422
    assert client.post("/reset", {"guard": "nacked"}).status == 409


@pytest.mark.parametrize(
    "body",
    [
        {"reason": "x" * 301},
        {"reason": "two\nlines"},
        {"reason": "\x1b[2J"},
        {"by": 3},
        {"unknown": 1},
        ["pause"],
        "pause",
        b'{"reason": "\\ud800"}',
        b'{"reason": NaN}',
        b"{",
        b"\xff\xfe",
    ],
)
def test_a_body_that_is_not_meant_is_refused_and_not_repeated(
    desk: SampleDesk, client: Client, body: object
) -> None:
    answer = client.post("/pause", body)
    assert answer.status in {400, 422}
    assert "x" * 301 not in answer.text
    assert desk.told == []


def test_a_huge_body_is_refused(desk: SampleDesk, client: Client) -> None:
    assert client.post("/pause", {"reason": "x" * 100_000}).status == 413
    assert desk.told == []


def test_another_host_name_is_turned_away_even_with_the_token(client: Client) -> None:
    assert client.ask("GET", "/status", host="desk.attacker.example").status == 421
    assert client.ask("GET", "/status", host="127.0.0.1.attacker.example:80").status == 421
    assert client.ask("GET", "/status", host="localhost:1").status == 200
    assert client.ask("GET", "/status", host="[::1]").status == 200


def test_a_page_of_somebody_elses_is_turned_away(desk: SampleDesk, client: Client) -> None:
    for origin in ("http://attacker.example", "null", "http://127.0.0.1:1"):
        assert client.ask("GET", "/status", origin=origin).status == 421
        assert client.ask("POST", "/kill", origin=origin).status == 421
    assert client.ask("GET", "/status", origin=client.url).status == 200
    assert desk.told == []


def test_many_wrong_tokens_are_slowed_and_the_right_one_is_not(client: Client) -> None:
    answers = [stranger(client, "wrong").get("/status") for _ in range(12)]
    assert [answer.status for answer in answers] == [401] * 10 + [429] * 2
    assert 0 < int(answers[-1].headers["retry-after"]) <= 61
    assert client.get("/status").status == 200


def test_a_desk_that_cannot_read_its_journal_says_so(tmp_path: Path) -> None:
    class Full(SampleDesk):
        async def journal_tail(self, count: int) -> list[Record]:  # noqa: ARG002 - as asked
            raise JournalUnavailable("the disk is full; free some space")

    with served(Full(), tmp_path) as api:
        answer = Client(url=api.address.url).get("/journal")
    assert answer.status == 503
    assert answer.json() == {"detail": "the disk is full; free some space"}


def test_the_description_is_served_with_the_token_and_names_every_route(client: Client) -> None:
    schema: dict[str, Any] = client.get("/openapi.json").json()
    assert {*LOOKS, *TELLS, "/healthz"} == set(schema["paths"])
    assert schema["security"] == [{"token": []}]
    assert "DeskView" in schema["components"]["schemas"]


def test_the_page_loads_nothing_from_elsewhere_and_shows_no_data(client: Client) -> None:
    for path in ("/docs", "/docs/page.js", "/docs/page.css"):
        answer = stranger(client).get(path)
        assert answer.status == 200
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert "://" not in answer.text
        assert "treasury" not in answer.text
    assert client.get("/redoc").status == 404


def test_no_answer_holds_the_token(client: Client) -> None:
    for path in (*LOOKS, "/openapi.json", "/nothing", "/docs"):
        answer = client.get(path)
        assert TOKEN not in answer.text
        assert TOKEN not in str(answer.headers)


def test_an_answer_waits_for_no_acknowledgement(client: Client) -> None:
    """Nagle's algorithm and delayed acknowledgements would make each answer 40 ms late."""
    wire = http.client.HTTPConnection(client.url.removeprefix("http://"), timeout=5)
    times = []
    for _ in range(20):
        begun = time.perf_counter()
        wire.request("GET", "/status", headers={"Authorization": f"Bearer {TOKEN}"})
        wire.getresponse().read()
        times.append(time.perf_counter() - begun)
    wire.close()
    assert min(times) < 0.03


def test_the_server_listens_on_the_loopback_alone(client: Client) -> None:
    """The kernel's table of sockets, not our own word, says where it listens (proc(5))."""
    table = Path("/proc/net/tcp")
    if not table.exists():
        pytest.skip("only Linux shows its sockets there")
    port = f"{int(client.url.rpartition(':')[2]):04X}"
    places = [line.split()[1:4:2] for line in table.read_text().splitlines()[1:]]
    assert [place for place, state in places if state == "0A" and place.endswith(port)] == [
        f"0100007F:{port}"
    ]


def test_the_address_file_is_the_owners_and_goes_with_the_server(
    desk: SampleDesk, tmp_path: Path
) -> None:
    folder = tmp_path / "treasury"
    with served(desk, folder) as api:
        path = folder / "api.json"
        assert path.stat().st_mode & 0o777 == 0o600
        assert folder.stat().st_mode & 0o777 == 0o700
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+", api.address.url)
        assert api.address.pid == os.getpid()
        assert TOKEN not in repr(api)
    assert not path.exists()
    place = http.client.HTTPConnection(api.address.url.removeprefix("http://"), timeout=1)
    with pytest.raises(ConnectionRefusedError):
        place.request("GET", "/healthz")
    place.close()
