"""Takes secrets out of a text before anybody reads it."""

import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import quote, unquote, urlsplit

from hedgerow.execution.secret import HIDDEN, Secret

SHORTEST: Final = 6  # characters; a shorter secret is too common a text to be looked for
PART: Final = 8  # characters of a part of a URL that is hidden by itself

_LOGIN: Final = re.compile(r"(?<=://)[^/\s:@]*:[^/\s@]+(?=@)")
_PAIR: Final = re.compile(
    r"(?i)\b(api[-_]?key|api[-_]?secret|secret|token|password|passphrase|signature|sign"
    r"|x-mbx-apikey|authorization|private[-_]?key)"
    r"(\"?'?\s*[=:]\s*\"?'?(?:bearer )?)[^\s&\"',;}]+"
)
_PLAIN: Final = re.compile(r"[a-z_-]*|[\d.:]*")


class Redactor:
    """Knows secrets, and returns texts in which each stands as ``***``.

    Besides what it knows it hides what looks like a secret: the password of a URL, and what
    follows ``token=``, ``api_key:`` and their like.

    Examples
    --------
    >>> hide = Redactor([Secret("AAHdqTcvCH1vGWJ")])
    >>> hide("sent with AAHdqTcvCH1vGWJ to postgresql://desk:pw@db/x?signature=ab12")
    'sent with *** to postgresql://***@db/x?signature=***'
    """

    def __init__(self, secrets: Iterable[Secret] = ()) -> None:
        self._known: set[str] = set()
        self._pattern: re.Pattern[str] | None = None
        for secret in secrets:
            self.learn(secret)

    def learn(self, secret: Secret) -> None:
        """Hide `secret` from now on, also line by line, quoted and in the parts of a URL."""
        text = secret.reveal()
        for line in {text, *text.splitlines()}:
            for form in (line, line.strip(), quote(line, safe=""), *_parts(line)):
                if len(form) >= SHORTEST:
                    self._known.update((form, repr(form)[1:-1]))
        longest_first = sorted(self._known, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, longest_first))) if self._known else None

    def __call__(self, text: str) -> str:
        """Return `text` without secrets."""
        if self._pattern is not None:
            text = self._pattern.sub(HIDDEN, text)
        return _PAIR.sub(rf"\1\g<2>{HIDDEN}", _LOGIN.sub(HIDDEN, text))


def _parts(line: str) -> set[str]:
    """Return what is secret in a URL: of those for alerts, any part that is no common word."""
    if "://" not in line:
        return set()
    try:
        url = urlsplit(line.strip())
        user = {url.username or "", url.password or ""}
    except ValueError:
        return set()
    web = url.scheme in ("http", "https", "postgresql", "postgres", "json", "jsons")
    rest = "" if web else url.netloc
    found = set(re.split(r"[/:@?&=]", f"{rest}/{url.path}/{url.query}")) | user
    found |= {unquote(part) for part in found}
    return {part for part in found if len(part) >= PART and not _PLAIN.fullmatch(part)}
