"""Chains read from files: the shapes that are known, any other by a map, and what is refused."""

import gzip
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from hedgerow.adapters import chain_blocks
from hedgerow.adapters.chains import ChainMap, load_chain_map, open_chains, read_chain
from hedgerow.errors import ConfigError, MarketDataError, UnknownName
from hedgerow.market.chain import column_names, sample_chain
from hedgerow.units import nanoseconds

HEADER = (
    "exchange,symbol,timestamp,local_timestamp,type,strike_price,expiration,open_interest,"
    "last_price,bid_price,bid_amount,bid_iv,ask_price,ask_amount,ask_iv,mark_price,mark_iv,"
    "underlying_index,underlying_price,delta,gamma,vega,theta,rho"
)
# The first row is the one that Tardis shows for options_chain in the documentation of its files;
# the second is a later state of the same option, the others differ in coin and in what is missing.
ROWS = tuple(
    """\
deribit,BTC-9JUN20-9875-P,1591574399413000,1591574400196008,put,9875,1591689600000000,0.1,\
0.0295,0.0205,15.0,55.91,0.0235,15.0,68.94,0.02210436,62.89,SYN.BTC-9JUN20,9756.36,-0.61752,\
0.00103,2.24964,-53.05655,-0.22796
deribit,BTC-9JUN20-9875-P,1591574404454000,1591574405473112,put,9875,1591689600000000,0.1,\
0.0295,0.0206,16.0,55.92,0.0236,17.0,68.95,0.02209480,62.86,SYN.BTC-9JUN20,9756.37,-0.61757,\
0.00103,2.24954,-53.02754,-0.22798
deribit,BTC-10JUN20-10000-C,1591574406454000,1591574406473112,call,10000,1591776000000000,,\
0.0301,,,,,,,0.0316,58.20,SYN.BTC-10JUN20,9760.40,,,,,
deribit,ETH-9JUN20-250-P,1591574407454000,1591574407473112,put,250,1591689600000000,12.25,\
0.12345,0.12345,0.123456,74.12,0.12456,0.223456,78.12,0.12399,76.12,SYN.ETH-9JUN20,245.12345,\
-0.51750,0.01101,1.14954,-13.02754,-0.12798
""".splitlines()
)


def tardis(folder: Path, *rows: str) -> Path:
    path = folder / "deribit_options_chain_2020-06-08_OPTIONS.csv.gz"
    path.write_bytes(gzip.compress("\n".join((HEADER, *(rows or ROWS))).encode()))
    return path


def test_tardis_rows_become_the_last_state_of_each_option(tmp_path: Path) -> None:
    chain = read_chain(tardis(tmp_path))
    assert chain.underlyings == ("BTC", "ETH")
    assert chain.premium_unit == "coin"
    put = chain.rows(chain.symbol == "BTC-9JUN20-9875-P")
    assert len(put) == 1
    assert (put.bid[0], put.ask[0], put.mark[0]) == (0.0206, 0.0236, 0.0220948)
    assert put.mark_volatility[0] == pytest.approx(0.6286)
    assert (put.strike[0], put.sign[0], put.forward[0]) == (9875.0, -1.0, 9756.37)
    assert put.expiry[0] == nanoseconds(datetime(2020, 6, 9, 8, tzinfo=UTC))
    call = chain.rows(chain.sign > 0.0)
    assert np.isnan([call.bid[0], call.ask[0], call.delta[0], call.open_interest[0]]).all()
    assert chain.time == nanoseconds(datetime(2020, 6, 8, 0, 0, 7, 454_000, tzinfo=UTC))


def test_what_is_quoted_later_within_the_same_second_is_not_seen(tmp_path: Path) -> None:
    at = nanoseconds(datetime(2020, 6, 8, 0, 0, 4, 453_999, tzinfo=UTC))
    assert read_chain(tardis(tmp_path), at=at).bid.tolist() == [0.0205]
    assert read_chain(tardis(tmp_path), at=at + 1_000).bid.tolist() == [0.0206]


