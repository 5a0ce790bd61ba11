"""A hedging desk built on perpetual futures: measure, hedge, and account for every cent.

>>> import hedgerow as hr
>>> hr.Band(half_width=0.02).half_width
0.02
"""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hedgerow.adapters.chains import read_chain
    from hedgerow.adapters.lake import Lake
    from hedgerow.analysis.analysis import Analysis, analyse
    from hedgerow.analysis.effectiveness import effectiveness
    from hedgerow.analysis.run import Attribution, Run
    from hedgerow.engine.job import Hedge, Job
    from hedgerow.errors import ConfigError, HedgeError, MarketDataError
    from hedgerow.execution.costs import Execution, Fees
    from hedgerow.exposure.book import Book, Flow, Holding
    from hedgerow.exposure.exposure import exposure
    from hedgerow.exposure.view import MarketView
    from hedgerow.funding.financing import Financing
    from hedgerow.margin.account import Margin, Pledge
    from hedgerow.market.series import Bars, FundingRates
    from hedgerow.market.source import MemorySource
    from hedgerow.policies.band import Band
    from hedgerow.policies.base import Policy, policy
    from hedgerow.policies.hold import Hold
    from hedgerow.policies.interval import Interval
    from hedgerow.pricing.coin_options import coin_option
    from hedgerow.pricing.implied import implied_volatility
    from hedgerow.pricing.options import black76
    from hedgerow.pricing.surface.fitting import fit as fit_surface
    from hedgerow.replay.request import Outage
    from hedgerow.replay.world import Replay, run
    from hedgerow.report.write import report
    from hedgerow.simulation.market import market as simulated_market
    from hedgerow.sweep.grid import sweep

_HOMES = {
    "Analysis": "analysis.analysis",
    "Attribution": "analysis.run",
    "Band": "policies.band",
    "Bars": "market.series",
    "Book": "exposure.book",
    "ConfigError": "errors",
    "Execution": "execution.costs",
    "Fees": "execution.costs",
    "Financing": "funding.financing",
    "Flow": "exposure.book",
    "FundingRates": "market.series",
    "Hedge": "engine.job",
    "HedgeError": "errors",
    "Hold": "policies.hold",
    "Holding": "exposure.book",
    "Interval": "policies.interval",
    "Job": "engine.job",
    "Lake": "adapters.lake",
    "Margin": "margin.account",
    "MarketDataError": "errors",
    "MarketView": "exposure.view",
    "MemorySource": "market.source",
    "Outage": "replay.request",
    "Pledge": "margin.account",
    "Policy": "policies.base",
    "Replay": "replay.world",
    "Run": "analysis.run",
    "analyse": "analysis.analysis",
    "black76": "pricing.options",
    "coin_option": "pricing.coin_options",
    "effectiveness": "analysis.effectiveness",
    "exposure": "exposure.exposure",
    "fit_surface": "pricing.surface.fitting",
    "implied_volatility": "pricing.implied",
    "policy": "policies.base",
    "read_chain": "adapters.chains",
    "report": "report.write",
    "run": "replay.world",
    "simulated_market": "simulation.market",
    "sweep": "sweep.grid",
}
_RENAMED = {"fit_surface": "fit", "simulated_market": "market"}

__all__ = [
    "Analysis",
    "Attribution",
    "Band",
    "Bars",
    "Book",
    "ConfigError",
    "Execution",
    "Fees",
    "Financing",
    "Flow",
    "FundingRates",
    "Hedge",
    "HedgeError",
    "Hold",
    "Holding",
    "Interval",
    "Job",
    "Lake",
    "Margin",
    "MarketDataError",
    "MarketView",
    "MemorySource",
    "Outage",
    "Pledge",
    "Policy",
    "Replay",
    "Run",
    "analyse",
    "black76",
    "coin_option",
    "effectiveness",
    "exposure",
    "fit_surface",
    "implied_volatility",
    "policy",
    "read_chain",
    "report",
    "run",
    "simulated_market",
    "sweep",
]

if not TYPE_CHECKING:

    def __getattr__(name):  # noqa: ANN001, ANN202 - the checker reads the imports above
        """Import a name from its home when it is first asked for."""
        if name not in _HOMES:
            raise AttributeError(f"module 'hedgerow' has no attribute {name!r}")
        home = importlib.import_module(f"hedgerow.{_HOMES[name]}")
        value = getattr(home, _RENAMED.get(name, name))
        globals()[name] = value
        return value

    def __dir__():  # noqa: ANN202
        return __all__
