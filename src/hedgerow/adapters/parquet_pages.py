"""A look at the page headers of a Parquet file before it is decoded.

A damaged count in a page header makes the decoder ask for more memory than any machine has, which
ends the process instead of raising an error. So counts and sizes are compared with those of the
footer first. References: Apache Parquet format, parquet.thrift (field numbers below are its);
Apache Thrift, compact protocol specification.
"""

from typing import Final

from hedgerow.errors import MarketDataError

_MAGIC: Final = b"PAR1"
_DEEPEST: Final = 16
_TRUE, _FALSE, _BYTE, _DOUBLE, _BINARY, _LIST, _SET, _STRUCT = 1, 2, 3, 7, 8, 9, 10, 12

Value = int | bytes | list["Value"] | dict[int, "Value"]
Struct = dict[int, Value]


def check_pages(content: bytes, name: str) -> None:
    """Refuse a Parquet file whose page headers contradict its footer.

    Raises
    ------
    MarketDataError
        If the file is cut off or damaged, as far as its headers tell.
    """
    try:
        footer = _footer(content)
        for group in _structs(footer.get(4)):
            for column in _structs(group.get(1)):
                chunk = column.get(3)
                if isinstance(chunk, dict):
                    _check_chunk(content, chunk)
    except (ValueError, IndexError, RecursionError) as error:
        raise MarketDataError(
            f"{name}: not readable as Parquet, cut off or damaged ({error}); "
            "fetch or write the file again"
        ) from error


def _footer(content: bytes) -> Struct:
    """Return the FileMetaData at the end of the file."""
    if content[:4] != _MAGIC or content[-4:] != _MAGIC:
        raise ValueError("it does not begin and end with PAR1")
    size = int.from_bytes(content[-8:-4], "little")
    if size > len(content) - 12:
        raise ValueError("its footer is longer than the file")
    return _Reader(content, len(content) - 8 - size).struct()


def _check_chunk(content: bytes, chunk: Struct) -> None:
    """Walk the pages of one column chunk (ColumnMetaData)."""
    values, plain, packed = (_count(chunk, field) for field in (5, 6, 7))
    offsets = [_count(chunk, 9)]
    if 11 in chunk and 0 < _count(chunk, 11) < offsets[0]:
        offsets.append(_count(chunk, 11))
    place = min(offsets)
    end = place + packed
    if end > len(content):
        raise ValueError("a column is longer than the file")
    while place < end:
        reader = _Reader(content, place)
        header = reader.struct()
        uncompressed, compressed = _count(header, 2), _count(header, 3)
        place = reader.place + compressed
        if place > end or uncompressed > plain:
            raise ValueError("a page is longer than its column")
        for field, most in ((5, values), (8, values), (7, uncompressed)):
            kind = header.get(field)
            if isinstance(kind, dict) and _count(kind, 1) > most:
                raise ValueError("a page holds more values than its column")
        version_two = header.get(8)
        if isinstance(version_two, dict):
            levels = _count(version_two, 5) + _count(version_two, 6)
            if levels > compressed or max(_count(version_two, 2), _count(version_two, 3)) > values:
                raise ValueError("a page holds more levels than bytes")


def _structs(value: Value | None) -> list[Struct]:
    items = value if isinstance(value, list) else []
    return [item for item in items if isinstance(item, dict)]


def _count(struct: Struct, field: int) -> int:
    value = struct.get(field, 0)
    if not isinstance(value, int) or value < 0:
        raise ValueError(f"a count is {value!r}")
    return value


class _Reader:
    """Thrift's compact protocol, as much of it as Parquet uses."""

    def __init__(self, content: bytes, place: int) -> None:
        self._content = content
        self.place = place

    def struct(self, depth: int = 0) -> Struct:
        """Return a struct as its values by field number."""
        if depth > _DEEPEST:
            raise ValueError("its headers are nested too deeply")
        fields: Struct = {}
        field = 0
        while (byte := self._byte()) != 0:
            delta, kind = byte >> 4, byte & 0x0F
            field = field + delta if delta else self._zigzag()
            fields[field] = int(kind == _TRUE) if kind in (_TRUE, _FALSE) else self._value(
                kind, depth
            )  # fmt: skip
        return fields

    def _value(self, kind: int, depth: int) -> Value:
        if kind in (_TRUE, _FALSE, _BYTE):
            return self._byte()
        if kind < _DOUBLE:
            return self._zigzag()
        if kind == _DOUBLE:
            return self._bytes(8)
        if kind == _BINARY:
            return self._bytes(self._varint())
        if kind in (_LIST, _SET):
            return self._list(depth)
        if kind == _STRUCT:
            return self.struct(depth + 1)
        raise ValueError(f"its headers hold type {kind}")

    def _list(self, depth: int) -> list[Value]:
        byte = self._byte()
        size, kind = byte >> 4, byte & 0x0F
        if size == 15:
            size = self._varint()
        if size > len(self._content):
            raise ValueError("a list is longer than the file")
        return [self._value(kind, depth) for _ in range(size)]

    def _byte(self) -> int:
        byte = self._content[self.place]
        self.place += 1
        return byte

    def _bytes(self, size: int) -> bytes:
        if size > len(self._content) - self.place:
            raise ValueError("a text is longer than the file")
        self.place += size
        return self._content[self.place - size : self.place]

    def _varint(self) -> int:
        result = 0
        for shift in range(0, 70, 7):
            byte = self._byte()
            result |= (byte & 0x7F) << shift
            if byte < 0x80:
                return result
        raise ValueError("a number has no end")

    def _zigzag(self) -> int:
        number = self._varint()
        return (number >> 1) ^ -(number & 1)