# One row each in the shape that a venue's own numbers take in the same table: volatilities of OKX,
# Binance and Bybit are fractions, premiums of the latter two are in dollars, and what OKX and
# Binance give beside a quote is the index.
OF_VENUES = {
    "okex-options": "BTC-USD-240628-70000-C,1717500000000000,1717500000000001,call,70000,"
    "1719561600000000,5,,0.0405,1.0,0.51,0.0425,1.0,0.53,0.0415,0.52,BTC-USD,69000,,,,,",
    "binance-european-options": "BTC-240628-70000-C,1717500000000000,1717500000000001,call,70000,"
    "1719561600000000,5,,2800,1.0,0.51,2900,1.0,0.53,2850,,BTCUSDT,69000,,,,,",
    "bybit-options": "BTC-28JUN24-70000-C,1717500000000000,1717500000000001,call,70000,"
    "1719561600000000,5,,2800,1.0,0.51,2900,1.0,0.53,2850,0.52,,69420,,,,,",
    "deribit": "BTC_USDC-28JUN24-70000-C,1717500000000000,1717500000000001,call,70000,"
    "1719561600000000,5,,2800,1.0,51,2900,1.0,53,2850,52,SYN,69420,,,,,",
}


@pytest.mark.parametrize(
    ("venue", "unit", "volatility", "forward", "index"),
    [
        ("okex-options", "coin", 0.52, np.nan, {"BTC": 69_000.0}),
        ("binance-european-options", "quote", np.nan, np.nan, {"BTC": 69_000.0}),
        ("bybit-options", "quote", 0.52, 69_420.0, {}),
        ("deribit", "quote", 0.52, 69_420.0, {}),
    ],
)
def test_each_venue_s_numbers_have_its_own_units(
    tmp_path: Path,
    venue: str,
    unit: str,
    volatility: float,
    forward: float,
    index: dict[str, float],
) -> None:
    chain = read_chain(tardis(tmp_path, f"{venue},{OF_VENUES[venue]}"))
    assert chain.premium_unit == unit
    assert chain.mark_volatility[0] == pytest.approx(volatility, nan_ok=True)
    assert chain.forward[0] == pytest.approx(forward, nan_ok=True)
    assert chain.index == index


def test_premiums_in_coin_and_in_quote_are_not_mixed(tmp_path: Path) -> None:
    path = tardis(tmp_path, *ROWS, f"deribit,{OF_VENUES['deribit']}")
    with pytest.raises(MarketDataError, match=r"in coin on BTC, ETH and in quote on BTC_USDC"):
        read_chain(path)
    assert read_chain(path, underlying="BTC_USDC").premium_unit == "quote"
    assert read_chain(path, underlying="BTC").premium_unit == "coin"


def test_a_venue_whose_units_are_not_known_is_not_guessed(tmp_path: Path) -> None:
    with pytest.raises(MarketDataError, match=r"exchange = 'aevo'.*give a column map"):
        read_chain(tardis(tmp_path, ROWS[0].replace("deribit", "aevo")))
    two = (ROWS[0], f"okex-options,{OF_VENUES['okex-options']}")
    with pytest.raises(MarketDataError, match="names deribit, okex-options; a chain is of one"):
        read_chain(tardis(tmp_path, *two))


def test_an_earlier_moment_sees_the_earlier_state(tmp_path: Path) -> None:
    at = nanoseconds(datetime(2020, 6, 8, 0, 0, 1, tzinfo=UTC))
    chain = read_chain(tardis(tmp_path), at=at)
    assert len(chain) == 1
    assert chain.bid[0] == 0.0205
    assert chain.time == at
    with pytest.raises(MarketDataError, match="at or before 2020-06-07"):
        read_chain(tardis(tmp_path), at=at - 86_400_000_000_000)


@pytest.mark.parametrize("block", [40, 300, 700, 10_000])
def test_a_file_too_large_for_memory_is_read_in_blocks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    path = tardis(tmp_path)
    at = nanoseconds(datetime(2020, 6, 8, 0, 0, 5, tzinfo=UTC))
    whole = [read_chain(path), read_chain(path, at=at), read_chain(path, underlying="ETH")]
    monkeypatch.setattr(chain_blocks, "BLOCK", block)
    monkeypatch.setattr(chain_blocks, "is_large", lambda _: True)
    file = open_chains(path)
    parts = [file.chain(), file.chain(at=at), file.chain(underlying="ETH")]
    assert file.times == (whole[0].time,)
    for one, two in zip(whole, parts, strict=True):
        assert one.time == two.time
        for name in column_names():
            assert getattr(one, name).tolist() == pytest.approx(
                getattr(two, name).tolist(), nan_ok=True
            ) or name in {"symbol", "underlying"}
        assert one.symbol.tolist() == two.symbol.tolist()
    spoilt = [
        ROWS[0].replace(",1591574399413000,", ",soon,"),
        ROWS[1],
        ROWS[2].replace(",9760.40,", ",9760;40,").replace("BTC-10JUN20", "BTC-11JUN20"),
        ROWS[3].replace(",1591574407454000,", ",,"),
    ]
    chain = read_chain(tardis(tmp_path, *spoilt))
    told = dict(zip(chain.symbol.tolist(), chain.reasons.tolist(), strict=True))
    assert told == {
        "BTC-9JUN20-9875-P": "",
        "BTC-11JUN20-10000-C": "forward is no number",
        "ETH-9JUN20-250-P": "time is no time",
    }
    with pytest.raises(MarketDataError, match="'timestamp' cannot be read as times"):
        read_chain(tardis(tmp_path, *[one.replace(",15915744", ",soon,", 1) for one in spoilt[:1]]))
    tardis(tmp_path)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(MarketDataError, match="cut off or damaged"):
        read_chain(path)


