"""The benchmarks: seeded, doing the work they say they do, and clear about what they cannot do."""

import re
import sys
from pathlib import Path

import numpy as np
import pytest
from numba import types

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks import jobs, peers  # noqa: E402 - the folder is no installed package
from benchmarks.contest import contender  # noqa: E402
from benchmarks.market import synthetic  # noqa: E402
from hedgerow.engine import layout as at  # noqa: E402
from hedgerow.engine import rows  # noqa: E402
from hedgerow.engine.batch import Plan, run_lanes  # noqa: E402
from hedgerow.kernels.bare_types import Bare  # noqa: E402

ROW = Bare(types.float64, 1)
TABLE = Bare(types.float64, 2)
NUMBER = types.float64
PAIR = types.Tuple((ROW, ROW))  # type: ignore[no-untyped-call]
LOOPS = {
    "weigh": (
        ROW,
        ROW,
        ROW,
        PAIR,
        PAIR,
        NUMBER,
        types.boolean,
    ),
    "charge_maintenance": (ROW, ROW, ROW, TABLE),
    "may_matter": (ROW, ROW, ROW),
    "aim": (ROW, ROW, ROW, ROW, ROW),
    "any_of": (ROW,),
}


@pytest.mark.parametrize("name", LOOPS)
def test_a_hot_loop_works_on_several_lanes_at_once(name: str) -> None:
    loop = getattr(rows, name)
    loop.compile(LOOPS[name])
    assert re.search(r"<\d+ x double>", loop.inspect_llvm(LOOPS[name]))


def test_the_same_seed_gives_the_same_market() -> None:
    np.testing.assert_array_equal(synthetic(500).closes, synthetic(500).closes)


def test_the_matched_job_pays_costs_and_nothing_else() -> None:
    batch = run_lanes(jobs.matched(synthetic(2_000), 3))
    parts = dict(zip(at.PARTS, batch.parts, strict=True))
    assert (parts["fees"] < 0.0).all()
    assert (parts["slippage"] < 0.0).all()
    for name in ("funding", "financing", "liquidation"):
        assert (parts[name] == 0.0).all(), name


def test_the_full_job_pays_funding_moves_cash_and_watches_margin() -> None:
    batch = run_lanes(jobs.full(synthetic(8_000), 40))
    totals = batch.totals
    assert (totals[at.SETTLEMENTS] > 900.0).all()
    assert totals[at.TOP_UPS].sum() > 0.0
    assert (totals[at.MIN_HEADROOM] < 0.15).any()


def test_recording_a_lane_changes_no_bit_of_it() -> None:
    plan = jobs.full(synthetic(3_000), 6)
    recorded = Plan(
        tape=plan.tape,
        fixed=plan.fixed,
        shape=plan.shape,
        numbers=plan.numbers,
        rule=plan.rule,
        recorded=(0, 5),
    )
    assert run_lanes(plan).state.tobytes() == run_lanes(recorded).state.tobytes()


def test_the_lowest_headroom_is_that_of_the_recorded_series() -> None:
    plan = jobs.full(synthetic(3_000), 2)
    seen = Plan(
        tape=plan.tape,
        fixed=plan.fixed,
        shape=plan.shape,
        numbers=plan.numbers,
        rule=plan.rule,
        recorded=(0,),
    )
    column = at.SERIES_HEAD + at.LEG_SERIES.index("headroom")
    lowest = run_lanes(plan).totals[at.MIN_HEADROOM, 0]
    assert lowest == run_lanes(seen).series[0][:, column].min()


def test_lanes_do_not_notice_their_neighbours() -> None:
    market = synthetic(1_500)
    many = run_lanes(jobs.matched(market, 300))
    plan = jobs.matched(market, 300)
    last = Plan(
        tape=plan.tape,
        fixed=plan.fixed,
        shape=plan.shape,
        numbers=np.ascontiguousarray(plan.numbers[:, -1:]),
        rule=plan.rule,
    )
    assert run_lanes(last).state[:, 0].tobytes() == many.state[:, -1].tobytes()


def test_a_peer_without_its_installer_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(peers, "HERE", tmp_path)
    monkeypatch.setattr("shutil.which", lambda _: None)
    with pytest.raises(peers.PeerMissing, match="vectorbt needs an environment of its own"):
        peers.python_of("vectorbt")


def test_throughput_is_work_over_the_median_time() -> None:
    assert contender("x", [4.0, 1.0, 2.0], 10.0, "jobs/s").throughput == 5.0
