"""A config says all that a running desk needs, or is refused; a backtest takes no notice."""

import tomllib
from dataclasses import fields
from datetime import date, time
from decimal import Decimal
from pathlib import Path

import pytest

from hedgerow.config.config import Config, effective, effective_live
from hedgerow.config.guards_schema import GuardsSection
from hedgerow.config.live import LiveConfig, live_setup
from hedgerow.config.live_schema import FailoverSection, LiveSection, OrdersSection
from hedgerow.config.loading import config_from, load
from hedgerow.config.samples import sample
from hedgerow.errors import ConfigError, HedgeError
from hedgerow.execution.style import Limits, Style
from hedgerow.live.alerting import Level, QuietHours
from hedgerow.live.failover import FailoverPlan
from hedgerow.live.guards.base import Severity
from hedgerow.live.guards.limits import GuardLimits
from hedgerow.live.setup import Answers
from hedgerow.units import MINUTE, SECOND

TREASURY = sample("treasury")
DAY = date(2024, 6, 1)
LIVE = """
[live]
name = "treasury"
live = true
cadence_seconds = 2
on_manual = "adopt"

[orders]
route = "maker_then_taker"
slice_notional = 50_000.5
order_notional = 500_000
turnover = 4_000_000
orders_per_minute = 12

[guards]
headroom = 0.05
loss_window_seconds = 3600

[guards.severities]
"funding-spike" = "note"

[api]
port = 8123
token = "DESK_TOKEN"

[alerts]
urls = ["ALERTS"]
quiet_hours = "22:00-07:00"
quiet_zone = "Europe/Zurich"

[alerts.repeat]
"funding-spike" = 3600

[secrets]
file = "secrets.toml"

[[venue]]
name = "binance"
api_key = "BINANCE_KEY"
api_secret = "BINANCE_SECRET"
leverage = 5

[logging]
level = "debug"
file = "desk.log"
"""


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "treasury.toml"


def loaded(path: Path, text: str) -> Config:
    path.write_text(text, encoding="utf-8")
    return load(path)


def desk(path: Path, text: str = LIVE, *, live: bool = True) -> LiveConfig:
    return live_setup(loaded(path, TREASURY + text), live=live, opening=DAY)


def refused(path: Path, text: str, *, live: bool = True) -> str:
    with pytest.raises(ConfigError) as caught:
        desk(path, text, live=live)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    return message.removeprefix(f"{path}: ")


def changed(old: str, new: str) -> str:
    assert old in LIVE
    return LIVE.replace(old, new, 1)


def test_a_backtest_config_makes_a_paper_desk_without_a_line_more(path: Path) -> None:
    found = desk(path, "", live=False)
    assert (found.setup.name, found.setup.mode, found.start_state) == ("desk", "paper", "trading")
    assert found.journal.url == str(path.parent / "state/hedgerow/desk/journal.sqlite")
    assert found.folder == path.parent / "state/hedgerow/desk"
    (venue,) = found.venues
    assert (venue.venue, venue.account, venue.credentials) == ("binance", "main", {})
    assert (found.api.host, found.api.port, found.api.token) == ("127.0.0.1", 0, None)
    assert found.alerts.urls == ()


def test_a_live_config_says_it_all(path: Path) -> None:
    found = desk(path)
    setup = found.setup
    assert (setup.name, setup.mode, found.start_state) == ("treasury", "live", "armed")
    assert (setup.cadence, setup.check) == (2 * SECOND, 30 * SECOND)
    assert setup.answers == Answers(manual="adopt")
    assert setup.venues == {"main": "binance"}
    assert setup.bands == (0.02,)
    (style,) = setup.styles
    assert (style.route, style.slice_notional) == ("maker_then_taker", Decimal("50000.5"))
    assert (setup.limits.order_notional, setup.limits.orders) == (500_000, 12)
    assert found.guards.headroom == 0.05
    assert found.guards.loss_window == 60 * MINUTE
    assert found.guards.severities == {"funding-spike": Severity.NOTE}
    assert found.alerts.rules.quiet == QuietHours(start=time(22), end=time(7), zone="Europe/Zurich")
    assert found.alerts.rules.quiet_level is Level.CRITICAL
    assert found.alerts.rules.repeats == {"funding-spike": 60 * MINUTE}
    (venue,) = found.venues
    assert venue.credentials == {"api_key": "BINANCE_KEY", "api_secret": "BINANCE_SECRET"}
    assert (venue.symbols, venue.margin_mode, venue.leverage) == (
        ("BTC/USDT:USDT",),
        "isolated",
        5.0,
    )
    assert found.secrets.file == path.parent / "secrets.toml"
    assert found.logging.file == path.parent / "desk.log"


def test_a_listing_is_in_coins_as_the_venue_has_it_on_that_day(path: Path) -> None:
    (listing,) = desk(path).setup.listings
    assert (listing.venue, listing.account, listing.symbol) == ("binance", "main", "BTC/USDT:USDT")
    assert (listing.tick, listing.lot) == (Decimal("0.1"), Decimal("0.001"))
    assert float(listing.lot) == desk(path).setup.terms.legs[0].lot_size
    assert listing.minimum_notional == Decimal(50)
    assert not listing.inverse


