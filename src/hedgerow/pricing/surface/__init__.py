"""Volatility surfaces: quotes cleaned, smiles fitted without arbitrage, and their deltas."""

from hedgerow.pricing.surface.arbitrage import Violation
from hedgerow.pricing.surface.clean import Limits, QuoteReason, Quotes
from hedgerow.pricing.surface.fitting import fit
from hedgerow.pricing.surface.forwards import ForwardFrom
from hedgerow.pricing.surface.surface import Quality, Slice, Surface
from hedgerow.pricing.surface.svi import JumpWings, Svi

__all__ = [
    "ForwardFrom",
    "JumpWings",
    "Limits",
    "Quality",
    "QuoteReason",
    "Quotes",
    "Slice",
    "Surface",
    "Svi",
    "Violation",
    "fit",
]
