"""``python -m benchmarks NAME --json -``: run one benchmark and write its report."""

import argparse
import json
import sys
from pathlib import Path

from benchmarks.book import book
from benchmarks.contest import Report, say
from benchmarks.desk import desk
from benchmarks.liquidation import liquidation
from benchmarks.market import MarketMissing
from benchmarks.odds import odds
from benchmarks.options import greeks, implied_vol, revaluation
from benchmarks.options_surface import surface
from benchmarks.start import start
from benchmarks.status import status
from benchmarks.sweep import Disagreement, sweep
from hedgerow.errors import HedgeError

JOBS = {
    "book": book,
    "greeks": greeks,
    "implied-vol": implied_vol,
    "liquidation": liquidation,
    "odds": odds,
    "revalue": revaluation,
    "start": start,
    "status": status,
    "surface": surface,
}


def main(arguments: list[str]) -> int:
    """Run the benchmark that the command line names; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("name", choices=("desk", *JOBS, "sweep"))
    parser.add_argument("--json", default="-", metavar="FILE", help="where to, - for the screen")
    parser.add_argument("--rounds", type=int, default=5, help="runs of each contender")
    parser.add_argument("--hours", type=int, default=24, help="simulated, for desk's memory")
    parser.add_argument("--data", type=Path, help="a lake with BTC/USDT:USDT bars, for sweep")
    chosen = parser.parse_args(arguments)
    try:
        if chosen.name == "sweep":
            report = sweep(chosen.data, chosen.rounds)
        elif chosen.name == "desk":
            report = desk(chosen.rounds, chosen.hours)
        else:
            report = JOBS[chosen.name](chosen.rounds)
    except KeyboardInterrupt:
        say("stopped")
        return 130
    except (Disagreement, MarketMissing, HedgeError) as error:
        say(f"error: {error}")
        return 1
    _write(report, chosen.json)
    return 0


def _write(report: Report, where: str) -> None:
    text = json.dumps(report.as_json(), indent=2)
    if where == "-":
        print(text)
    else:
        Path(where).write_text(text + "\n", encoding="utf-8")
    for name, ratio in report.ratios.items():
        say(f"{name}: {ratio:.1f} x")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
