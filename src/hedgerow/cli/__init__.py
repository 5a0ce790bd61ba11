"""The command line: parse, call one function, print."""

from functools import partial


def main() -> None:
    """Run the `hedgerow` command and end with 0, or with 2 and a reason."""
    try:
        from hedgerow.cli.app import app
        from hedgerow.cli.ending import OWN_PROCESS, run_to_the_end
    except KeyboardInterrupt:  # before anything has begun
        exec("")  # noqa: S102 - nothing is run; without it Python may end by the signal: see `ending`
        raise SystemExit(2) from None
    run_to_the_end(partial(app, obj=OWN_PROCESS))
