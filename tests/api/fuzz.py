"""Requests that follow the OpenAPI document, or almost, sent to a real server: every answer must be a documented one."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import anyio.from_thread
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from pipeline.keeping import Keeping
from tests.api.served import Served, served

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
MEETINGS = 6
"""Meetings that requests may be about."""


@contextmanager
def server(folder: Path) -> Iterator[tuple[str, Sequence[str]]]:
    """Run a server in a thread; give its address and the ids of some meetings."""
    with anyio.from_thread.start_blocking_portal() as portal:
        running = served(folder, keeping=Keeping(largest_upload=1_000_000))
        with portal.wrap_async_context_manager(running) as s:
            ids = [portal.call(_upload, s)["id"] for _ in range(MEETINGS)]
            yield f"http://127.0.0.1:{s.port}", ids


async def _upload(s: Served) -> dict[str, Any]:
    return await s.upload()


def fuzz(address: str, ids: Sequence[str], count: int) -> Counter[tuple[str, int]]:
    """Send about so many requests; return how often each operation answered with each status.

    Raises:
        FailureGroup: an answer was a 500, or not as documented.
    """
    seen: Counter[tuple[str, int]] = Counter()
    document = schemathesis.openapi.from_url(f"{address}/schema/openapi.json")
    operations = [found.ok() for found in document.get_all_operations()]
    share = max(2, count // (2 * len(operations)))
    with requests.Session() as session:
        for operation in operations:
            for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
                _fuzz(operation, mode, share, ids, session, seen)
    return seen


def _fuzz(
    operation: Any, mode: GenerationMode, count: int, ids: Sequence[str], session: requests.Session, seen: Counter[Any]
) -> None:
    known = st.one_of(st.none(), st.sampled_from(ids)) if operation.method != "delete" else st.none()

    @settings(
        max_examples=count,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode), id=known)
    def send(case: Case, id: str | None) -> None:
        if id is not None and "id" in (case.path_parameters or {}):
            case.path_parameters["id"] = id
        answer = case.call(session=session, timeout=30)
        seen[operation.label, answer.status_code] += 1
        case.validate_response(answer, checks=CHECKS)

    try:
        send()
    except Unsatisfiable:
        return  # an operation that takes nothing has nothing to get wrong
