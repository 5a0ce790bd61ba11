"""`hedgerow calc odds` and `calc collateral`: answers that other rooms give, said plainly."""

import json
import math
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer import Typer
from typer.testing import CliRunner, Result

from hedgerow.adapters.importing import import_files
from hedgerow.cli import calc_checks as checks
from hedgerow.cli.calc_collateral import collateral
from hedgerow.cli.calc_odds import odds
from hedgerow.margin.odds import paths
from hedgerow.margin.odds.closed_form import odds_of_liquidation
from hedgerow.margin.odds.models import Diffusion, Horizon
from hedgerow.margin.odds.paths import simulate_odds
from hedgerow.margin.odds.question import OddsQuestion
from hedgerow.margin.odds.smallest_deposit import smallest_deposit
from hedgerow.margin.odds.stake import Stake, stake_of
from hedgerow.market.tables import contract_rules
from sample_market_files import a_bundle, write_bundle

DAY = date(2026, 8, 1)
POSITION = (
    "--venue binance --instrument BTC/USDT:USDT --side short --quantity 120 --entry 50000 "
    "--deposit 2000000 --on 2026-08-01"
)


def command(function: Any) -> Typer:  # noqa: ANN401 - any command
    app = Typer(rich_markup_mode=None, pretty_exceptions_enable=False)
    app.command()(function)
    return app


def asked(function: Any, line: str) -> Result:  # noqa: ANN401 - any command
    return CliRunner(env={"COLUMNS": "80"}).invoke(command(function), line.split())


def figures(line: str) -> dict[str, Any]:
    done = asked(odds, f"{POSITION} {line} --json")
    assert done.exit_code == 0, done.output
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def the_stake() -> Stake:
    rules = contract_rules("binance", "BTC/USDT:USDT", DAY)
    return stake_of(rules, -120.0, 50_000.0, 2_000_000.0)


def test_a_plain_question_is_answered_by_the_formula() -> None:
    found = figures("--volatility 0.6 --days 30 --monitor 8h --at-most 0.01")
    model, horizon = Diffusion(volatility=0.6), Horizon(days=30.0, monitor_hours=8.0)
    exact = odds_of_liquidation(the_stake(), model, horizon)
    enough = smallest_deposit(the_stake(), model, horizon, 0.01)
    assert found["probability"] == found["closed_form"] == exact.probability
    assert found["standard_error"] is found["paths"] is None
    assert found["median_days"] == found["quantiles"]["0.5"] == exact.median_days
    assert found["probability_by"]["30"] == exact.probability
    assert found["smallest_deposit"] == enough.deposit
    assert found["highest_leverage"] == enough.leverage
    assert found["liquidation_price"] == pytest.approx(66_101.07, abs=0.005)
    assert found["calibrated_with"] == {
        "model": "gbm",
        "numbers": {"volatility": 0.6, "drift": 0.0},
        "record": None,
    }
    assert any("tiers" in line for line in found["rules"])


def test_a_simulation_stands_beside_the_formula_when_asked_for() -> None:
    found = figures("--volatility 0.8 --days 30 --monitor 8h --paths 5000 --seed 3")
    question = OddsQuestion(
        stake=the_stake(),
        model=Diffusion(volatility=0.8),
        horizon=Horizon(days=30.0, monitor_hours=8.0),
    )
    same = simulate_odds(question, paths=5_000, seed=3)
    assert found["probability"] == same.probability
    assert found["standard_error"] == same.standard_error
    assert abs(found["probability"] - found["closed_form"]) < 4.0 * same.standard_error
    assert found["cash_needed"]["quantiles"]["0.99"] == same.cash_quantile(0.99)


def test_a_reserve_is_simulated_and_a_smaller_deposit_does() -> None:
    line = "--volatility 0.8 --days 10 --monitor 8h --paths 2000 --at-most 0.05"
    alone, backed = figures(line), figures(f"{line} --reserve 1000000 --transfer-hours 8")
    assert backed["closed_form"] is None
    assert backed["probability"] < alone["probability"]
    assert backed["smallest_deposit"] < alone["smallest_deposit"]
    assert backed["cash_needed"]["sent"] > 0.0


