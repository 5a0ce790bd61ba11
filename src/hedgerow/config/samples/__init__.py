"""Configs to start from, as `hedgerow init` prints them."""

from importlib.resources import files
from typing import Literal


def sample(name: Literal["treasury", "inverse"]) -> str:
    """Return the text of a sample config.

    >>> sample("treasury").splitlines()[0]
    '# A treasury of 120 BTC, hedged with the linear perpetual on isolated margin.'
    """
    return files(__name__).joinpath(f"{name}.toml").read_text(encoding="utf-8")
