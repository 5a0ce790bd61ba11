"""A file of option quotes whose smile is known, with some quotes that are worth nothing."""

import math
from pathlib import Path
from statistics import NormalDist

NORMAL = NormalDist()
TIME = "2026-02-05T15:30:00Z"
FORWARD = {"BTC": 60_000.0, "ETH": 2_000.0}
EXPIRIES = {7: "2026-02-12T15:30:00Z", 30: "2026-03-07T15:30:00Z", 90: "2026-05-06T15:30:00Z"}
HEADER = (
    "snapshot,currency,instrument_name,option_type,strike,expiry,underlying_price,index_price,"
    "bid,ask,mark_price,mark_iv,delta,open_interest"
)


def volatility(k: float, days: int) -> float:
    """Return the volatility that all quotes of `chain_csv` are made with: SVI by hand."""
    years = days / 365.0
    scale = math.sqrt(years)
    level = 0.16 + 0.04 * math.sqrt(days / 30.0)
    x = k / scale
    return math.sqrt(level * (1.0 + 0.5 * (-0.35 * x + math.sqrt(x * x + 0.3)) - 0.27))


def price(forward: float, strike: float, days: int, sign: float) -> float:
    """Return Black's price in coin."""
    years = days / 365.0
    total = volatility(math.log(strike / forward), days) * math.sqrt(years)
    first = math.log(forward / strike) / total + 0.5 * total
    worth = forward * NORMAL.cdf(sign * first) - strike * NORMAL.cdf(sign * (first - total))
    return sign * worth / forward


def chain_csv(folder: Path, *, coins: tuple[str, ...] = ("BTC", "ETH")) -> Path:
    """Write a chain of three expiries a coin: out of the money, two-sided but for a few."""
    lines = [HEADER]
    for coin in coins:
        forward = FORWARD[coin]
        for days, expiry in EXPIRIES.items():
            for step in range(-8, 9):
                k = 0.25 * step * 0.5 * math.sqrt(days / 365.0)
                strike = round(forward * math.exp(k), 1)
                kind = "P" if k < 0.0 else "C"
                worth = price(forward, strike, days, -1.0 if k < 0.0 else 1.0)
                bid, ask = f"{0.99 * worth:.8f}", f"{1.01 * worth:.8f}"
                if step == -8:
                    bid = ""  # one-sided
                if step == 8:
                    bid, ask = ask, bid  # crossed
                mark = volatility(math.log(strike / forward), days)
                name = f"{coin}-{days}D-{strike:g}-{kind}"
                lines.append(
                    f"{TIME},{coin},{name},{kind},{strike},{expiry},{forward},{forward},"
                    f"{bid},{ask},{worth:.8f},{mark:.6f},,1"
                )
    path = folder / "chain.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
