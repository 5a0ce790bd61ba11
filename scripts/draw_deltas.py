"""Draw docs/img/deltas.svg from a recorded option chain: deltas of one expiry's calls by strike.

Run as ``python scripts/draw_deltas.py CHAIN``, with a file that `hedgerow.adapters.chains` reads.
"""

import sys
from pathlib import Path
from typing import Final

import numpy as np

from hedgerow.adapters.chains import open_chains
from hedgerow.market.chain import Chain
from hedgerow.pricing.coin_options import coin_option
from hedgerow.pricing.surface import Surface, fit
from hedgerow.pricing.surface.smile_delta import surface_deltas
from hedgerow.units import Floats

TARGET: Final = Path(__file__).parents[1] / "docs" / "img" / "deltas.svg"
LOW, HIGH = 3_000.0, 36_000.0
WIDE, TALL = 860, 440
LEFT, RIGHT, TOP, BOTTOM = 60, 24, 24, 52
GRID: Final = (3_000, 5_000, 7_000, 10_000, 14_000, 20_000, 36_000)
BLACK, NET, MONEYNESS, LOCAL = "#00695c", "#c2410c", "#4338ca", "#a21caf"


def across(strike: Floats) -> Floats:
    """Return places on the axis of strikes, which counts in ratios."""
    share = np.log(strike / LOW) / np.log(HIGH / LOW)
    return np.asarray(LEFT + share * (WIDE - LEFT - RIGHT), dtype=np.float64)


def up(delta: Floats) -> Floats:
    """Return places on the axis of deltas, from 0 to 1."""
    return np.asarray(TALL - BOTTOM - delta * (TALL - TOP - BOTTOM), dtype=np.float64)


def line(strike: Floats, delta: Floats, colour: str, dashes: str = "") -> str:
    """Return one curve."""
    pairs = zip(across(strike), up(delta), strict=True)
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in pairs)
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    return f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"{dashed}/>'


def text(x: float, y: float, words: str, colour: str = "#334155", anchor: str = "start") -> str:
    """Return one label."""
    return f'<text x="{x:.0f}" y="{y:.0f}" fill="{colour}" text-anchor="{anchor}">{words}</text>'


def frame() -> list[str]:
    """Return the sheet and its axes."""
    parts = [f'<rect width="{WIDE}" height="{TALL}" rx="8" fill="#ffffff"/>']
    for delta in np.linspace(0.0, 1.0, 6):
        y = float(up(np.asarray(delta)))
        ends = f'x1="{LEFT}" x2="{WIDE - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"'
        parts.append(f'<line {ends} stroke="#e2e8f0"/>')
        parts.append(text(LEFT - 8, y + 5, f"{delta:.1f}", anchor="end"))
    for strike in GRID:
        x = float(across(np.asarray(float(strike))))
        parts.append(text(x, TALL - BOTTOM + 20, f"{strike:,}", anchor="middle"))
    middle = (LEFT + WIDE - RIGHT) / 2
    parts.append(text(middle, TALL - 10, "strike, in dollars", anchor="middle"))
    return parts


def picture(chain: Chain, surface: Surface, expiry: int) -> str:
    """Return the drawing of one expiry's calls."""
    strike = np.geomspace(LOW, HIGH, 120)
    deltas = surface_deltas(surface, strike, expiry, "call")
    parts = frame()
    curves: tuple[tuple[object, str, str], ...] = (
        (deltas.sticky_moneyness, MONEYNESS, "7 4"),
        (deltas.sticky_local_volatility, LOCAL, "2 4"),
        (deltas.net_sticky_strike, NET, ""),
        (deltas.sticky_strike, BLACK, ""),
    )
    parts += [line(strike, np.asarray(values), *style) for values, *style in curves]
    shown = (chain.expiry == expiry) & (chain.sign > 0.0) & np.isfinite(chain.delta)
    shown &= (chain.strike >= LOW) & (chain.strike <= HIGH)
    for x, y in zip(across(chain.strike[shown]), up(chain.delta[shown]), strict=True):
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{BLACK}"/>')
    words = (
        ("Black, dots: as the venue prints it", BLACK, ""),
        ("sticky moneyness", MONEYNESS, "7 4"),
        ("sticky local volatility", LOCAL, "2 4"),
        ("net of the premium in coin", NET, ""),
    )
    for place, (label, colour, dashes) in enumerate(words):
        y = TOP + 18 + 22 * place
        start = np.array([14_500.0, 16_500.0])
        height = 1.0 - (y - 5 - TOP) / (TALL - TOP - BOTTOM)
        parts.append(line(start, np.full(2, height), colour, dashes))
        parts.append(text(float(across(np.asarray(17_000.0))), y, label, colour))
    size = f'viewBox="0 0 {WIDE} {TALL}" width="{WIDE}" height="{TALL}"'
    words_as = 'font-family="sans-serif" font-size="14"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} {words_as}>'
    return "\n".join((head, *parts, "</svg>", ""))


def peak(surface: Surface, expiry: int) -> float:
    """Return the strike at which a call's net delta is largest."""
    strike = np.geomspace(LOW, HIGH, 2_000)
    forward = float(np.asarray(surface.forward(expiry)))
    years = float((expiry - surface.time) / (365 * 86_400e9))
    volatility = np.asarray(surface.volatility(strike, expiry))
    net = coin_option(forward, strike, volatility, years, "call").delta_net
    return float(strike[int(np.argmax(net))])


if __name__ == "__main__":
    quotes = open_chains(Path(sys.argv[1])).chain()
    fitted = fit(quotes)
    last = int(quotes.expiries[-1])
    TARGET.write_text(picture(quotes, fitted, last), encoding="utf-8")
    print(f"{TARGET.name}: the net delta peaks at {peak(fitted, last):,.0f}")
