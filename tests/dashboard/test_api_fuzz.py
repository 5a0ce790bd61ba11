"""The API under generated requests: no 5xx, answers as described, nothing without the token."""

from typing import Any

import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis import checks

from hedgerow.dashboard.app import application
from hedgerow.dashboard.metrics import DeskMetrics
from hedgerow.execution.secret import Secret
from sample_desk import SampleDesk

TOKEN = "fuzzed"  # noqa: S105 - it opens nothing
DESK = SampleDesk()
APP = application(DESK, Secret(TOKEN), metrics=DeskMetrics(DESK.view), hosts=frozenset())
KNOWN = {"Authorization": f"Bearer {TOKEN}"}
SCHEMA = schemathesis.openapi.from_asgi("/openapi.json", APP, headers=KNOWN)
# We put the right token in whatever was generated, so these two would see a spoilt one accepted.
OURS = [checks.ignored_auth, checks.negative_data_rejection]
FEW = settings(
    max_examples=10,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@SCHEMA.parametrize()
@FEW
def test_every_route_answers_as_it_is_described(case: Any) -> None:  # noqa: ANN401 - generated
    answer = case.call(headers=KNOWN)
    assert answer.status_code < 500
    case.validate_response(answer, excluded_checks=OURS)


@SCHEMA.exclude(path="/healthz").parametrize()
@FEW
def test_without_the_token_nothing_is_told_and_nothing_done(case: Any) -> None:  # noqa: ANN401 - generated
    before = (len(DESK.told), DESK.shown.desk.state)
    answer = case.call(headers={"Authorization": "Bearer fuzz"})
    assert answer.status_code in {401, 429}
    assert "treasury" not in answer.text
    assert (len(DESK.told), DESK.shown.desk.state) == before
