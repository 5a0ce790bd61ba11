"""A market's forwards and volatilities as arrays, for kernels that value a whole book."""

import math
from collections.abc import Sequence

import numpy as np

from hedgerow.exposure.view import MarketView
from hedgerow.kernels.book_arrays import RAW, Curves, Smiles
from hedgerow.pricing.surface.surface import Surface
from hedgerow.units import Integers


def curves_of(view: MarketView, names: Sequence[str]) -> Curves:
    """Return the forwards that the market has, of each underlying."""
    lines = [view.line_of(name) for name in names]
    return Curves(
        first=_first([times.size for times, _ in lines]),
        times=np.concatenate([np.empty(0, dtype=np.int64), *(times for times, _ in lines)]),
        prices=np.concatenate([np.empty(0), *(prices for _, prices in lines)]),
    )


def smiles_of(view: MarketView, names: Sequence[str]) -> Smiles:
    """Return the volatilities that kernels can read: numbers, and fitted surfaces of SVI."""
    sizes, flat, time, today = [], [], [], []
    nodes, forwards = [np.empty(0)], [np.empty(0)]
    raws = [np.empty((0, RAW))]
    for name in names:
        smile = view.volatility.get(name, math.nan)
        flat.append(float(smile) if isinstance(smile, int | float) else math.nan)
        found = smile.svi if isinstance(smile, Surface) else None
        if not isinstance(smile, Surface) or found is None:
            sizes.append(0)
            time.append(view.now)
            today.append(math.nan)
            continue
        sizes.append(found[0].size)
        time.append(smile.time)
        today.append(found[1][0])
        nodes.append(found[0])
        forwards.append(found[1][1:])
        raws.append(found[2])
    return Smiles(
        first=_first(sizes),
        flat=np.array(flat),
        time=np.array(time, dtype=np.int64),
        today=np.array(today),
        nodes=np.concatenate(nodes),
        forwards=np.concatenate(forwards),
        raws=np.concatenate(raws),
    )


def is_packed(smile: object) -> bool:
    """Return whether kernels read a smile; others are asked in Python."""
    return isinstance(smile, int | float) or (isinstance(smile, Surface) and smile.svi is not None)


def _first(sizes: Sequence[int]) -> Integers:
    first = np.zeros(len(sizes) + 1, dtype=np.int64)
    np.cumsum(sizes, out=first[1:])
    return first
