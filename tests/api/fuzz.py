"""Requests made from the OpenAPI document, right ones and wrong ones -> answers, and what is wrong with them."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import anyio.from_thread
import msgspec
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from pipeline.gateway.providers import Provider
from pipeline.keeping import Keeping
from tests.api.served import Served, served

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
schemathesis.serializer.alias("application/sdp", "text/plain")
NOBODY = Provider(url="http://127.0.0.1:1", models=("qwen",))
"""With it, chats of other models are refused, instead of there being none at all."""
MEETINGS = 6
"""Meetings that requests may be about."""


@contextmanager
def server(folder: Path) -> Iterator[tuple[str, str, Sequence[str]]]:
    """Run a server in a thread; give its address, a key, and the ids of some meetings."""
    with anyio.from_thread.start_blocking_portal() as portal:
        running = served(folder, keeping=Keeping(largest_upload=3_000_000), providers=(NOBODY,))
        with portal.wrap_async_context_manager(running) as s:
            ids = [portal.call(_upload, s)["id"] for _ in range(MEETINGS)]
            # Requests will make keys too: from the first one on, everybody needs one.
            made = portal.call(partial(s.client.post, json={"name": "fuzz", "role": "admin"}), "/api/keys")
            yield f"http://127.0.0.1:{s.port}", made.json()["key"], ids


async def _upload(s: Served) -> dict[str, Any]:
    return await s.upload()


class Seen(msgspec.Struct):
    """What came back."""

    answers: Counter[tuple[str, int]] = msgspec.field(default_factory=Counter)
    """How often each operation answered with each status."""
    wrong: list[str] = []
    """Answers that were a 500, or not as documented."""


def fuzz(address: str, key: str, ids: Sequence[str], count: int) -> Seen:
    """Send about so many requests."""
    seen = Seen()
    shown = {"Authorization": f"Bearer {key}"}
    document = schemathesis.openapi.from_url(f"{address}/schema/openapi.json", headers=shown)
    operations = [found.ok() for found in document.get_all_operations() if isinstance(found, Ok)]
    dice = 0
    with requests.Session() as session:
        session.headers.update(shown)
        while (left := count - seen.answers.total()) > 0:
            dice += 1
            for operation in operations:
                for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
                    _fuzz(operation, mode, max(2, left // (2 * len(operations))), dice, ids, session, seen)
    return seen


@schemathesis.serializer("application/sdp")
def _as_text(_: schemathesis.SerializationContext, value: Any) -> bytes:
    return str(value).encode()


def _fuzz(
    operation: Any,
    mode: GenerationMode,
    count: int,
    dice: int,
    ids: Sequence[str],
    session: requests.Session,
    seen: Seen,
) -> None:
    known = st.one_of(st.none(), st.sampled_from(ids)) if operation.method != "delete" else st.none()

    @seed(dice)
    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode), id=known)
    def send(case: Case[Any], id: str | None) -> None:
        if id is not None and "id" in (case.path_parameters or {}):
            case.path_parameters["id"] = id
        answer = case.call(session=session, timeout=30)
        seen.answers[operation.label, answer.status_code] += 1
        try:
            case.validate_response(answer, checks=CHECKS)
        except FailureGroup as wrong:
            seen.wrong += [f"{operation.label}: {failure}" for failure in wrong.exceptions]

    try:
        send()
    except Unsatisfiable:
        return  # an operation that takes nothing has nothing to get wrong
