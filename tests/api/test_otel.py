"""Traces: from a request through its job to each stage, at a collector that speaks OTLP."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from api.logs import OtelSettings
from tests.api.served import served
from tests.pipeline.toy_server import sound_file

pytestmark = pytest.mark.anyio


class Collector(BaseHTTPRequestHandler):
    """Keeps the spans that are sent to it."""

    spans: list[Span]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        assert self.path == "/v1/traces"
        sent = ExportTraceServiceRequest.FromString(body)
        self.spans += [span for each in sent.resource_spans for scope in each.scope_spans for span in scope.spans]
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def collector() -> Iterator[tuple[str, list[Span]]]:
    spans: list[Span] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Kept", (Collector,), {"spans": spans}))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", spans
    server.shutdown()
    thread.join()
    server.server_close()


async def test_a_request_is_followed_to_each_stage(collector: tuple[str, list[Span]], tmp_path: Path) -> None:
    endpoint, spans = collector
    trace, caller = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
    async with served(tmp_path, more={"otel": OtelSettings(endpoint=endpoint)}) as s:
        answer = await s.client.post(
            "/api/meetings",
            content=sound_file(3),
            headers={"Content-Type": "audio/wav", "traceparent": f"00-{trace}-{caller}-01"},
        )
        await s.done(answer.json()["id"])
    ours = {span.name: span for span in spans if span.trace_id.hex() == trace}
    assert ours["request"].parent_span_id.hex() == caller
    above = {
        "job": "request",
        "recognise": "job",
        "summarise": "job",
        "publish": "job",
        "ramp": "recognise",
        "upper": "recognise",
        "join": "recognise",
        "summarize": "summarise",
    }
    assert {name: ours[name].parent_span_id for name in above} == {
        name: ours[parent].span_id for name, parent in above.items()
    }
    told = {attribute.key: attribute.value.string_value for attribute in ours["ramp"].attributes}
    assert told == {"parley.meeting": answer.json()["id"]}
