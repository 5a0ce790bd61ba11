"""Write the report of a run."""

from pathlib import Path

from hedgerow.analysis.run import Run
from hedgerow.report.html import write_html


def report(run: Run, path: str | Path) -> Path:
    """Write the HTML report of `run` to `path`, one file that needs no network; return the path.

    Raises
    ------
    ConfigError
        If the file cannot be written.
    """
    place = Path(path)
    write_html(run, place)
    return place