@pytest.mark.parametrize("more", ["", "--paths 2000 --monitor 8h"])
def test_an_account_that_is_dead_already_is_told_so(more: str) -> None:
    line = f"--volatility 0.6 --mark 90000 --days 30 {more}"
    found = figures(line)
    assert found["probability"] == 1.0
    # Binance: (WB + cum + q E) / (q (MMR + 1)) in the bracket from 3 to 12 millions.
    expected = (2_000_000.0 + 11_450.0 + 6_000_000.0) / (120.0 * 1.01)
    assert found["liquidation_price"] == pytest.approx(expected, rel=1e-12)
    assert "below its maintenance margin" in found["warnings"][0]
    assert found["hedge_ratio"] is None
    shown = asked(odds, f"{POSITION} {line}")
    assert "would be liquidated now" in " ".join(shown.stdout.split())
    assert "66,101.07 (-26.6%)" in shown.stdout


@pytest.mark.parametrize("mark", [50_000.0, 55_000.0])
def test_the_hedge_of_least_variance_is_that_of_simulated_prices(mark: float) -> None:
    found = figures(f"--volatility 0.6 --days 30 --mark {mark}")
    random = np.random.default_rng(5)
    years, steps, count = 30.0 / 365.0, 300, 100_000
    pace = 0.6 * math.sqrt(years / steps)
    level, highest = np.zeros(count), np.zeros(count)
    for _ in range(steps):
        onward = level + random.normal(-0.5 * pace**2, pace, count)
        # The highest point of a Brownian bridge between two looks.
        gap = (onward - level) ** 2 - 2.0 * pace**2 * np.log(random.random(count))
        np.maximum(highest, 0.5 * (level + onward + np.sqrt(gap)), out=highest)
        level = onward
    price = mark * np.exp(level)
    died = mark * np.exp(highest) >= found["liquidation_price"]
    equity = (2_000_000.0 - 120.0 * (mark - 50_000.0)) / 120.0
    hedge = np.where(died, equity, price - mark)
    covariance = np.cov(price, hedge)
    ratio = covariance[0, 1] / covariance[1, 1]
    effect = 1.0 - np.var(price - ratio * hedge) / np.var(price)
    assert found["hedge_ratio"] == pytest.approx(ratio, abs=0.01)
    assert found["hedge_effectiveness"] == pytest.approx(effect, abs=0.01)


@pytest.mark.parametrize(
    "line",
    [
        "--volatility 0.6 --coins 1",
        "--volatility 0.6 --side long",
        "--volatility 0",
        "--volatility 60 --days 365",
        "--volatility 0.6 --days 2 --funding 0.0001 --monitor 8h --paths 50",
    ],
)
def test_where_no_hedge_of_least_variance_is_known_there_is_none(line: str) -> None:
    found = figures(line)
    assert found["hedge_ratio"] is found["hedge_effectiveness"] is None


def test_the_most_paths_are_those_of_the_simulation() -> None:
    assert checks.MOST_PATHS == paths.MOST_PATHS


def test_jumps_and_heston_take_their_numbers_from_the_user() -> None:
    shared = "--volatility 0.6 --days 5 --monitor 8h --paths 500"
    jumps = figures(
        f"{shared} --model jumps --jumps-per-year 20 --jump-mean -0.01 --jump-deviation 0.05"
    )
    assert jumps["calibrated_with"]["numbers"]["per_year"] == 20.0
    heston = figures(f"{shared} --model heston --long-run 0.7 --reversion 5 --wobble 1")
    assert heston["calibrated_with"]["numbers"]["long_run"] == 0.7


