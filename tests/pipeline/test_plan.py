"""A plan that does not fit together is refused before any sound is read."""

import pytest

from pipeline.plan import Plan, PlanError
from tests.pipeline.toys import Collect, Join, Loop, Ramp, Upper


def test_a_producer_is_missing() -> None:
    with pytest.raises(PlanError, match="'upper' reads Word, which no stage in the plan produces"):
        Plan([Upper()])


def test_a_name_is_used_twice() -> None:
    with pytest.raises(PlanError, match="'ramp' is used twice"):
        Plan([Ramp(), Ramp()])


def test_a_cycle() -> None:
    with pytest.raises(PlanError, match="upper, loop wait for one another"):
        Plan([Upper(), Loop()])


def test_downstream_is_in_plan_order() -> None:
    plan = Plan([Ramp(), Upper(), Join(), Collect()])
    assert plan.downstream(["upper"]) == ("upper", "join", "collect")
    with pytest.raises(PlanError, match="no stage 'lower'; the stages are ramp, upper"):
        plan.stage("lower")
