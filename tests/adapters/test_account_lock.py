"""Two desks on one account lock each other out, whatever their names and journals."""

from pathlib import Path

import pytest

from hedgerow.adapters.account_lock import AccountLock
from hedgerow.errors import ConfigError


def test_the_second_desk_is_refused_by_the_name_of_the_first(tmp_path: Path) -> None:
    first, second = AccountLock(tmp_path), AccountLock(tmp_path)
    first.take("binance", "a key", "treasury")
    with pytest.raises(ConfigError, match=r"binance is traded by 'treasury', process \d+ already"):
        second.take("binance", "a key", "other")
    second.take("binance", "another key", "other")
    second.take("bybit", "a key", "other")
    first.release()
    third = AccountLock(tmp_path)
    third.take("binance", "a key", "third")
    second.release()
    third.release()


def test_no_part_of_the_key_is_written_down(tmp_path: Path) -> None:
    lock = AccountLock(tmp_path)
    lock.take("binance", "topsecretkey", "treasury")
    for path in tmp_path.iterdir():
        assert "topsecret" not in path.name + path.read_text()
    lock.release()
