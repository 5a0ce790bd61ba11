"""A reader of TOML values that names file, key and value when one of them is wrong."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import NoReturn

from hedgerow.errors import ConfigError, UnknownName


class TableReader:
    """One TOML table on its way to becoming a value; every key read is ticked off."""

    __slots__ = ("_data", "_file", "_path", "_read")

    def __init__(self, file: str, data: Mapping[str, object], path: str = "") -> None:
        self._file = file
        self._data = data
        self._path = path
        self._read: set[str] = set()

    def has(self, key: str) -> bool:
        """Whether `key` is there."""
        self._read.add(key)
        return key in self._data

    def text(self, key: str) -> str:
        """Return a text that is not empty."""
        value = self._value(key)
        if not isinstance(value, str) or not value.strip():
            self.refuse(key, value, "write a text in quotes")
        return value.strip()

    def choice(self, key: str, known: tuple[str, ...]) -> str:
        """Return one of the words `known`."""
        value = self.text(key)
        if value not in known:
            raise UnknownName("value", value, known, where=self._where(key))
        return value

    def number(self, key: str) -> Decimal:
        """Return a number that is written as a text, so that it is exact."""
        value = self._value(key)
        try:
            number = Decimal(value) if isinstance(value, str) else Decimal("NaN")
        except InvalidOperation:
            number = Decimal("NaN")
        if not number.is_finite():
            self.refuse(key, value, 'write the number in quotes, like "0.0005"')
        return number

    def hours(self, key: str) -> int:
        """Return a whole number of hours between 1 and 24."""
        value = self._value(key)
        if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= 24:
            self.refuse(key, value, "write whole hours between 1 and 24")
        return value

    def count(self, key: str) -> int:
        """Return a whole number, zero or more."""
        value = self._value(key)
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            self.refuse(key, value, "write a whole number, 0 or more, without quotes")
        return value

    def flag(self, key: str) -> bool:
        """Return true or false."""
        value = self._value(key)
        if not isinstance(value, bool):
            self.refuse(key, value, "write true or false, without quotes")
        return value

    def day(self, key: str) -> date:
        """Return a date."""
        value = self._value(key)
        if not isinstance(value, date) or isinstance(value, datetime):
            self.refuse(key, value, "write a date without quotes, like 2024-10-24")
        return value

    def child(self, key: str) -> "TableReader":
        """Return a reader of the table under `key`."""
        return self._as_table(key, self._value(key))

    def children(self, key: str) -> Iterator["TableReader"]:
        """Yield readers of the list of tables under `key`."""
        rows = self._value(key)
        if not isinstance(rows, list) or not rows:
            self.refuse(key, rows, "write a list of tables with at least one in it")
        for index, row in enumerate(rows):
            yield self._as_table(f"{key}[{index}]", row)

    def over(self, below: "TableReader") -> "TableReader":
        """Return a reader of this table that finds in `below` what is not written here."""
        return TableReader(self._file, {**below.plain(), **self._data}, self._path)

    def plain(self) -> Mapping[str, object]:
        """Return the values as they were read."""
        return self._data

    def close(self) -> None:
        """Refuse the first key that nobody has asked for."""
        for key in self._data:
            if key not in self._read:
                raise UnknownName("key", key, sorted(self._read), where=self._where(""))

    def refuse(self, key: str, value: object, mend: str) -> NoReturn:
        """Raise `ConfigError` that names file, key and value and says how to mend it."""
        shown = value if isinstance(value, Decimal | date) else repr(value)
        raise ConfigError(f"{self._where(key)} = {shown} is refused; {mend}")

    def _as_table(self, key: str, value: object) -> "TableReader":
        if not isinstance(value, Mapping):
            self.refuse(key, value, "write a table")
        return TableReader(self._file, value, f"{self._path}{key}.")

    def _value(self, key: str) -> object:
        self._read.add(key)
        if key not in self._data:
            raise ConfigError(f"{self._where(key)} is missing; a rule that is not known is refused")
        return self._data[key]

    def _where(self, key: str) -> str:
        return f"{self._file}: {self._path}{key}".rstrip(" .:")
