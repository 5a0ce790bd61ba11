"""`hedgerow surface` as a person runs it."""

import csv
import gzip
import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from hedgerow.cli.surface import surface
from sample_chain_file import EXPIRIES, chain_csv

app = typer.Typer()
app.command()(surface)
runner = CliRunner()

MAP = """
premium_unit = "quote"

[columns]
time = "when"
symbol = "name"
underlying = "coin"
kind = "right"
strike = "strike"
expiry = "due"
bid = "bid"
ask = "ask"
"""


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return chain_csv(tmp_path_factory.mktemp("chain"))


def ends_badly(*words: str) -> str:
    """Run the command, which must end with 2 and one paragraph, and return that."""
    shown = runner.invoke(app, list(words))
    assert shown.exit_code == 2, shown.output
    assert shown.stdout == ""
    assert "Traceback" not in shown.stderr
    return " ".join(shown.stderr.split())


def test_a_table_says_what_each_expiry_is_worth(chain: Path) -> None:
    shown = runner.invoke(app, [str(chain), "--underlying", "BTC"])
    assert shown.exit_code == 0, shown.stderr
    assert "All 3 expiries fit, without arbitrage." in shown.stdout
    assert shown.stdout.count("15/17") == len(EXPIRIES)
    assert "3 crossed: bid above ask" in shown.stdout


def test_all_files_are_written_and_agree(chain: Path, tmp_path: Path) -> None:
    names = {kind: str(tmp_path / "new" / f"surface.{kind}") for kind in ("html", "json", "csv")}
    words = [word for kind, name in names.items() for word in (f"--{kind}", name)]
    shown = runner.invoke(app, [str(chain), "--underlying", "ETH", *words])
    assert shown.exit_code == 0, shown.stderr
    assert "Written:" in shown.stdout
    found = json.loads(Path(names["json"]).read_text("utf-8"))
    assert found["underlying"] == "ETH"
    assert found["source"]["file"] == "chain.csv"
    rows = list(csv.DictReader(Path(names["csv"]).read_text("utf-8").splitlines()))
    assert sum(row["used"] == "true" for row in rows) == found["quotes"]["used"]
    page = Path(names["html"]).read_text("utf-8")
    assert found["source"]["sha256"] in page
    assert "ETH volatility surface" in page


def test_a_dash_prints_json_and_nothing_else(chain: Path) -> None:
    shown = runner.invoke(app, [str(chain), "--underlying", "BTC", "--json", "-"])
    assert shown.exit_code == 0
    assert json.loads(shown.stdout)["schema"] == "hedgerow.surface/1"


@pytest.mark.parametrize("model", ["svi", "ssvi", "vanna-volga"])
def test_each_model_can_be_asked_for(chain: Path, model: str) -> None:
    shown = runner.invoke(app, [str(chain), "--underlying", "BTC", "--model", model, "--json", "-"])
    assert shown.exit_code == 0
    assert json.loads(shown.stdout)["model"] == model


def test_any_columns_do_with_a_map_and_parity_gives_the_forward(tmp_path: Path) -> None:
    from sample_chain_file import FORWARD, TIME, price

    lines = ["when;name;coin;right;strike;due;bid;ask"]
    for days, expiry in EXPIRIES.items():
        for strike in range(50_000, 72_000, 2_000):
            for right, sign in (("call", 1.0), ("put", -1.0)):
                worth = price(FORWARD["BTC"], strike, days, sign) * FORWARD["BTC"]
                bid, ask = 0.998 * worth, 1.002 * worth
                name = f"{days}-{strike}-{right}"
                lines.append(f"{TIME};{name};BTC;{right};{strike};{expiry};{bid:.6f};{ask:.6f}")
    (tmp_path / "mine.csv.gz").write_bytes(gzip.compress("\n".join(lines).encode()))
    (tmp_path / "mine.toml").write_text('separator = ";"\n' + MAP, encoding="utf-8")
    words = [str(tmp_path / "mine.csv.gz"), "--columns", str(tmp_path / "mine.toml")]
    shown = runner.invoke(app, [*words, "--json", "-"])
    assert shown.exit_code == 0, shown.stderr
    for one in json.loads(shown.stdout)["slices"]:
        assert one["forward_from"] == "put-call parity"
        assert one["forward"] == pytest.approx(60_000.0, rel=1e-4)
        assert one["fits"]
    assert "Forwards: told by put-call parity." in runner.invoke(app, words).stdout


