"""Paper exchanges for tests: one linear, one inverse, one spot contract of one coin."""

from decimal import Decimal
from typing import Any

import numpy as np

from hedgerow.engine.terms import AccountTerms, Brackets, LegTerms, PledgeTerms, Terms
from hedgerow.execution.order import (
    FundingReport,
    Listing,
    OrderKind,
    OrderReport,
    OrderRequest,
    Side,
    TradeReport,
    TransferReport,
)
from hedgerow.execution.port import PrivateReport, QuoteReport
from hedgerow.live.paper.book import Depth
from hedgerow.live.paper.contract import PaperContract
from hedgerow.live.paper.exchange import PaperExchange
from hedgerow.policies.hold import Hold
from hedgerow.policies.mixed import mixed
from hedgerow.units import SECOND

LINEAR = "BTC/USDT:USDT"
INVERSE = "BTC/USD:BTC"
SPOT = "BTC/USDT"
MAKER, TAKER = Decimal("0.0002"), Decimal("0.0005")
T0 = 1_704_067_200 * SECOND  # 2024-01-01