def test_it_is_readable_without_json() -> None:
    done = asked(odds, f"{POSITION} --volatility 0.6 --at-most 0.01 --paths 500 --days 5")
    assert done.exit_code == 0, done.output
    for said in ("liquidated within 5 days", "by the formula", "deposit for odds of 0.01"):
        assert said in done.stdout
    table = [line for line in done.stdout.splitlines() if line.startswith("│")]
    assert max(map(len, table)) <= 80


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("", "--volatility is missing"),
        ("--volatility 0.6 --model jumps", "--jumps-per-year is missing"),
        ("--volatility 0.6 --model heston", "--long-run is missing"),
        ("--volatility 0.6 --model history", "add --data LAKE"),
        ("--volatility 0.6 --monitor often", "--monitor 'often'"),
        ("--volatility 0.6 --at-most 2", "odds lie between 0 and 1"),
        ("--volatility 0.6 --funding much", "--funding 'much'"),
        ("--volatility 0.6 --funding data", "--funding data: needs recorded settlements"),
        ("--volatility 0.6 --coins 1 --haircut 2", "--haircut 2"),
        ("--volatility -1", "--volatility -1: write a number of 0 or more"),
        ("--volatility nan", "--volatility nan"),
        ("--volatility 0.6 --drift inf", "--drift inf"),
        ("--volatility 0.6 --days nan", "--days nan"),
        ("--volatility 0.6 --coins -1", "--coins -1"),
        ("--volatility 0.6 --reserve -1", "--reserve -1"),
        ("--volatility 0.6 --reserve 1 --transfer-hours inf", "--transfer-hours inf"),
        ("--volatility 0.6 --reserve 1 --top-up-below nan", "--top-up-below nan"),
        ("--volatility 0.6 --reserve 1 --top-up-to inf", "--top-up-to inf"),
        ("--volatility 0.6 --jumps-per-year nan", "--jumps-per-year nan"),
        ("--volatility 0.6 --jump-mean nan", "--jump-mean nan"),
        ("--volatility 0.6 --jump-deviation -1", "--jump-deviation -1"),
        ("--volatility 0.6 --long-run nan", "--long-run nan"),
        ("--volatility 0.6 --reversion nan", "--reversion nan"),
        ("--volatility 0.6 --wobble -1", "--wobble -1"),
        ("--volatility 0.6 --correlation nan", "--correlation nan"),
        ("--volatility 0.6 --at-most nan", "--at-most nan"),
        ("--volatility 0.6 --funding nan", "--funding nan"),
        ("--volatility 0.6 --haircut 0.5", "--haircut 0.5 says nothing without --coins"),
        ("--volatility 0.6 --haircut nan --coins 1", "--haircut nan"),
        ("--volatility 0.6 --series okx:BTC/USDT:USDT", "says nothing without --data"),
        ("--volatility 0.6 --paths 1000000000000", "'--paths'"),
        ("--volatility 0.6 --paths 0", "'--paths'"),
        ("--volatility 0.6 --seed 100000000000000000000", "'--seed'"),
        ("--volatility 0.6 --reserve 1 --top-up-to 0.01", "raise --top-up-to"),
    ],
)
def test_what_is_missing_or_wrong_is_named(line: str, said: str) -> None:
    done = asked(odds, f"{POSITION} {line}")
    assert done.exit_code == 2
    assert said in " ".join(done.stderr.split())


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    """Return a lake of hours and settlements."""
    bundle = write_bundle(tmp_path, a_bundle(2_400))
    import_files([bundle], tmp_path / "lake")
    return tmp_path / "lake"


def test_a_lake_gives_the_volatility_and_says_from_what(lake: Path) -> None:
    found = figures(f"--data {lake} --days 10")
    record = found["calibrated_with"]["record"]
    assert record["source"] == "lake"
    assert record["series"] == "binance BTC/USDT:USDT"
    assert record["first"] == "2020-01-01T01:00:00Z"  # the close of the first bar
    assert (record["bars"], record["holes"]) == (2_399, 0)
    assert record["volatility_of_span"] == pytest.approx(0.003 * math.sqrt(8_760.0), rel=0.05)
    used = found["calibrated_with"]["numbers"]["volatility"]
    assert used == record["volatility_now"]


def test_what_the_user_knows_better_wins_over_the_lake(lake: Path) -> None:
    found = figures(f"--data {lake} --volatility 0.9 --days 10")
    assert found["calibrated_with"]["numbers"]["volatility"] == 0.9
    line = f"--data {lake} --model jumps --jumps-per-year 3 --days 2 --paths 100 --monitor 8h"
    assert figures(line)["calibrated_with"]["numbers"]["per_year"] == 3.0


