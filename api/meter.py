"""What the server did -> counters, as Prometheus reads them. Counting costs an addition; writing is for who asks."""

from collections import Counter
from collections.abc import Iterator, Sequence

from litestar.types import Message, Scope
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    GCCollector,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector

from api.gauges import Look
from pipeline.measures import REGISTRY


class Meter:
    """Counts answers of one application, and writes them with everything else that is counted in this process."""

    media_type = CONTENT_TYPE_LATEST

    def __init__(self, look: Look, registries: Sequence[CollectorRegistry] = ()) -> None:
        """`look` says how things are now; `registries` are written besides our own."""
        self._look, self._registries = look, (REGISTRY, _process(), *registries)
        self._answers: Counter[tuple[str, str, int]] = Counter()
        self._sent = 0

    async def count(self, message: Message, scope: Scope) -> None:
        """Take a message that is about to be sent. For Litestar's `before_send`."""
        if message["type"] == "http.response.start":
            route = str(scope.get("path_template") or "none")
            self._answers[str(scope.get("method")), route, message["status"]] += 1
        elif message["type"] == "http.response.body":
            self._sent += len(message["body"])

    async def written(self) -> bytes:
        """Write everything."""
        now = CollectorRegistry()
        now.register(_Now([*self._counted(), *await self._look()]))
        return b"".join(generate_latest(registry) for registry in (now, *self._registries))

    def _counted(self) -> list[Metric]:
        answers = CounterMetricFamily("parley_http_answers", "Answers.", labels=("method", "route", "status"))
        for (method, route, status), count in self._answers.items():
            answers.add_metric((method, route, str(status)), count)
        return [
            answers,
            CounterMetricFamily("parley_http_sent_bytes", "Bytes of answers, without headers.", value=self._sent),
        ]


class _Now(Collector):
    """Gives a registry what was counted at one moment."""

    def __init__(self, metrics: list[Metric]) -> None:
        self._metrics = metrics

    def collect(self) -> Iterator[Metric]:
        yield from self._metrics


def _process() -> CollectorRegistry:
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    GCCollector(registry=registry)
    return registry