def test_a_future_tells_a_forward_that_nothing_else_does(chain: Path, tmp_path: Path) -> None:
    lines = chain.read_text("utf-8").splitlines()
    rows = [line.split(",") for line in lines]
    for row in rows[1:]:
        row[6] = row[7] = ""  # neither forward nor index; only out of the money, so no parity
    (tmp_path / "chain.csv").write_text("\n".join(",".join(row) for row in rows), "utf-8")
    words = [str(tmp_path / "chain.csv"), "--underlying", "BTC"]
    assert "no expiry of BTC" in ends_badly(*words)
    futures = ["--future", "2026-02-12=60000", "--future", "2026-03-07=60000"]
    shown = runner.invoke(app, [*words, *futures, "--json", "-"])
    assert shown.exit_code == 0, shown.stderr
    told = [one["forward_from"] for one in json.loads(shown.stdout)["slices"]]
    assert told[:2] == ["a future of the same expiry"] * 2
    assert told[2] == "the carry of other expiries"
    said = ends_badly(*words, "--future", "2026-02-13=60000")
    assert "--future 2026-02-13=60000: no option of BTC expires on that day" in said
    assert "2026-02-12, 2026-03-07, 2026-05-06" in said
    for wrong in ("60000", "2026-02-12=", "2026-02-12=-1", "2026-02-12=nan", "soon=1"):
        assert f"--future {wrong}: write" in ends_badly(*words, "--future", wrong)


def test_a_moment_before_the_first_snapshot_is_refused(chain: Path) -> None:
    words = (str(chain), "--underlying", "BTC", "--at")
    assert "holds no option quotes at or before" in ends_badly(*words, "2026-02-04")
    assert runner.invoke(app, [*words, "2026-02-05"]).exit_code == 0
    assert runner.invoke(app, [*words, "2026-02-05T16:30+01:00"]).exit_code == 0
    assert "at or before 2026-02-05T15:29:00Z" in ends_badly(*words, "2026-02-05T15:29")


@pytest.mark.parametrize("at", ["yesterday", "2026-02-30", "1e9", "99999-01-01", "2999-01-01"])
def test_what_is_no_moment_is_named(chain: Path, at: str) -> None:
    said = ends_badly(str(chain), "--underlying", "BTC", "--at", at)
    assert said.startswith(f"--at {at!r} is not a moment of 1971 to 2200; write it like")


def test_of_several_coins_one_must_be_named(chain: Path) -> None:
    said = ends_badly(str(chain))
    assert "chain.csv: holds options on BTC, ETH; add --underlying BTC" in said


def test_an_unknown_coin_is_named_with_those_that_are_there(chain: Path) -> None:
    said = ends_badly(str(chain), "--underlying", "DOGE")
    assert "chain.csv: unknown underlying 'DOGE'" in said
    assert "BTC, ETH" in said


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    said = ends_badly(str(tmp_path / "none.csv"))
    assert "none.csv" in said
    assert "No such file" in said


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("notes.md", "words", "a chain's file ends in"),
        ("prices.csv", "time,price\n1,2\n", "are of no known shape; give a column map"),
        ("empty.csv", "", "empty.csv"),
        ("broken.parquet", "PAR1nothing", "broken.parquet"),
        ("broken.csv.gz", "not gzip", "broken.csv.gz"),
    ],
)
def test_what_is_no_chain_is_refused(tmp_path: Path, name: str, content: str, reason: str) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    assert reason in ends_badly(str(tmp_path / name))


def test_a_folder_is_no_chain(tmp_path: Path) -> None:
    (tmp_path / "chain.csv").mkdir()
    assert "chain.csv" in ends_badly(str(tmp_path / "chain.csv"))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("columns = 3", "[columns]"),
        ("strikes = 1", "strikes"),
        ('[columns]\nstrike = "strike"', "symbol"),
        ("[columns", "TOML"),
        (MAP, "unknown column for time 'when'"),
    ],
)
def test_a_wrong_map_is_named(chain: Path, tmp_path: Path, text: str, reason: str) -> None:
    (tmp_path / "map.toml").write_text(text, encoding="utf-8")
    assert reason in ends_badly(str(chain), "--columns", str(tmp_path / "map.toml"))


