"""Options in NumPy, pyvolr, iv-engine, fast-vollib and QuantLib; runs in their own environment.

Reads one JSON request a line, ``{"file": FILE, "job": "greeks", "peer": "numpy"}``, and answers
with the seconds of a run, of the clock and of the processor, and with a number to compare:
prices' sum, volatilities' or values' sum. A peer that has no columns, or no book, works out a part.
"""
# mypy: disable-error-code="import-not-found, import-untyped, misc, no-untyped-def, no-untyped-call"
# ruff: noqa: ANN001, ANN201, ANN202, PLC0415 - it answers for whichever peer is asked for

import importlib.metadata
import json
import os
import statistics
import sys
import time
import warnings
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

warnings.simplefilter("ignore")
MANY = 20  # runs an answer, of which the middle one counts
LONG = 0.1  # seconds after which there are enough of them
SLOW = 2_000  # rows of a peer that has no columns
CORES = os.cpu_count() or 1
THREADS = ThreadPoolExecutor(CORES)


def numpy_greeks(m):
    """Return price, delta, gamma, vega and theta, as one writes them in NumPy."""
    from scipy.special import ndtr

    f, k, v, t, w, r = (m[name] for name in ("f", "k", "v", "t", "w", "r"))
    root = np.sqrt(t)
    s = v * root
    d1 = np.log(f / k) / s + 0.5 * s
    d2 = d1 - s
    discount = np.exp(-r * t)
    n1, n2 = ndtr(w * d1), ndtr(w * d2)
    height = np.exp(-0.5 * d1 * d1) * 0.3989422804014327
    price = discount * w * (f * n1 - k * n2)
    vega = discount * f * height * root
    return (
        price,
        discount * w * n1,
        discount * height / (f * s),
        vega,
        r * price - 0.5 * vega * v / t,
    )


def numpy_greeks_all(m):
    """Return the same, a thread for each core."""
    names = ("f", "k", "v", "t", "w")
    pieces = [np.array_split(m[name], CORES) for name in names]
    parts = [
        dict(zip(names, columns, strict=True)) | {"r": m["r"]}
        for columns in zip(*pieces, strict=True)
    ]
    return tuple(map(np.concatenate, zip(*THREADS.map(numpy_greeks, parts), strict=True)))


def pyvolr_greeks(m):
    """Return pyvolr's greeks and price."""
    import pyvolr

    flags = m["flags"]
    rest = (flags, m["f"], m["k"], m["t"], float(m["r"]), m["v"])
    pyvolr.black76.greeks(*rest)
    return (np.asarray(pyvolr.black76.price(*rest)),)


def iv_engine_greeks(m, *, parallel=False):
    """Return iv-engine's price, delta, gamma and vega; it has no vector theta and no rate."""
    import iv_engine as iv

    out = np.empty(m["f"].size)
    for is_call, place in ((True, m["calls"]), (False, m["puts"])):
        f, k, v, t = (m[name][place] for name in ("f", "k", "v", "t"))
        out[place] = iv.black_prices(f, k, t, v, is_call, parallel=parallel)
        iv.deltas(f, k, t, v, is_call, parallel=parallel)
        iv.gammas(f, k, t, v, parallel=parallel)
        iv.vegas(f, k, t, v, parallel=parallel)
    return (out * np.exp(-m["r"] * m["t"]),)


def iv_engine_greeks_all(m):
    """Return the same, on all cores."""
    return iv_engine_greeks(m, parallel=True)


def fast_vollib_greeks(m, threads=1):
    """Return fast-vollib's greeks and price, by its numba backend, the fastest on a processor."""
    fv = _fast_vollib(threads)
    flags = m["flags"]
    price = fv.fast_black(
        flags, m["f"], m["k"], m["t"], m["r"], m["v"], return_as="numpy", backend="numba"
    )
    fv.get_all_greeks(
        flags,
        m["f"],
        m["k"],
        m["t"],
        m["r"],
        m["v"],
        model="black",
        return_as="dict",
        backend="numba",
    )
    return (np.asarray(price),)


def fast_vollib_greeks_all(m):
    """Return the same, on all cores."""
    return fast_vollib_greeks(m, CORES)


def _fast_vollib(threads):
    """Return the package, told how many threads to take."""
    import fast_vollib as fv
    import numba

    numba.set_num_threads(threads)
    return fv


