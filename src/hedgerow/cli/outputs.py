"""What a run is written to, checked before the run begins."""

import os
import signal
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from hedgerow.errors import ConfigError

if TYPE_CHECKING:
    from hedgerow.analysis.analysis import Analysis
    from hedgerow.analysis.run import Run
    from hedgerow.report.result import Json

TABLES: Final = ("ledger.csv", "daily.csv", "monthly.csv", "lots.csv")
SIMULATED: Final = "SIMULATED.txt"

JsonOption = Annotated[
    str, typer.Option("--json", metavar="FILE|-", help="Write the result as JSON, - to the screen.")
]
HtmlOption = Annotated[
    str, typer.Option("--html", metavar="FILE", help="Write the report, one offline HTML file.")
]
CsvOption = Annotated[
    str,
    typer.Option(
        "--csv",
        metavar="DIR",
        help="Write ledger, daily and monthly P&L and realised lots as CSV files.",
    ),
]
QuietOption = Annotated[
    bool, typer.Option("--quiet", "-q", help="No progress and no summary; errors only.")
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outputs:
    """Where the result goes; empty where it does not. `json` may be ``-``, the screen."""

    json: str = ""
    html: str = ""
    csv: str = ""

    @property
    def to_screen(self) -> bool:
        """Whether standard output belongs to the JSON."""
        return self.json == "-"

    def files(self) -> list[tuple[str, Path]]:
        """Return each file that will be written, after the option that asked for it."""
        named = [("--json", self.json), ("--html", self.html)]
        found = [(option, Path(name)) for option, name in named if name and name != "-"]
        if self.csv:
            found += [("--csv", Path(self.csv) / name) for name in TABLES]
        return found

    def check(self, inputs: Iterable[Path], lake: Path | None) -> None:
        """Raise `ConfigError` if one cannot be written, or would replace another or an input."""
        taken = {path.resolve(): f"the input {path}" for path in inputs}
        for option, path in self.files():
            place = path.resolve()
            if place in taken:
                raise ConfigError(
                    f"{option} {path}: would replace {taken[place]}; choose another name"
                )
            if lake is not None and place.is_relative_to(lake.resolve()):
                raise ConfigError(f"{option} {path}: lies inside the lake; choose another place")
            taken[place] = f"what {option} writes"
            check_writable(option, path)

    def write(self, run: "Run", analysis: "Analysis", figures: "dict[str, Json]") -> list[str]:
        """Write everything asked for but the screen, and return the names for a person."""
        from hedgerow.report.files import write_whole
        from hedgerow.report.html import render
        from hedgerow.report.result import to_json
        from hedgerow.report.tables import write_csv_of

        texts = {}
        if self.html:
            texts[self.html] = render(run, figures)
        if self.json and not self.to_screen:
            texts[self.json] = to_json(figures)
        if self.csv and run.simulated:
            texts[f"{self.csv}/{SIMULATED}"] = (
                "SIMULATED: the tables in this folder are of a made-up market.\n"
            )
        with _undisturbed():
            for name, text in texts.items():
                write_whole(Path(name), text)
            if self.csv:
                write_csv_of(run, analysis, Path(self.csv))
        tables = [f"{self.csv} ({', '.join(TABLES)})"] if self.csv else []
        return [name for name in (self.html, self.json) if name in texts] + tables


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Put Ctrl-C off while files are written, which takes a moment: all of them or none."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def check_writable(option: str, path: Path) -> None:
    """Raise `ConfigError` if no file can be written there, folders made on the way."""
    try:
        if path.exists() and not path.is_file():
            what = "a folder" if path.is_dir() else "no plain file"
            raise ConfigError(f"{option} {path}: this is {what}; name a file")
        folder = path.parent
        while not folder.exists() and folder != folder.parent:
            folder = folder.parent
        if not folder.is_dir():
            raise ConfigError(
                f"{option} {path}: {folder} is a file, not a folder; choose another place"
            )
        if not os.access(folder, os.W_OK | os.X_OK):
            raise ConfigError(
                f"{option} {path}: nothing may be written in {folder}; choose another place"
            )
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"{option} {str(path)[:200]!r}: no file can be there ({error})"
        ) from error
