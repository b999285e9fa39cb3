"""Spans of requests, jobs and stages -> a collector that speaks OTLP over HTTP: the extra `otel`."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from api.logs import OtelSettings
from api.settings import SettingsError
from pipeline.trace import install

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider


class OtelTracer:
    """Makes spans of OpenTelemetry. They carry ids and names, and of an error its kind: no content."""

    def __init__(self, provider: "TracerProvider") -> None:
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        self._tracer = provider.get_tracer("parley")
        self._wire = TraceContextTextMapPropagator()

    @contextmanager
    def span(self, name: str, parent: str, attributes: Mapping[str, str]) -> Iterator[None]:
        """Make a span of what the block does."""
        from opentelemetry.trace import Status, StatusCode

        context = self._wire.extract({"traceparent": parent}) if parent else None
        told = {f"parley.{key}": value for key, value in attributes.items() if value}
        with self._tracer.start_as_current_span(
            name, context, attributes=told, record_exception=False, set_status_on_exception=False
        ) as made:
            try:
                yield
            except Exception as error:
                made.set_status(Status(StatusCode.ERROR, type(error).__name__))
                raise

    def traceparent(self) -> str:
        """Return the span at hand as W3C Trace Context writes it."""
        carrier: dict[str, str] = {}
        self._wire.inject(carrier)
        return carrier.get("traceparent", "")


@contextmanager
def tracing(settings: OtelSettings, node: str) -> Iterator[None]:
    """Send spans while the block runs, where an address is configured.

    Raises:
        SettingsError: the extra `otel` is not installed.
    """
    if not settings.endpoint:
        yield
        return
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as error:
        raise SettingsError(
            "[otel] names a collector, but OpenTelemetry is not installed: pip install -r requirements/otel.txt"
        ) from error
    provider = TracerProvider(
        resource=Resource({"service.name": settings.service, "service.instance.id": node}), shutdown_on_exit=False
    )
    address = f"{settings.endpoint.rstrip('/')}/v1/traces"
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=address, timeout=5)))
    install(OtelTracer(provider))
    try:
        yield
    finally:
        install(None)
        provider.shutdown()
