"""The quotes behind a surface as a table: what each says, what was fitted, and why not."""

import numpy as np
import polars as pl

from hedgerow.pricing.surface import Surface
from hedgerow.report.surface_figures import fitted


def quotes_frame(surface: Surface) -> pl.DataFrame:
    """Return one row a quote of the chain, volatilities yearly, null where there is none.

    `fitted_volatility` is the slice's, `used` tells whether the quote was fitted, and `reason` why
    not.
    """
    quotes, chain = surface.quotes, surface.quotes.chain
    fit = fitted(surface)
    return pl.DataFrame(
        {
            "symbol": chain.symbol.tolist(),
            "underlying": chain.underlying.tolist(),
            "expiry": pl.Series(chain.expiry).cast(pl.Datetime("ns", "UTC")),
            "kind": np.where(chain.sign > 0.0, "call", np.where(chain.sign < 0.0, "put", "")),
            "strike": chain.strike,
            "forward": quotes.forward,
            "bid": chain.bid,
            "ask": chain.ask,
            "mark": chain.mark,
            "delta": quotes.delta * np.where(chain.sign < 0.0, -1.0, 1.0),
            "bid_volatility": quotes.bid,
            "middle_volatility": quotes.middle,
            "ask_volatility": quotes.ask,
            "mark_volatility": chain.mark_volatility,
            "fitted_volatility": fit,
            "used": quotes.rows.valid,
            "reason": [str(one) for one in quotes.rows.reasons],
        }
    ).with_columns(pl.col(pl.Float64).fill_nan(None))
