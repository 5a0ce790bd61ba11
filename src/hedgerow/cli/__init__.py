"""The command line: parse, call one function, print."""


def main() -> None:
    """Run the `hedgerow` command and end with 0, or with 2 and a reason."""
    from hedgerow.cli.app import app
    from hedgerow.cli.ending import run_to_the_end

    run_to_the_end(app)