def test_what_is_large_is_told_by_its_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tardis(tmp_path)
    assert not chain_blocks.is_large(path)
    monkeypatch.setattr(chain_blocks, "BLOCK", 100)
    assert chain_blocks.is_large(path)
    assert not chain_blocks.is_large(path.with_suffix(".parquet"))
    with pytest.raises(ConfigError, match="check the path"):
        open_chains(tmp_path / "none.csv")


def test_one_underlying_is_enough(tmp_path: Path) -> None:
    chain = read_chain(tardis(tmp_path), underlying="ETH")
    assert chain.underlyings == ("ETH",)
    with pytest.raises(UnknownName, match="did you mean 'ETH'"):
        read_chain(tardis(tmp_path), underlying="ETC")


def test_a_value_that_is_no_number_is_named_with_its_row(tmp_path: Path) -> None:
    spoilt = ROWS[1].replace(",9756.37,", ",9756;37,")
    chain = read_chain(tardis(tmp_path, spoilt, *ROWS[2:]))
    assert sorted(chain.reasons.tolist()) == ["", "", "forward is no number"]
    assert chain.symbol[chain.reasons != ""].tolist() == ["BTC-9JUN20-9875-P"]


def test_an_expiry_that_is_no_time_is_named_with_its_row(tmp_path: Path) -> None:
    spoilt = ROWS[2].replace(",1591776000000000,", ",17,")
    chain = read_chain(tardis(tmp_path, *ROWS[:2], spoilt))
    assert sorted(chain.reasons.tolist()) == ["", "expiry is no time"]
    assert chain.expiries.size == 1


def test_a_column_that_is_wholly_wrong_is_refused_with_its_first_row(tmp_path: Path) -> None:
    prices = [one.replace(",97", ",p97").replace(",245.", ",p245.") for one in (ROWS[1], ROWS[3])]
    with pytest.raises(MarketDataError, match=r"row 1: underlying_price = 'p97.*' is not a number"):
        read_chain(tardis(tmp_path, *prices))
    ends = [one.replace(",1591689600000000,", ",17,") for one in (ROWS[1], ROWS[3])]
    with pytest.raises(MarketDataError, match=r"row 1: expiration = '17' is not a time"):
        read_chain(tardis(tmp_path, *ends))
    times = [one.replace(",159157440", ",late", 1) for one in (ROWS[1], ROWS[3])]
    with pytest.raises(MarketDataError, match="'timestamp' cannot be read as times"):
        read_chain(tardis(tmp_path, *times))


def test_bad_rows_of_a_mapped_file_have_a_reason_each(tmp_path: Path) -> None:
    lines = [
        "t,s,u,k,x,e,m,v",
        "2020-06-08T00:00:00Z,A-1,A,call,1,2020-06-09T00:00:00Z,0.1,0.5",
        ",A-2,A,call,1,2020-06-09T00:00:00Z,0.1,0.5",
        "2020-06-08T00:00:00Z,A-3,A,call,1,0,0.1,0.5",
        "2020-06-08T00:00:00Z,A-4,,call,1,2020-06-09T00:00:00Z,0.1,0.5",
        "2020-06-08T00:00:00Z,A-5,A,call,1,2020-06-09T00:00:00Z,-0.1,0.5",
        "2020-06-08T00:00:00Z,A-6,A,call,1,2020-06-09T00:00:00Z,0.1,0",
        "2020-06-08T00:00:00Z,A-7,A,call,1,2020-06-09T00:00:00Z,0.1,high",
    ]
    path = tmp_path / "bad.csv"
    path.write_text("\n".join(lines))
    columns = {"time": "t", "symbol": "s", "underlying": "u", "kind": "k", "strike": "x"}
    columns |= {"expiry": "e", "mark": "m", "mark_volatility": "v"}
    chain = read_chain(path, map=ChainMap(columns=columns))
    assert chain.underlyings == ("A",)
    assert len(chain.only("A")) == len(chain)
    assert chain.reasons.tolist() == [
        "",
        "time is no time",
        "expiry is no time",
        "underlying is missing",
        "mark < 0",
        "mark volatility <= 0",
        "mark volatility is no number",
    ]