def quantlib_greeks(m):
    """Return QuantLib's, one by one, of the first rows."""
    import QuantLib as ql  # noqa: N813 - its usual short name

    kinds = {1.0: ql.Option.Call, -1.0: ql.Option.Put}
    out = np.empty(SLOW)
    for i in range(SLOW):
        f, k, v, t, w = (float(m[name][i]) for name in ("f", "k", "v", "t", "w"))
        payoff = ql.PlainVanillaPayoff(kinds[w], k)
        one = ql.BlackCalculator(payoff, f, v * t**0.5, float(np.exp(-m["r"] * t)))
        out[i] = one.value()
        one.deltaForward()
        one.gammaForward()
        one.vega(t)
    return (out,)


def pyvolr_implied(m):
    """Return pyvolr's volatilities."""
    import pyvolr

    found = pyvolr.black76.implied_vol(
        m["p"], m["otm_flags"], m["f"], m["k"], m["t"], 0.0, on_error="ignore"
    )
    return (np.asarray(found),)


def iv_engine_implied(m, *, parallel=False):
    """Return iv-engine's volatilities."""
    import iv_engine as iv

    out = np.empty(m["f"].size)
    for is_call, place in ((True, m["otm_calls"]), (False, m["otm_puts"])):
        out[place] = iv.implied_volatilities(
            *(m[name][place] for name in ("p", "f", "k", "t")), is_call, parallel=parallel
        )
    return (out,)


def iv_engine_implied_all(m):
    """Return iv-engine's volatilities, on all cores."""
    return iv_engine_implied(m, parallel=True)


def fast_vollib_implied(m, threads=1):
    """Return fast-vollib's volatilities."""
    found = _fast_vollib(threads).fast_implied_volatility_black(
        m["p"], m["f"], m["k"], 0.0, m["t"], m["otm_flags"], return_as="numpy", backend="numba"
    )
    return (np.asarray(found),)


def fast_vollib_implied_all(m):
    """Return the same, on all cores."""
    return fast_vollib_implied(m, CORES)


def quantlib_implied(m):
    """Return QuantLib's, one by one, of the first rows."""
    import QuantLib as ql  # noqa: N813 - its usual short name

    out = np.empty(SLOW)
    for i in range(SLOW):
        f, k, t, p, w = (float(m[name][i]) for name in ("f", "k", "t", "p", "otm"))
        kind = ql.Option.Call if w > 0.0 else ql.Option.Put
        out[i] = ql.blackFormulaImpliedStdDevLiRS(kind, k, f, p, 1.0) / t**0.5
    return (out,)


def numpy_revalue(m):
    """Return a book's value in each scenario, one volatility and time after another."""
    from scipy.special import ndtr

    f, k, v, t, w, q = (m[name][:, None] for name in ("f", "k", "v", "t", "w", "q"))
    out = np.zeros((m["added"].size, m["passed"].size, m["spots"].size))
    spot = f * m["spots"]
    log = np.log(f / k) + np.log(m["spots"])
    for i, added in enumerate(m["added"]):
        for j, passed in enumerate(m["passed"]):
            s = np.maximum(v + added, 0.0) * np.sqrt(np.maximum(t - passed, 1e-12))
            d1 = log / s + 0.5 * s
            value = w * (spot * ndtr(w * d1) - k * ndtr(w * (d1 - s)))
            out[i, j] = (q * value).sum(axis=0)
    return (out,)


def numpy_revalue_all(m):
    """Return the same, a thread for each core."""
    parts = [m | {"added": added} for added in np.array_split(m["added"], CORES)]
    return (np.concatenate([part[0] for part in THREADS.map(numpy_revalue, parts)]),)


def pyvolr_revalue(m):
    """Return a book's value along the first line of spot moves, by pyvolr's prices."""
    import pyvolr

    c = m["line"]
    value = pyvolr.black76.price(c["flags"], c["f"], c["k"], c["t"], 0.0, c["v"])
    return ((c["q"] * np.asarray(value)).reshape(-1, m["spots"].size).sum(axis=0),)


def iv_engine_revalue(m, *, parallel=False):
    """Return a book's value along the first line of spot moves, by iv-engine's prices."""
    import iv_engine as iv

    c = m["line"]
    value = np.empty(c["f"].size)
    for is_call, place in ((True, c["calls"]), (False, c["puts"])):
        columns = (c[name][place] for name in ("f", "k", "t", "v"))
        value[place] = iv.black_prices(*columns, is_call, parallel=parallel)
    return ((c["q"] * value).reshape(-1, m["spots"].size).sum(axis=0),)


