"""The command line: parse, call one function, print."""


def main() -> None:
    """Run the `hedgerow` command and end with 0, or with 2 and a reason."""
    try:
        from hedgerow.cli.app import app
        from hedgerow.cli.ending import run_to_the_end
    except KeyboardInterrupt:  # before anything has begun
        raise SystemExit(2) from None
    run_to_the_end(app)
