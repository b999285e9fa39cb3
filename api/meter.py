"""What the server did -> counters, as Prometheus reads them. Counting costs an addition; writing is for who asks."""

from collections import Counter
from collections.abc import Iterator

from litestar.types import Message, Scope
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from pipeline.engine_pool import EnginePool


class Meter:
    """Counts answers of one application."""

    media_type = CONTENT_TYPE_LATEST

    def __init__(self) -> None:
        self._answers: Counter[tuple[str, str, int]] = Counter()
        self._sent = 0

    async def count(self, message: Message, scope: Scope) -> None:
        """Take a message that is about to be sent. For Litestar's `before_send`."""
        if message["type"] == "http.response.start":
            route = str(scope.get("path_template") or "none")
            self._answers[str(scope.get("method")), route, message["status"]] += 1
        elif message["type"] == "http.response.body":
            self._sent += len(message["body"])

    def written(self, pool: EnginePool) -> bytes:
        """Write all counters."""
        registry = CollectorRegistry()
        registry.register(_Now(self._metrics(pool)))
        return generate_latest(registry)

    def _metrics(self, pool: EnginePool) -> list[Metric]:
        answers = CounterMetricFamily("parley_http_answers", "Answers.", labels=("method", "route", "status"))
        for (method, route, status), count in self._answers.items():
            answers.add_metric((method, route, str(status)), count)
        sent = CounterMetricFamily("parley_http_sent_bytes", "Bytes of answers, without headers.", value=self._sent)
        loaded = GaugeMetricFamily("parley_engine_loaded", "1 while an engine is loaded.", labels=("role", "engine"))
        spent = CounterMetricFamily(
            "parley_engine_cpu_seconds", "Computing time of an engine's own thread.", labels=("role", "engine")
        )
        for (role, engine), host in pool.hosts().items():
            loaded.add_metric((role, engine), float(host.state == "ready"))
            spent.add_metric((role, engine), host.cpu_seconds)
        return [answers, sent, loaded, spent]


class _Now:
    """Gives a registry what was counted at one moment."""

    def __init__(self, metrics: list[Metric]) -> None:
        self._metrics = metrics

    def collect(self) -> Iterator[Metric]:
        yield from self._metrics
