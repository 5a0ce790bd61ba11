"""Facts come back from the journal as they went in, to the last digit."""

from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hedgerow.execution.codec import decode, encode
from hedgerow.execution.order import (
    AccountSnapshot,
    FundingReport,
    OrderReport,
    OrderRequest,
    TradeReport,
)
from hedgerow.execution.port import Facts, QuoteReport, StreamReport, TransferReport
from hedgerow.ledger.journal import JournalError, canonical

KINDS = (
    OrderRequest,
    OrderReport,
    TradeReport,
    FundingReport,
    AccountSnapshot,
    QuoteReport,
    StreamReport,
    TransferReport,
    Facts,
)
st.register_type_strategy(Decimal, st.decimals(allow_nan=False, allow_infinity=False))
st.register_type_strategy(float, st.floats(allow_nan=False, allow_infinity=False))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_report_comes_back_as_it_was(kind: type[object], data: st.DataObject) -> None:
    report = data.draw(st.from_type(kind))
    body = encode(report)
    assert decode(kind, body) == report
    assert encode(decode(kind, body)) == body
    assert canonical(body)


def test_a_decimal_keeps_its_digits() -> None:
    assert encode(Decimal("1.000")) == "1.000"


@pytest.mark.parametrize(
    "body", [None, 5, {}, {"no": 1}, {"venue": "x", "stream": "y", "alive": True, "tme": 3}]
)
def test_a_body_of_another_shape_is_refused_by_name(body: object) -> None:
    with pytest.raises(JournalError, match="StreamReport"):
        decode(StreamReport, body)


def test_what_is_no_json_is_refused() -> None:
    with pytest.raises(TypeError, match="no place in the journal"):
        encode(object())