def test_an_inverse_listing_is_in_dollars_of_face(path: Path) -> None:
    config = loaded(path, sample("inverse"))
    (listing,) = live_setup(config, live=False, opening=DAY).setup.listings
    assert listing.inverse
    assert listing.lot == Decimal(100)  # one contract of BTCUSD is 100 dollars


def test_keys_of_a_venue_stay_at_home_in_paper(path: Path) -> None:
    (venue,) = desk(path, live=False).venues
    assert venue.credentials == {}


def test_a_backtest_takes_no_notice_of_the_desk(path: Path) -> None:
    plain = effective(loaded(path, TREASURY))
    assert effective(loaded(path, TREASURY + LIVE)) == plain
    assert "binance_key" not in plain.lower()


def test_the_whole_config_as_text_loads_to_itself_and_has_its_hash(path: Path) -> None:
    config = loaded(path, TREASURY + LIVE)
    again = config_from(tomllib.loads(effective_live(config)), name="again", folder=path.parent)
    assert again == config
    one, two = desk(path), desk(path, changed("cadence_seconds = 2", "cadence_seconds = 3"))
    assert one.setup.config_hash == desk(path).setup.config_hash != two.setup.config_hash


def test_what_comes_and_goes_until_the_opening_counts(path: Path) -> None:
    (path.parent / "flows.csv").write_text("time,amount\n2023-01-01,5\n2024-07-01,7\n", "utf-8")
    text = TREASURY.replace("amount = 120.0", 'amount = 120.0\nflows = "flows.csv"', 1)
    config = loaded(path, text)
    for day, held in ((date(2022, 2, 1), 120.0), (DAY, 125.0), (date(2024, 7, 1), 132.0)):
        terms = live_setup(config, live=False, opening=day).setup.terms
        assert terms.holdings[terms.assets.index("BTC")] == held


def test_each_threshold_of_a_guard_is_a_key_with_the_same_default() -> None:
    section = GuardsSection()
    keys = set(GuardsSection.model_fields)
    limits = GuardLimits()
    keys.remove("peg_pairs")  # by venue in a config, one by one in the limits
    for one in fields(GuardLimits):
        if one.name == "peg_pairs":
            continue
        name = f"{one.name}_seconds" if f"{one.name}_seconds" in keys else one.name
        value = getattr(section, name)
        assert getattr(limits, one.name) == (value * SECOND if name != one.name else value), name
        keys.discard(name)
    assert not keys


def test_defaults_of_orders_and_answers_are_those_of_the_desk() -> None:
    orders, style, limits = OrdersSection(), Style(), Limits()
    assert (orders.route, orders.collar, orders.splits) == (style.route, style.collar, style.splits)
    assert orders.patience_seconds * SECOND == style.patience
    assert orders.unknown_seconds * SECOND == style.reach
    assert orders.slice_pause_seconds * SECOND == style.slice_pause
    assert (orders.orders_per_minute, orders.rejects_per_minute) == (limits.orders, limits.rejects)
    assert orders.turnover_window_seconds * SECOND == limits.turnover_window
    live, answers = LiveSection(), Answers()
    assert (live.on_liquidation, live.on_manual) == (answers.liquidation, answers.manual)
    assert (live.on_deleveraging, live.on_unknown) == (answers.deleveraging, answers.unknown)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("live = true", "live = false", "[live] live = false: this config is for paper"),
        ('"treasury"', '"my desk"', "[live] name = 'my desk': it must be 1 to 12 letters"),
        ("cadence_seconds = 2", "cadence_seconds = 0", "cadence_seconds = 0: it must be a number"),
        ("on_manual", "on_manuel", "unknown key 'on_manuel'; did you mean 'on_manual'?"),
        ("headroom = 0.05", "headroom = 5", "[guards] headroom = 5: it must be a fraction"),
        ('= "note"', '= "quiet"', "funding-spike = 'quiet': it must be pairs of a guard"),
        ('= "22:00-07:00"', '= "10pm-7am"', "quiet_hours = '10pm-7am': write a span of the day"),
        ('= "22:00-07:00"', '= "22:00-22:00"', "is empty; leave it out"),
        ("Europe/Zurich", "Mars/Olympus", "quiet_zone = 'Mars/Olympus': no such time zone"),
        ("port = 8123", 'host = "0.0.0.0"', "[api] host = '0.0.0.0' is within reach of other"),
        ("port = 8123", 'certificate = "x.pem"', "certificate and certificate_key belong together"),
        ("port = 8123", "port = 81234", "[api] port = 81234: it must be a whole number from 0"),
        ('"binance"', '"binanse"', "unknown venue of a hedge 'binanse'; did you mean 'binance'?"),
        ("leverage = 5", 'account = "mian"', "unknown account at binance 'mian'"),
        ("leverage = 5", 'url = "https://evil.example"', "keys are sent to a venue or to this"),
        ("cadence_seconds = 2", 'journal = "mysql://x"', "an SQLite file or at postgresql://"),
        ("headroom = 0.05", 'peg_pairs = { binanse = "USDC/USDT" }', "did you mean 'binance'?"),
        (
            "headroom = 0.05",
            'peg_pairs = { okx = "USDC/USDT" }',
            "[guards] peg_pairs: unknown venue of a hedge 'okx' (known: binance)",
        ),
        (
            "headroom = 0.05",
            'peg_pairs = { "" = "USDC/USDT" }',
            "[guards] peg_pairs: unknown venue of a hedge ''",
        ),
        *(
            (
                "headroom = 0.05",
                f'peg_pairs = {{ binance = "{symbol}" }}',
                f"[guards] peg_pairs: binance = '{symbol}' is no pair of two dollars; write two",
            )
            for symbol in ("", "BTC/USDT", "USDT/USDT", "USDC", "usdc/usdt", "USDC/USDT:BTC")
        ),
        (
            'api_key = "BINANCE_KEY"\napi_secret = "BINANCE_SECRET"\n',
            "",
            "[[venue]] binance: names no key; add api_key and api_secret",
        ),
    ],
)
def test_what_is_wrong_is_named_with_the_mend(path: Path, old: str, new: str, said: str) -> None:
    assert said in refused(path, changed(old, new))


