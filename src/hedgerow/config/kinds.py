"""What kinds of value a key of the config may have, and how each is told."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{1,20}$")]
Text = Annotated[str, StringConstraints(min_length=1, max_length=1000)]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Seed = Annotated[int, Field(ge=0, lt=2**63)]
Source = Literal["owned", "borrowed", "sold"]
DeskName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9]{1,12}$")]
SecretName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,99}$")]
Port = Annotated[int, Field(ge=0, le=65535)]
Count = Annotated[int, Field(ge=1, le=1_000_000)]
Fraction = Annotated[float, Field(gt=0.0, lt=1.0)]
NotNegative = Annotated[float, Field(ge=0.0)]
Positive = Annotated[float, Field(gt=0.0)]
Seconds = Annotated[float, Field(gt=0.0, le=31_536_000.0)]

AMOUNT = "a number >= 0"
COUNT = "a whole number >= 1"
CURRENCY = 'one currency in capitals, such as "BTC"'
DAY = "a whole UTC day, such as 2022-01-01"
FLAG = "true or false"
FRACTION = "a fraction such as 0.1, >= 0"
INSTANT = "an instant in UTC, such as 2021-05-19T13:00:00Z"
ORIGIN = '"owned", "borrowed" or "sold"'
QUOTE = "a number > 0, or inf for none"
RATE = "a yearly rate as a fraction, from 0 to 10"
SECONDS = "a number of seconds > 0"
REFERENCE = 'the name of a secret, such as "BINANCE_KEY", never the secret itself'
