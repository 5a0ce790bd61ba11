"""The key of an account: what signs its requests, and shows itself to nobody."""

import re
from dataclasses import dataclass, field
from typing import Final

from hedgerow.execution.secret import HIDDEN, Secret

QUERY: Final = re.compile(r"\?\S+")
SIGNED: Final = re.compile(r"(?i)(signature|sig|listenKey|apiKey)=[^&\s\"']+")
LONGEST: Final = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """What an account's requests are signed with.

    Attributes
    ----------
    key, secret
        The two halves; a wallet's private key is a secret without a key.
    passphrase
        The third part, where the venue has one.
    wallet
        Address of the account whose wallet trades, where the venue goes by addresses.
    """

    secret: Secret
    key: Secret = field(default_factory=lambda: Secret(""))
    passphrase: Secret = field(default_factory=lambda: Secret(""))
    wallet: str = ""

    def redact(self, text: str) -> str:
        """Return `text` without any part of the key, and without queries, which are signed."""
        clean = SIGNED.sub(rf"\1={HIDDEN}", QUERY.sub("", text))
        for part in (self.secret, self.key, self.passphrase):
            if part:
                clean = clean.replace(part.reveal(), HIDDEN)
        return clean if len(clean) <= LONGEST else f"{clean[:LONGEST]}..."


NOBODY: Final = Keys(secret=Secret(""))
