"""What Prometheus reads, and that the dashboard asks for nothing else."""

import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.api.served import Served

pytestmark = pytest.mark.anyio

DASHBOARD = Path(__file__).parent.parent.parent / "deploy" / "grafana" / "parley.json"
NAME = re.compile(r"\b(?:parley|process|python)_\w+")


async def read(s: Served) -> dict[str, dict[tuple[tuple[str, str], ...], float]]:
    """Return all samples, by name and labels."""
    text = (await s.client.get("/metrics")).text
    samples: dict[str, dict[tuple[tuple[str, str], ...], float]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            samples.setdefault(sample.name, {})[tuple(sorted(sample.labels.items()))] = sample.value
    return samples


async def named(s: Served) -> set[str]:
    """Return every name that a query may use, also of what was not counted yet."""
    text = (await s.client.get("/metrics")).text
    names: set[str] = set()
    for family in text_string_to_metric_families(text):
        ends = {"counter": ("_total",), "histogram": ("_bucket", "_count", "_sum")}.get(family.type, ("",))
        names |= {f"{family.name}{end}" for end in ends}
    return names


async def test_a_meeting_shows_in_every_part(s: Served) -> None:
    before = await read(s)
    await s.upload()
    after = await read(s)

    def grown(name: str, **labels: str) -> float:
        key = tuple(sorted(labels.items()))
        return after[name][key] - before.get(name, {}).get(key, 0.0)

    assert grown("parley_stage_sound_seconds_total", stage="ramp", engine="") == pytest.approx(3.0)
    assert grown("parley_job_wait_seconds_count") == 1
    assert [grown("parley_job_step_seconds_count", step=step, outcome="on") for step in ("recognise", "publish")] == [
        1,
        1,
    ]
    assert grown("parley_store_seconds_count", call="store") > 5
    assert grown("parley_database_seconds_count", call="add_meeting") == 1
    assert grown("parley_database_seconds_sum", call="add_meeting") > 0
    assert after["parley_part_ready"] == {(("part", "store"),): 1.0, (("part", "database"),): 1.0}
    for gauge in ("parley_jobs_waiting", "parley_live_meetings", "parley_live_streams"):
        assert after[gauge] == {(): 0.0}
    assert after["parley_jobs_running"][()] in (0.0, 1.0), "the job tells others before it is over"
    assert after["process_resident_memory_bytes"][()] > 1e7


async def test_an_engine_shows_its_state(s: Served) -> None:
    await s.client.get("/health/ready")  # which makes them
    states = (await read(s))["parley_engine_state"]
    (state,) = [dict(labels)["state"] for labels, value in states.items() if value and ("role", "vad") in labels]
    assert state == "on_disk"


def queries(panels: list[dict[str, Any]]) -> list[str]:
    return [target["expr"] for panel in panels for target in panel.get("targets", ())]


async def test_the_dashboard_asks_for_what_there_is(s: Served) -> None:
    dashboard = msgspec.json.decode(DASHBOARD.read_bytes())
    known = await named(s)
    asked = {name for query in queries(dashboard["panels"]) for name in NAME.findall(query)}
    assert asked - known == set()
    shown = {name for name in known if name.startswith("parley_") and not name.endswith(("_sum", "_count"))}
    assert {"parley_caption_lag_seconds_bucket", "parley_engine_state", "parley_model_tokens_total"} <= asked
    assert len(shown & asked) > 15
    places = [tuple(panel["gridPos"].values()) for panel in dashboard["panels"]]
    assert len(set(places)) == len(places)


async def test_labels_come_from_us_alone(s: Served) -> None:
    """Who asks for nonsense makes no new series."""
    await s.client.get("/api/meetings/0000")
    before = len((await read(s))["parley_http_answers_total"])
    for at in range(20):
        await s.client.get(f"/nothing/{at}")
        await s.client.get(f"/api/meetings/none{at}")
        await s.client.post("/v1/chat/completions", json={"model": f"none-{at}", "messages": []})
    after = await read(s)
    assert len(after["parley_http_answers_total"]) <= before + 3
    assert not [labels for labels in after.get("parley_model_requests_total", {}) if "none-" in str(labels)]