def test_live_needs_a_way_to_each_account(path: Path) -> None:
    assert "account 'main' at binance: no [[venue]] says how" in refused(
        path, "[live]\nlive = true\n"
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('urls = ["ALERTS"]', 'urls = ["tgram://110201543:AAHdqTcvCH1vGWJ/12315544"]'),
        ('"BINANCE_SECRET"', '"9f8e7d6c-AAHdqTcvCH1vGWJ"'),
        ('token = "DESK_TOKEN"', "token = 'AAHdqTcvCH1vGWJ!'"),
        ("cadence_seconds = 2", "journal = 'postgresql://desk:AAHdqTcvCH1vGWJ@db/x'"),
    ],
)
def test_a_secret_in_the_file_is_refused_and_not_repeated(path: Path, old: str, new: str) -> None:
    message = refused(path, changed(old, new))
    assert "AAHdqTcvCH1vGWJ" not in message
    assert "secret" in message


def test_two_accounts_of_a_venue_need_two_keys(path: Path) -> None:
    two = TREASURY.replace("[hedge]", "[[hedge]]").replace("[margin]", "[[margin]]", 1)
    two = two.replace(
        "[financing]",
        """[[hedge]]
venue = "binance"
instrument = "BTC/USD:BTC"
ratio = 0.5
account = "other"
[hedge.policy]
name = "hold"
[[margin]]
name = "other"
collateral = "BTC"
deposit = 10
[financing]""",
        1,
    )

    def message(text: str) -> str:
        with pytest.raises(HedgeError) as caught:
            live_setup(loaded(path, two + text), live=True, opening=DAY)
        return str(caught.value)

    assert "account is missing, and binance has main, other" in message(LIVE)
    first = changed("leverage = 5", 'account = "main"')
    again = '\n[[venue]]\nname = "binance"\naccount = "other"\napi_key = "BINANCE_KEY"\n'
    assert "'BINANCE_KEY' is used by [[venue]] 1 as well" in message(first + again)
    twice = again.replace('"other"', '"main"').replace("BINANCE_KEY", "K")
    assert "account 'main' has a [[venue]] already" in message(first + twice)


def test_a_leg_of_the_same_asset_at_another_venue_stands_in(path: Path) -> None:
    two = TREASURY.replace("[hedge]", "[[hedge]]").replace("[margin]", "[[margin]]", 1)
    two = two.replace(
        "[financing]",
        """[[hedge]]
venue = "okx"
instrument = "BTC/USDT:USDT"
ratio = 0.2
account = "other"
[hedge.policy]
name = "hold"
[[margin]]
name = "other"
collateral = "USDT"
deposit = 1_000_000
[financing]""",
        1,
    )
    on = "\n[failover]\non = true\nafter_seconds = 90\n"
    plan = live_setup(loaded(path, two + on), live=False, opening=DAY).failover
    assert plan is not None
    assert plan.stand_ins == {0: (1,), 1: (0,)}
    assert (plan.after, plan.tolerance) == (90 * SECOND, Decimal("0.1"))
    assert live_setup(loaded(path, two), live=False, opening=DAY).failover is None
    assert "no other venue has a hedge of the same asset" in refused(path, on, live=False)


def test_defaults_of_failover_are_those_of_the_desk() -> None:
    section, plan = FailoverSection(), FailoverPlan(stand_ins={})
    assert section.after_seconds * SECOND == plan.after
    assert section.settled_seconds * SECOND == plan.settled
    assert (section.tolerance, section.step) == (float(plan.tolerance), float(plan.step))


def test_an_unknown_topic_of_an_alert_is_named_with_the_nearest(path: Path) -> None:
    message = refused(path, changed('"funding-spike" = 3600', '"funding-spikes" = 3600'))
    assert "[alerts.repeat]" in message
    assert "unknown topic 'funding-spikes'; did you mean 'funding-spike'?" in message