def test_recorded_returns_and_funding_are_simulated(lake: Path) -> None:
    line = f"--data {lake} --model history --funding data --days 20 --paths 2000"
    found = figures(line)
    assert found["monitor_hours"] == 1.0
    assert found["calibrated_with"]["model"] == "history"
    assert found["closed_form"] is None
    shown = asked(odds, f"{POSITION} {line}")
    words = " ".join(shown.stdout.replace("│", " ").split())
    assert "taken from binance BTC/USDT:USDT of lake" in words
    assert "2,399 bars, 2020-01-01 to 2020-04-10" in words


def test_another_series_stands_in_for_a_venue_without_one(lake: Path) -> None:
    place = "--venue okx --instrument BTC/USDT:USDT --side short --quantity 1 --entry 50000"
    line = f"{place} --deposit 10000 --data {lake} --days 5"
    refused = asked(odds, line)
    assert (refused.exit_code, "okx BTC/USDT:USDT" in refused.stderr) == (2, True)
    done = asked(odds, f"{line} --series binance:BTC/USDT:USDT --json")
    assert done.exit_code == 0, done.output
    record = json.loads(done.stdout)["calibrated_with"]["record"]
    assert record["series"] == "binance BTC/USDT:USDT"


def test_ways_to_margin_stand_side_by_side() -> None:
    line = (
        "--venue binance --instrument BTC/USDT:USDT --coins 120 --price 50000 --deposit 2000000 "
        "--reserve 1000000 --inverse BTC/USD:BTC --haircut 0.05 --portfolio deribit "
        "--loan-start 0.6 --loan-liquidation 0.83 --loan-rate 0.08 --volatility 0.6 "
        "--on 2026-08-01"
    )
    done = asked(collateral, f"{line} --json")
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    by_name = {row["name"]: row for row in found["rows"]}
    assert by_name["cash, isolated"]["above"] == the_stake().liquidation_price()
    exact = odds_of_liquidation(the_stake(), Diffusion(volatility=0.6), Horizon(days=90.0))
    assert by_name["cash, isolated"]["odds_above"] == exact.probability
    assert by_name["coin-margined"]["above"] is None
    assert len(by_name) == 6
    shown = asked(collateral, line)
    assert shown.exit_code == 0
    for name in by_name:
        assert name in shown.stdout


REFUSED = {
    "--coins": "nan inf 0 -1",
    "--price": "nan inf 0 -1",
    "--hedged": "nan inf 0 -1",
    "--deposit": "nan inf -1",
    "--reserve": "nan inf -1",
    "--days": "nan inf -1",
    "--volatility": "nan inf -1",
    "--drift": "nan inf",
    "--funding": "nan inf",
    "--cash-rate": "nan -inf",
    "--haircut": "nan inf -1 1.5",
    "--loan-start": "nan -1 2",
    "--loan-liquidation": "nan -1 2",
    "--loan-rate": "nan inf",
}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("--instrument BTC/USD:BTC --volatility 0.6", "name the linear contract"),
        ("--instrument BTC/USDT:USDT", "--volatility is missing"),
        (
            "--instrument BTC/USDT:USDT --volatility 0.6 --loan-rate 0.1",
            "--loan-start, --loan-liquidation missing",
        ),
        (
            "--instrument BTC/USDT:USDT --volatility 0.6 --portfolio spam",
            "unknown portfolio margin",
        ),
        *(
            (f"--instrument BTC/USDT:USDT --volatility 0.6 {words}", said)
            for words, said in (
                ("--inverse ETH/USD:ETH", "--inverse ETH/USD:ETH: it is on ETH"),
                ("--inverse BTC/USDT:USDT", "--inverse BTC/USDT:USDT: it is margined in USDT"),
                ("--series okx:BTC/USDT:USDT", "says nothing without --data"),
                *(
                    (f"{option} {value}", f"{option} {value}: ")
                    for option, values in REFUSED.items()
                    for value in values.split()
                ),
            )
        ),
    ],
)
def test_a_choice_that_cannot_be_made_is_refused(line: str, said: str) -> None:
    head = "--venue binance --coins 120 --price 50000 --deposit 2000000 --on 2026-08-01"
    done = asked(collateral, f"{head} {line}")
    assert done.exit_code == 2
    assert said in " ".join(done.stderr.split())
