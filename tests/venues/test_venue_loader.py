"""ccxt is imported quickly, and whole for whoever else asks for it."""

import importlib.metadata
import subprocess
import sys

import pytest

from hedgerow.adapters.venues import loader
from hedgerow.errors import ConfigError


def in_a_process_of_its_own(script: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    return done.stdout.split()


def test_only_the_venue_asked_for_is_imported() -> None:
    modules, binance, kraken = in_a_process_of_its_own(
        "import sys\n"
        "from hedgerow.adapters.venues.loader import load_exchange\n"
        "kind = load_exchange('okx')\n"
        "assert kind.__module__ == 'ccxt.pro.okx', kind\n"
        "names = [name for name in sys.modules if name.startswith('ccxt')]\n"
        "print(len(names), 'ccxt.binance' in names, 'ccxt.pro.kraken' in names)\n"
    )
    assert int(modules) < 60
    assert (binance, kraken) == ("False", "False")


def test_all_five_venues_load_through_the_short_cut() -> None:
    assert in_a_process_of_its_own(
        "from hedgerow.adapters.venues.loader import load_exchange\n"
        "from hedgerow.adapters.venues.known import VENUES\n"
        "for quirks in VENUES.values():\n"
        "    exchange = load_exchange(quirks.connector)()\n"
        "    assert exchange.id == quirks.connector\n"
        "    print(exchange.id)\n"
    ) == ["binance", "bybit", "deribit", "hyperliquid", "okx"]


def test_whoever_else_imports_ccxt_finds_the_whole_of_it() -> None:
    found = in_a_process_of_its_own(
        "from hedgerow.adapters.venues.loader import load_exchange\n"
        "load_exchange('deribit')\n"
        "import ccxt, ccxt.async_support, ccxt.pro\n"
        "from ccxt import NetworkError, kraken\n"
        "from ccxt.base.errors import NetworkError as same\n"
        "assert NetworkError is same\n"
        "assert issubclass(ccxt.pro.deribit, ccxt.async_support.deribit)\n"
        "assert ccxt.kraken is kraken and kraken().id == 'kraken'\n"
        "assert 'kraken' in ccxt.exchanges and hasattr(ccxt, 'decimal_to_precision')\n"
        "assert not hasattr(ccxt, 'no_such_exchange')\n"
        "print(ccxt.__version__)\n"
    )
    assert found == [loader.TRIED]


def test_the_command_line_starts_without_ccxt() -> None:
    assert in_a_process_of_its_own(
        "import sys, hedgerow.cli\nprint(any(name.startswith('ccxt') for name in sys.modules))\n"
    ) == ["False"]


def test_the_version_tried_is_the_one_installed() -> None:
    assert loader.version() == loader.TRIED
    assert loader.version_note() == ""


def test_another_version_is_named_and_imported_the_plain_way(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(importlib.metadata, "version", lambda _: "9.9.9")
    assert f'pip install "ccxt=={loader.TRIED}"' in loader.version_note()
    monkeypatch.setattr(loader, "_install", lambda: pytest.fail("the short cut was taken"))
    assert loader.load_exchange.__wrapped__("okx").__name__ == "okx"


def test_without_ccxt_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_: str) -> str:
        raise importlib.metadata.PackageNotFoundError("ccxt")

    monkeypatch.setattr(importlib.metadata, "version", missing)
    with pytest.raises(ConfigError, match=r'pip install "hedgerow\[live\]"'):
        loader.version()