def test_a_map_that_is_not_there_is_named(chain: Path, tmp_path: Path) -> None:
    assert "none.toml" in ends_badly(str(chain), "--columns", str(tmp_path / "none.toml"))
    assert "binance" in ends_badly(str(chain), "--columns", "binance")


def test_a_chain_with_nothing_left_ends_with_the_reasons(chain: Path, tmp_path: Path) -> None:
    lines = chain.read_text("utf-8").splitlines()
    rows = [line.split(",") for line in lines[1:]]
    for row in rows:
        row[8], row[9] = row[9], ""  # no ask
    path = tmp_path / "chain.csv"
    path.write_text("\n".join([lines[0], *(",".join(row) for row in rows)]), encoding="utf-8")
    said = ends_badly(str(path), "--underlying", "BTC")
    assert "no expiry of BTC" in said
    assert "one-sided: no ask" in said
    assert "take another moment" in said


def test_nothing_is_written_over_the_chain_or_twice(chain: Path, tmp_path: Path) -> None:
    before = chain.read_bytes()
    said = ends_badly(str(chain), "--underlying", "BTC", "--csv", str(chain))
    assert "would replace the input" in said
    assert chain.read_bytes() == before
    both = str(tmp_path / "both")
    said = ends_badly(str(chain), "--underlying", "BTC", "--json", both, "--html", both)
    assert "would replace what --html writes" in said
    assert not (tmp_path / "both").exists()


def test_a_place_where_no_file_can_be_is_named_before_anything_is_read(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    said = ends_badly("none.csv", "--html", str(tmp_path / "file" / "surface.html"))
    assert "--html" in said
    assert "is a file, not a folder" in said
    assert "this is a folder; name a file" in ends_badly("none.csv", "--json", str(tmp_path))


def test_only_json_goes_to_the_screen(chain: Path) -> None:
    said = ends_badly(str(chain), "--underlying", "BTC", "--html", "-")
    assert "only --json may go to the screen" in said


def test_an_unknown_model_is_refused_with_the_known(chain: Path) -> None:
    shown = runner.invoke(app, [str(chain), "--model", "sabr"])
    assert shown.exit_code == 2
    assert "vanna-volga" in shown.output


def test_a_moment_after_all_expiries_is_told_with_those_that_the_file_holds(
    chain: Path, tmp_path: Path
) -> None:
    lines = chain.read_text("utf-8").splitlines()
    path = tmp_path / "ended.csv"
    ended = [lines[0], *(line.replace("2026-02-05T", "2027-02-05T", 1) for line in lines[1:])]
    path.write_text("\n".join(ended), encoding="utf-8")
    said = ends_badly(str(path), "--underlying", "BTC", "--at", "2030-01-01")
    assert said.startswith(f"{path}: at 2027-02-05T15:30:00Z all its options have expired")
    assert "the last at 2026-05-06T15:30:00Z" in said
    assert "it holds quotes of 2027-02-05T15:30:00Z: choose --at" in said


def test_rows_that_are_carried_past_all_expiries_are_told_too(tmp_path: Path) -> None:
    rows = ["seen;name;coin;right;strike;due;bid;ask"]
    rows += [f"2026-01-0{day};A;BTC;call;60000;2026-02-01;10;11" for day in (1, 2)]
    path = tmp_path / "rows.csv"
    path.write_text("\n".join(rows), encoding="utf-8")
    told = MAP.replace('time = "when"', 'quoted = "seen"')
    (tmp_path / "map.toml").write_text('separator = ";"\n' + told, encoding="utf-8")
    words = (str(path), "--columns", str(tmp_path / "map.toml"), "--at", "2030-01-01T00:00Z")
    said = ends_badly(*words)
    assert f"{path}: at 2030-01-01T00:00:00Z all its options have expired" in said
    assert "quotes from 2026-01-01T00:00:00Z to 2026-01-02T00:00:00Z" in said


def test_columns_set_the_width_of_what_is_piped(chain: Path) -> None:
    shown = CliRunner(env={"COLUMNS": "70"}).invoke(app, [str(chain), "--underlying", "BTC"])
    assert shown.exit_code == 0, shown.stderr
    assert max(map(len, shown.stdout.splitlines())) <= 70


def test_without_columns_what_is_piped_has_room(
    chain: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    shown = runner.invoke(app, [str(chain), "--underlying", "BTC"])
    assert 80 < max(map(len, shown.stdout.splitlines())) <= 110