def written(folder: Path, *, unit: str = "quote") -> tuple[Path, Path]:
    """Return a table of another shape, and its map."""
    chain = sample_chain()
    when = datetime(2022, 1, 8, tzinfo=UTC)
    table = pl.DataFrame(
        {
            "when": [when] * len(chain),
            "option": chain.symbol.tolist(),
            "cp": np.where(chain.sign > 0.0, "C", "P").tolist(),
            "k": chain.strike,
            "until": [datetime(2022, 2, 22, 8, tzinfo=UTC)] * len(chain),
            "b": (chain.bid * 60_000.0).round(2),
            "a": (chain.ask * 60_000.0).round(2),
        }
    )
    path = folder / "quotes.csv"
    table.write_csv(path, separator=";")
    map_path = folder / "map.toml"
    map_path.write_text(
        f'premium_unit = "{unit}"\nseparator = ";"\n[columns]\ntime = "when"\nsymbol = "option"\n'
        'kind = "cp"\nstrike = "k"\nexpiry = "until"\nbid = "b"\nask = "a"\n',
        encoding="utf-8",
    )
    return path, map_path


def test_parquet_is_read_by_a_map_as_csv_is(tmp_path: Path) -> None:
    path, map_path = written(tmp_path)
    other = tmp_path / "quotes.parquet"
    pl.read_csv(path, separator=";", try_parse_dates=True).write_parquet(other)
    chains = [read_chain(one, map=str(map_path)) for one in (path, other)]
    for name in ("strike", "bid", "ask", "expiry", "sign", "quoted"):
        one, two = (getattr(chain, name) for chain in chains)
        assert one.tolist() == two.tolist(), name


def test_any_table_is_read_by_a_map(tmp_path: Path) -> None:
    path, map_path = written(tmp_path)
    chain = read_chain(path, map=str(map_path))
    assert chain.premium_unit == "quote"
    assert chain.underlyings == ("BTC",)
    assert chain.bid[0] == pytest.approx(0.1883 * 60_000.0)
    assert np.isnan(chain.forward).all()
    assert chain.index == {}
    assert load_chain_map(map_path).columns["kind"] == "cp"


def test_a_file_of_snapshots_gives_the_last_one_before_a_moment(tmp_path: Path) -> None:
    path, map_path = written(tmp_path)
    table = pl.read_csv(path, separator=";")
    later = table.with_columns(when=pl.lit("2022-01-09T00:00:00Z"), b=pl.col("b") + 1.0)
    path = tmp_path / "two.parquet"
    pl.concat([table, later]).write_parquet(path)
    file = open_chains(path, map=load_chain_map(map_path))
    assert len(file.times) == 2
    assert file.chain(at=file.times[1] - 1).time == file.times[0]
    assert file.chain().bid[0] == file.chain(at=file.times[0]).bid[0] + 1.0


