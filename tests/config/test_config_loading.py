"""A config file says what is held, how it is hedged and where, or is refused with the mend."""

import math
import tomllib
from datetime import date
from pathlib import Path

import pytest

from hedgerow.config.config import Config, effective, on_lake
from hedgerow.config.loading import load
from hedgerow.config.samples import sample
from hedgerow.errors import ConfigError
from hedgerow.market.tables import FOLDER
from hedgerow.policies.band import Band
from hedgerow.policies.catalogue import GROUP
from hedgerow.policies.interval import Interval
from hedgerow.units import HOUR

TREASURY = sample("treasury")


@pytest.fixture
def write(tmp_path: Path) -> Path:
    (tmp_path / "lake").mkdir()
    return tmp_path / "treasury.toml"


def changed(text: str, old: str, new: str) -> str:
    assert old in text
    return text.replace(old, new, 1)


def loaded(path: Path, text: str) -> Config:
    path.write_text(text, encoding="utf-8")
    return load(path)


def refused(path: Path, text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        loaded(path, text)
    message = str(caught.value)
    assert message.startswith(str(path))
    assert "\n" not in message
    return message.removeprefix(f"{path}: ")


def test_the_sample_is_a_treasury_of_120_btc_with_a_band_of_two_per_cent(write: Path) -> None:
    config = loaded(write, TREASURY)
    (hedge,), (margin,) = config.job.hedges, config.job.margins
    assert config.job.book.numeraire == "USD"
    assert config.job.book.amount("BTC") == 120.0
    assert (hedge.venue, hedge.instrument, hedge.ratio) == ("binance", "BTC/USDT:USDT", 1.0)
    assert hedge.policy == Band(half_width=0.02)
    assert (margin.mode, margin.collateral) == ("isolated", "USDT")
    assert (margin.deposit, margin.reserve) == (2_000_000, 7_000_000)
    assert (margin.reserve_from, margin.top_up_below) == ("owned", 0.10)
    assert margin.after_liquidation == "rehedge"
    assert config.job.execution.half_spread == 0.0001
    assert (config.world.start, config.world.end) == (date(2022, 1, 1), date(2024, 12, 31))
    assert (config.world.kind, config.world.bar) == ("replay", "1h")
    assert (config.allow_gaps, config.lake) == (False, None)


def test_the_other_sample_backs_an_inverse_perpetual_with_the_coins(write: Path) -> None:
    config = loaded(write, sample("inverse"))
    assert config.job.hedges[0].instrument == "BTC/USD:BTC"
    assert config.job.margins[0].collateral == "BTC"
    assert config.job.margins[0].deposit + config.job.margins[0].reserve == 120.0


EVERYTHING = """
[book]
numeraire = "USD"
[[book.holding]]
asset = "BTC"
amount = 120
[[book.holding]]
asset = "ETH"
amount = 1000
[[hedge]]
venue = "binance"
instrument = "BTC/USDT:USDT"
ratio = 0.8
mode = "value"
cooldown_hours = 4
minimum_trade = 500
naked_limit = 1e6
max_leverage = 5
account = "usdt"
policy = { name = "interval", hours = 12 }
[[hedge]]
venue = "binance"
instrument = "ETH/USDT:USDT"
account = "usdt"
[hedge.policy]
name = "interval"
[[margin]]
name = "usdt"
mode = "cross"
collateral = "USDT"
deposit = 3_000_000
deposit_from = "borrowed"
reserve = 1_000_000
reserve_from = "sold"
extra = true
top_up_below = 0.1
top_up_to = 0.15
withdraw_above = 0.6
transfer_hours = 6
after_liquidation = "stay"
[financing]
cash = 0.03
borrow = 0.08
staking = 0.01
[data]
lake = "lake"
allow_gaps = true
proxy = { "ETH/USDT:USDT" = "BTC/USDT:USDT" }
tables = ["mine.toml"]
[execution]
fill = "close"
half_spread = 0.0002
impact = 1
latency_seconds = 2
role = "taker"
[fees]
tier = "base"
maker = -0.0001
taker = 0.0004
[world]
kind = "replay"
start = "2022-01-01"
end = 2022-12-31
bar = "8h"
seed = 3
[[world.outage]]
venue = "binance"
start = 2022-05-12T06:00:00Z
end = "2022-05-12T14:00:00+02:00"
late = true
"""


@pytest.fixture
def everything(write: Path) -> Config:
    own = (FOLDER / "binance" / "usdm.2026-07-04.toml").read_text(encoding="utf-8")
    (write.parent / "mine.toml").write_text(own, encoding="utf-8")
    return loaded(write, EVERYTHING)


def test_every_key_reaches_the_job(everything: Config, write: Path) -> None:
    first, second = everything.job.hedges
    (margin,) = everything.job.margins
    assert (first.ratio, first.mode, first.cooldown_hours) == (0.8, "value", 4.0)
    assert (first.minimum_trade, first.naked_limit, first.max_leverage) == (500.0, 1e6, 5.0)
    assert (first.policy, second.policy) == (Interval(hours=12), Interval(hours=24))
    assert (second.instrument, second.naked_limit) == ("ETH/USDT:USDT", math.inf)
    assert (margin.name, margin.mode, margin.extra) == ("usdt", "cross", True)
    assert (margin.deposit_from, margin.reserve_from) == ("borrowed", "sold")
    assert (margin.top_up_to, margin.withdraw_above, margin.withdraw_to) == (0.15, 0.6, 0.375)
    assert (margin.transfer_hours, margin.after_liquidation) == (6.0, "stay")
    job = everything.job
    assert (job.financing.cash, job.financing.borrow, job.financing.staking) == (0.03, 0.08, 0.01)
    assert (job.execution.fill, job.execution.impact) == ("close", 1.0)
    assert (job.execution.latency_seconds, job.execution.role) == (2.0, "taker")
    assert (job.fees.tier, job.fees.maker, job.fees.taker) == ("base", -0.0001, 0.0004)
    assert (everything.lake, everything.allow_gaps) == (write.parent / "lake", True)
    assert everything.proxy == {"ETH/USDT:USDT": "BTC/USDT:USDT"}
    assert [table.venue for table in everything.tables] == ["binance"]
    assert everything.inputs == (write, write.parent / "mine.toml")
    (outage,) = everything.world.outages
    assert (outage.venue, outage.end - outage.start, outage.late) == ("binance", 6 * HOUR, True)
    assert (everything.world.bar, everything.world.seed) == ("8h", 3)


@pytest.mark.parametrize("which", ["treasury", "inverse", "everything"])
def test_the_effective_config_loads_to_the_same_config(
    which: str, everything: Config, write: Path
) -> None:
    config = everything
    if which != "everything":
        config = loaded(write, sample("inverse" if which == "inverse" else "treasury"))
    text = effective(config)
    again = loaded(write, text)
    assert again == config
    assert effective(again) == text
    spelled = tomllib.loads(text)
    assert set(spelled) == {
        "book", "hedge", "margin", "financing", "data", "execution", "fees", "world",
    }  # fmt: skip


def test_comments_order_and_defaults_do_not_change_the_effective_config(write: Path) -> None:
    plain = effective(loaded(write, TREASURY))
    spelled = changed(TREASURY, "[fees]\n", "[fees]\n# the usual\n")
    spelled = changed(spelled, '# role = "taker" ', 'role = "taker" ')
    assert effective(loaded(write, spelled)) == plain
    assert effective(loaded(write, changed(TREASURY, "0.02", "0.021"))) != plain


def test_a_lake_named_outside_the_file_leaves_the_effective_config_as_it_is(write: Path) -> None:
    without = loaded(write, TREASURY)
    within = loaded(write, changed(TREASURY, '# lake = "lake" ', 'lake = "lake" '))
    assert effective(within) != effective(without)
    moved = on_lake(within, Path("elsewhere"))
    assert effective(moved) == effective(without)
    assert moved.lake == Path("elsewhere")


def test_a_simulation_has_a_span_of_its_own(write: Path) -> None:
    text = changed(TREASURY, 'kind = "replay"', 'kind = "simulation"')
    text = text.replace("start = 2022-01-01", "").replace("end = 2024-12-31", "seed = 11")
    world = loaded(write, text).world
    assert (world.kind, world.seed) == ("simulation", 11)
    assert (world.start, (world.end - world.start).days + 1) == (date(2024, 1, 1), 540)


def test_a_plug_in_takes_its_numbers_by_name(write: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from hedgerow.policies import catalogue
    from hedgerow.policies.base import policy

    @policy
    def calm(goal: float, held: float, *, share: float = 0.5, most: float) -> float:
        return min(goal * share + held, most)

    class Point:
        name = "calm"

        def load(self) -> object:
            return calm

    def points(group: str) -> list[Point]:
        assert group == GROUP
        return [Point()]

    monkeypatch.setattr(catalogue, "entry_points", points)
    ours = 'name = "band"                  # hold | interval (hours = 24) | band | a plug-in\'s\n'
    text = changed(TREASURY, ours, 'name = "calm"\n')
    config = loaded(write, changed(text, "half_width = 0.02", "most = 9"))
    assert config.job.hedges[0].policy.numbers() == (0.5, 9.0)
    assert "share = 0.5\nmost = 9.0\n" in effective(config)
    missing = refused(write, changed(text, "half_width = 0.02", "share = 1"))
    assert missing == "[hedge.policy]: most is missing; policy 'calm' needs it"
    stranger = refused(write, changed(text, "half_width = 0.02", "mots = 9"))
    assert stranger.startswith("[hedge.policy] (policy 'calm'): unknown number 'mots'")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("ratio = 1.0", "ration = 1.0", "[hedge]: unknown key 'ration'; did you mean 'ratio'?"),
        ("ratio = 1.0", "deposit = 1.0", "[hedge]: unknown key 'deposit'; 'deposit' belongs under"),
        ("[fees]", "[fee]", "the file: unknown table 'fee'; did you mean 'fees'?"),
        ("half_width", "half_widht", "[hedge.policy] (policy 'band'): unknown number 'half_widht'"),
        ('name = "band"', 'name = "bend"', "unknown policy 'bend'; did you mean 'band'?"),
        ('"binance"', '"binanse"', "[hedge]: unknown venue 'binanse'; did you mean 'binance'?"),
        ("BTC/USDT:USDT", "BTC/USDT:USTD", "settles in USTD, neither BTC nor money"),
        ('"BTC/USDT:USDT"', '"BTC/USDC:USDC"', "unknown instrument 'BTC/USDC:USDC'"),
        ('"BTC/USDT:USDT"', '"BTC/USDT"', "is a spot pair; hedge with a perpetual"),
        ('"base"', '"bass"', "unknown fee tier 'bass'; did you mean 'base'?"),
        ("ratio = 1.0", 'ratio = "one"', "[hedge] ratio = 'one': it must be a number from 0 to"),
        ("ratio = 1.0", "ratio = true", "[hedge] ratio = true: it must be a number from 0 to 1.5"),
        ("ratio = 1.0", "ratio = nan", "[hedge] ratio = nan: it must be a number from 0 to 1.5"),
        ("ratio = 1.0", "ratio = 1.6", "[hedge] ratio = 1.6: it must be from 0 to 1.5"),
        ("amount = 120.0", "amount = -1", "BTC: amount = -1.0; it must be >= 0"),
        ("amount = 120.0", "amount = inf", "[[book.holding]] 1 amount = inf: it must be a number"),
        ("deposit = 2_000_000", "deposit = 0", "[margin] deposit = 0"),
        ("deposit = 2_000_000", "", "[margin]: deposit is missing; add it: a number > 0"),
        ("reserve = 7_000_000", "reserve = -7", "[margin] reserve = -7"),
        ('mode = "isolated"', 'mode = "shared"', "[margin] mode = 'shared': it must be"),
        ('collateral = "USDT"', 'collateral = "BTC"', "[margin] collateral = 'BTC', but"),
        ("half_width = 0.02", "half_width = -1", "[hedge.policy]: half_width = -1.0: must be"),
        ("half_width = 0.02", 'half_width = "2 %"', "[hedge.policy]: half_width = '2 %': it must"),
        ("top_up_below = 0.10", "top_up_below = 0.10\ntop_up_to = 0.05", "raise top_up_to"),
        ("top_up_below = 0.10", "withdraw_above = 0.1", "cash would go back and forth"),
        ("start = 2022-01-01", "start = 2025-01-01", "[world] end = 2024-12-31 is before start"),
        ("start = 2022-01-01", "", "[world]: start is missing; add it"),
        ("start = 2022-01-01", "start = 2022-01-01T05:00:00Z", "it must be a whole UTC day"),
        ("start = 2022-01-01", 'start = "tomorrow"', "[world] start = 'tomorrow': it must be"),
        ("start = 2022-01-01", "start = 0001-01-01", "it must be a whole UTC day"),
        ('bar = "1h"', 'bar = "7h"', "bar = '7h' does not divide a day"),
        ('bar = "1h"', 'bar = "hour"', "[world]: bar = 'hour': write a number and m, h or d"),
        ('kind = "replay"', 'kind = "real"', "[world] kind = 'real': it must be \"replay\""),
        ("allow_gaps = false", 'allow_gaps = "no"', "[data] allow_gaps = 'no': it must be true"),
        ("allow_gaps = false", 'tables = ["none.toml"]', "none.toml: no such file"),
        ("allow_gaps = false", 'proxy = { "A/B:B" = "C/D:D" }', "[data.proxy]: unknown instrument"),
        ("half_spread = 0.0001", "half_spread = 2", "[execution] half_spread = 2"),
        ('tier = "base"', "taker = 5", "[fees] taker = 5.0: a fraction of notional"),
        ("borrow = 0.0", "borrow = -0.1", "[financing] borrow = -0.1"),
        ('numeraire = "USD"', 'numeraire = "usd"', "[book] numeraire = 'usd': it must be"),
        ("[[book.holding]]", "[book.holding]", "must be one [[book.holding]] or more"),
        ("amount = 120.0", 'flows = "none.csv"', "none.csv: no such file; correct"),
        ("amount = 120.0", 'flows = "."', "this is a folder, not a file"),
        ("amount = 120.0", 'flows = "\\u0000"', "no file can be called that"),
        ("amount = 120.0", "amount = ", "not valid TOML: Invalid value (at line 13"),
        ('[margin]\nmode = "isolated"', 'mode = "isolated"', "[margin] is missing; add it"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_refused_in_one_paragraph_that_names_it(
    write: Path, old: str, new: str, message: str
) -> None:
    assert message in refused(write, changed(TREASURY, old, new))


OUTAGE = '[[world.outage]]\nvenue = "binance"\nstart = 2022-05-12T06:00:00Z\n'


@pytest.mark.parametrize(
    ("outage", "message"),
    [
        (OUTAGE, "[[world.outage]] 1: end is missing; add it: an instant in UTC"),
        (OUTAGE + "end = 2022-05-12\n", "[[world.outage]] 1: end = 2022-05-12T00:00:00+00:00 is"),
        (OUTAGE.replace("ance", "anse") + "end = 2022-06-01\n", "did you mean 'binance'?"),
        (OUTAGE + "end = 5\n", "[[world.outage]] 1 end = 5: it must be an instant in UTC"),
        (OUTAGE + "end = 2022-06-01\nlater = true\n", "unknown key 'later'; did you mean 'late'?"),
    ],
)  # fmt: skip
def test_an_outage_that_cannot_be_is_refused(write: Path, outage: str, message: str) -> None:
    assert message in refused(write, TREASURY + outage)


def test_of_several_hedges_the_wrong_one_is_named(write: Path, everything: Config) -> None:
    assert everything.job.hedges
    text = changed(EVERYTHING, 'instrument = "ETH/USDT:USDT"', 'instrument = "ETH/USDT"')
    assert "[[hedge]] 2: [hedge] instrument = 'ETH/USDT' is a spot pair" in refused(write, text)
    text = changed(EVERYTHING, 'name = "interval"\n[[margin]]', 'name = "hold"\n[[margin]]')
    write.write_text(text, encoding="utf-8")
    assert load(write).job.hedges[1].policy.rule.name == "hold"
    text = changed(EVERYTHING, 'name = "interval"\n', 'name = "interval"\nhours = 0\n')
    assert "[[hedge]] 2 [hedge.policy]: hours = 0.0" in refused(write, text)


def test_of_several_faults_the_first_is_told_and_the_others_are_named(write: Path) -> None:
    text = changed(TREASURY, "ratio = 1.0", "ratio = false")
    text = changed(text, "allow_gaps = false", "allow_gaps = 0")
    text = changed(text, "cash = 0.0", 'cash = "none"')
    message = refused(write, text)
    assert message.startswith("[hedge] ratio = false")
    assert message.endswith("(also wrong: [financing] cash, [data] allow_gaps)")


def test_a_table_of_rules_that_has_changed_is_refused(everything: Config, write: Path) -> None:
    text = effective(everything)
    own = write.parent / "mine.toml"
    own.write_text(own.read_text(encoding="utf-8") + "\n# another day\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="is not the file the config was written for"):
        loaded(write, text)
    loaded(write, EVERYTHING)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"[book\n", "not valid TOML: Expected ']' at the end of a table declaration (at line 1"),
        (b"a = 1\nb = \xff\n", "line 2 is not UTF-8 text; save the file"),
        (b"x = " + b"[" * 20_000, "nested too deeply"),
        (b"#" * 1_000_001, "larger than 1 MB"),
        (b"", "[book] is missing; add it"),
    ],
)
def test_a_file_that_is_no_config_is_refused(write: Path, content: bytes, message: str) -> None:
    write.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        load(write)
    assert str(caught.value).startswith(f"{write}: ")
    assert message in str(caught.value)


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none.toml: no such file; .*hedgerow init"):
        load(tmp_path / "none.toml")
    with pytest.raises(ConfigError, match="this is a folder"):
        load(tmp_path)


def test_a_byte_order_mark_is_taken(write: Path) -> None:
    write.write_bytes(b"\xef\xbb\xbf" + TREASURY.encode())
    assert load(write).job.book.amount("BTC") == 120.0
