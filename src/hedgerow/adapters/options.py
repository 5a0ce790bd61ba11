"""What a person says about the files of an import that the files do not say themselves."""

from dataclasses import dataclass
from typing import Final

from hedgerow.adapters.series_key import KINDS
from hedgerow.errors import ConfigError, UnknownName

MARKETS: Final = {"spot": "spot", "um": "linear", "cm": "inverse"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOptions:
    """Options of `hedgerow.adapters.importing.import_files`; empty means: let the file say.

    Attributes
    ----------
    venue, base, quote
        Of aligned bundles; the venue also of other files.
    map
        A column map: the name of a ready one or the path of a TOML file.
    market
        ``spot``, ``um`` (USD-margined) or ``cm`` (coin-margined), for public dump files.
    kind
        ``trade``, ``mark`` or ``index``, for public dump files of candles.
    """

    venue: str = ""
    base: str = ""
    quote: str = ""
    map: str = ""
    market: str = ""
    kind: str = ""

    def __post_init__(self) -> None:
        if self.market and self.market not in MARKETS:
            raise UnknownName("market", self.market, tuple(MARKETS))
        if self.kind and self.kind not in KINDS:
            raise UnknownName("kind", self.kind, KINDS)
        if bool(self.base) != bool(self.quote):
            raise ConfigError("--base and --quote go together; give both or neither")