def iv_engine_revalue_all(m):
    """Return the same, on all cores."""
    return iv_engine_revalue(m, parallel=True)


def fast_vollib_revalue(m, threads=1):
    """Return a book's value along the first line of spot moves, by fast-vollib's prices."""
    c = m["line"]
    value = _fast_vollib(threads).fast_black(
        c["flags"], c["f"], c["k"], c["t"], 0.0, c["v"], return_as="numpy", backend="numba"
    )
    return ((c["q"] * np.asarray(value)).reshape(-1, m["spots"].size).sum(axis=0),)


def fast_vollib_revalue_all(m):
    """Return the same, on all cores."""
    return fast_vollib_revalue(m, CORES)


def quantlib_revalue(m):
    """Return a book's value at the first spot moves, by QuantLib, one by one."""
    import QuantLib as ql  # noqa: N813 - its usual short name

    kinds = {1.0: ql.Option.Call, -1.0: ql.Option.Put}
    book = [[float(m[name][i]) for name in ("f", "k", "v", "t", "w", "q")]
            for i in range(m["f"].size)]  # fmt: skip
    added, passed = float(m["added"][0]), float(m["passed"][0])
    out = np.zeros(SLOW // len(book))
    for j, move in enumerate(m["spots"][: out.size]):
        for f, k, v, t, w, q in book:
            s = max(v + added, 0.0) * max(t - passed, 0.0) ** 0.5
            out[j] += q * ql.blackFormula(kinds[w], k, f * float(move), s, 1.0)
    return (out,)


PACKAGES = {
    "numpy": "scipy",
    "pyvolr": "pyvolr",
    "iv_engine": "iv-engine",
    "fast_vollib": "fast-vollib",
    "quantlib": "quantlib",
}


def load(path: str) -> dict[str, Any]:
    """Return the market, with what peers ask for in their own words."""
    with np.load(path) as file:
        market = {name: file[name] for name in file.files}
    market["flags"] = np.where(market["w"] > 0.0, "c", "p")
    market["calls"] = np.flatnonzero(market["w"] > 0.0)
    market["puts"] = np.flatnonzero(market["w"] < 0.0)
    if "otm" in market:
        market["otm_flags"] = np.where(market["otm"] > 0.0, "c", "p")
        market["otm_calls"] = np.flatnonzero(market["otm"] > 0.0)
        market["otm_puts"] = np.flatnonzero(market["otm"] < 0.0)
    if "spots" in market:
        market["line"] = _line(market)
    return market


def _line(m: dict[str, Any]) -> dict[str, Any]:
    """Return every position at every spot move, one after another, as columns."""
    spots = m["spots"]
    line = {name: np.repeat(m[name], spots.size) for name in ("f", "k", "v", "t", "w", "q")}
    line["f"] = line["f"] * np.tile(spots, m["f"].size)
    line["v"] = np.maximum(line["v"] + m["added"][0], 0.0)
    line["t"] = line["t"] - m["passed"][0]
    line["flags"] = np.where(line["w"] > 0.0, "c", "p")
    line["calls"] = np.flatnonzero(line["w"] > 0.0)
    line["puts"] = np.flatnonzero(line["w"] < 0.0)
    return line


def main() -> None:
    """Answer requests until there are no more."""
    markets: dict[str, Any] = {}
    for line in sys.stdin:
        request = json.loads(line)
        path = request["file"]
        market = markets.setdefault(path, load(path) if path not in markets else None)
        name = f"{request['peer']}_{request['job']}"
        try:
            runs: list[tuple[float, float]] = []
            while len(runs) < MANY and sum(run[0] for run in runs) < LONG:
                begin, busy = time.perf_counter(), time.process_time()
                found = globals()[name](market)[0]
                runs.append((time.perf_counter() - begin, time.process_time() - busy))
        except Exception as error:  # noqa: BLE001 - whatever a peer stumbles over is its answer
            print(json.dumps({"error": f"{type(error).__name__}: {error}"[:200]}), flush=True)
            continue
        answer = {
            "seconds": statistics.median(run[0] for run in runs),
            "busy": statistics.median(run[1] for run in runs),
            "rows": int(found.size),
            "sum": float(np.nansum(found)),
            "version": importlib.metadata.version(PACKAGES[request["peer"]]),
        }
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
