"""A value that must not be seen: it shows itself as ``***`` wherever it could leak."""

import hmac
from typing import Final, NoReturn

HIDDEN: Final = "***"


class Secret:
    """A key, a password or a token, whose text only `reveal` gives.

    It has no length, no order and no copy in a pickle; two of them compare in constant time.

    Examples
    --------
    >>> key = Secret("correct horse")
    >>> key, str(key), f"{key:>5}"
    (***, '***', '***')
    >>> key == Secret("correct horse"), key == "correct horse"
    (True, False)
    """

    __slots__ = ("__value",)

    def __init__(self, value: str) -> None:
        self.__value = value

    def reveal(self) -> str:
        """Return the text itself; call it where it goes out, and keep the result nowhere."""
        return self.__value

    def matches(self, text: str) -> bool:
        """Return whether `text` is the secret, in a time that does not tell how near it was."""
        return hmac.compare_digest(self.__value.encode(), text.encode("utf-8", "surrogatepass"))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self.matches(other.reveal())

    def __hash__(self) -> int:
        return hash((Secret, self.__value))

    def __bool__(self) -> bool:
        return bool(self.__value)

    def __repr__(self) -> str:
        return HIDDEN

    def __str__(self) -> str:
        return HIDDEN

    def __format__(self, spec: str) -> str:
        return HIDDEN

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not pickled; send its name, and read it where it is used")

    def __copy__(self) -> "Secret":
        return self

    def __deepcopy__(self, memo: object) -> "Secret":
        return self