def test_what_a_map_gets_wrong_is_named(tmp_path: Path) -> None:
    path, map_path = written(tmp_path)
    columns = dict(load_chain_map(map_path).columns)
    with pytest.raises(UnknownName, match="column for strike 'K'"):
        read_chain(path, map=ChainMap(columns=columns | {"strike": "K"}, separator=";"))
    with pytest.raises(UnknownName, match="did you mean 'strike'"):
        ChainMap(columns=columns | {"strikes": "k"})
    with pytest.raises(ConfigError, match="needs expiry"):
        ChainMap(columns={k: v for k, v in columns.items() if k != "expiry"})
    with pytest.raises(ConfigError, match="either time"):
        ChainMap(columns=columns | {"quoted": "when"})
    written(tmp_path, unit="dollars")
    with pytest.raises(ConfigError, match="coin or quote"):
        load_chain_map(map_path)
    with pytest.raises(UnknownName, match="tardis"):
        read_chain(path, map="tardiss")
    map_path.write_text("[columns]\nstrike = 3\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="table of texts"):
        load_chain_map(map_path)
    map_path.write_text("separator = 3\n[columns]\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"map\.toml: separator is a text"):
        load_chain_map(map_path)
    with pytest.raises(ConfigError, match="write one character"):
        ChainMap(columns=columns, separator=", ")
    map_path.write_text("colums = 3\n", encoding="utf-8")
    with pytest.raises(UnknownName, match="did you mean 'columns'"):
        load_chain_map(map_path)
    map_path.write_text("per_cent = 'yes'\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="true or false"):
        load_chain_map(map_path)
    with pytest.raises(
        ConfigError, match="No such file or directory; check the path of the column map"
    ):
        load_chain_map(tmp_path / "none.toml")


def test_a_file_of_no_known_shape_asks_for_a_map(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="of no known shape; give a column map"):
        read_chain(path)
    with pytest.raises(ConfigError, match="ends in"):
        read_chain(tmp_path / "x.xlsx")
    path.write_text(HEADER + "\n", encoding="utf-8")
    with pytest.raises(MarketDataError, match="holds no rows"):
        read_chain(path)


def test_a_kind_that_is_neither_is_a_bad_row_not_a_bad_file(tmp_path: Path) -> None:
    chain = read_chain(tardis(tmp_path, ROWS[0].replace(",put,", ",straddle,")))
    assert chain.reasons.tolist() == ["kind is neither call nor put"]


def test_columns_of_a_chain_have_one_length() -> None:
    chain = sample_chain()
    with pytest.raises(ConfigError, match="bid has"):
        type(chain)(
            **{name: getattr(chain, name) for name in chain.__dataclass_fields__ if name != "bid"},
            bid=chain.bid[:2],
        )
    with pytest.raises(ConfigError, match="coin or quote"):
        type(chain)(
            **{
                name: getattr(chain, name)
                for name in chain.__dataclass_fields__
                if name != "premium_unit"
            },
            premium_unit="usd",  # type: ignore[arg-type]
        )


def semicolons(folder: Path) -> Path:
    path = folder / "semicolons.csv"
    path.write_text("t;s;k;x;e;v\n2020-06-08;BTC-9JUN20-9875-P;put;9875;2020-06-09;62.86\n")
    return path


MAP = """
{separator}
per_cent = {per_cent}
[columns]
quoted = "t"
symbol = "s"
kind = "k"
strike = "x"
expiry = "e"
mark_volatility = "v"
"""


def map_file(folder: Path, *, separator: str = "", per_cent: str = "true") -> str:
    path = folder / "map.toml"
    path.write_text(MAP.format(separator=separator, per_cent=per_cent))
    return str(path)


def test_rows_that_are_not_taken_apart_name_the_separator(tmp_path: Path) -> None:
    path = semicolons(tmp_path)
    with pytest.raises(ConfigError, match=r'one column, .* write separator = ";" above'):
        read_chain(path, map=map_file(tmp_path))
    found = read_chain(path, map=map_file(tmp_path, separator='separator = ";"'))
    assert found.mark_volatility.tolist() == [0.6286]


def test_text_of_another_encoding_is_named(tmp_path: Path) -> None:
    path = tmp_path / "wide.csv"
    path.write_bytes(semicolons(tmp_path).read_text().replace(";", ",").encode("utf-16"))
    with pytest.raises((ConfigError, MarketDataError), match=r"UTF-8|utf-8"):
        read_chain(path, map=map_file(tmp_path))


def test_volatilities_in_another_unit_than_the_map_says_are_refused(tmp_path: Path) -> None:
    path = semicolons(tmp_path)
    fractions = map_file(tmp_path, separator='separator = ";"', per_cent="false")
    with pytest.raises(
        MarketDataError, match=r"above 6286.00%; give a column map with per_cent = t"
    ):
        read_chain(path, map=fractions)
    path.write_text(path.read_text().replace("62.86", "0.6286"))
    assert read_chain(path, map=fractions).mark_volatility.tolist() == [0.6286]
    per_cent = map_file(tmp_path, separator='separator = ";"')
    with pytest.raises(
        MarketDataError, match=r"below 0.63%; give a column map with per_cent = fal"
    ):
        read_chain(path, map=per_cent)


def test_maps_that_are_empty_or_not_there_are_refused(tmp_path: Path) -> None:
    empty = tmp_path / "empty.toml"
    empty.touch()
    with pytest.raises(ConfigError, match="needs symbol, kind, strike, expiry"):
        load_chain_map(empty)
    with pytest.raises(ConfigError, match=r"No such file or directory; check the path"):
        load_chain_map(tmp_path / "none.toml")
