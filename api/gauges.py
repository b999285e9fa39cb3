"""How the server is at this moment -> gauges, as Prometheus reads them."""

from collections.abc import Awaitable, Callable
from typing import get_args

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from api.readiness import Readiness
from pipeline.engine_pool import EnginePool
from pipeline.jobs import Jobs
from pipeline.live.registry import LiveMeetings
from stages.engine import State
from storage.records import DatabaseAway

Look = Callable[[], Awaitable[list[Metric]]]


class Gauges:
    """Looks at engines, live meetings, jobs, store and database when somebody asks."""

    def __init__(self, pool: EnginePool, live: LiveMeetings, jobs: Jobs, readiness: Readiness) -> None:
        self._pool, self._live, self._jobs, self._readiness = pool, live, jobs, readiness

    async def look(self) -> list[Metric]:
        """Return everything; what cannot be known now is left out."""
        return [*self._engines(), *self._meetings(), *await self._queue(), await self._parts()]

    def _engines(self) -> list[Metric]:
        by_engine = ("role", "engine")
        loaded = GaugeMetricFamily("parley_engine_loaded", "1 while an engine is loaded.", labels=by_engine)
        states = GaugeMetricFamily(
            "parley_engine_state", "1 for the state that an engine is in.", labels=(*by_engine, "state")
        )
        calls = GaugeMetricFamily("parley_engine_calls", "Calls at work or waiting for an engine.", labels=by_engine)
        spent = CounterMetricFamily(
            "parley_engine_cpu_seconds", "Computing time of an engine's own thread.", labels=by_engine
        )
        busy = CounterMetricFamily("parley_engine_busy_seconds", "Time that an engine was at work.", labels=by_engine)
        for key, host in self._pool.hosts().items():
            loaded.add_metric(key, float(host.state == "ready"))
            for state in get_args(State):
                states.add_metric((*key, state), float(host.state == state))
            calls.add_metric(key, host.busy)
            spent.add_metric(key, host.cpu_seconds)
            busy.add_metric(key, host.busy_seconds)
        return [loaded, states, calls, spent, busy]

    def _meetings(self) -> list[Metric]:
        sessions = self._live.sessions()
        lag = max((session.lag for session in sessions), default=0.0)
        return [
            GaugeMetricFamily("parley_live_meetings", "Live meetings heard here.", value=len(sessions)),
            GaugeMetricFamily(
                "parley_live_streams", "Tracks heard here.", value=sum(len(session.tracks) for session in sessions)
            ),
            GaugeMetricFamily("parley_live_lag_seconds", "How far captions are behind, where it is worst.", value=lag),
            GaugeMetricFamily("parley_jobs_running", "Jobs at work here.", value=len(self._jobs.at_work())),
        ]

    async def _queue(self) -> list[Metric]:
        waiting = GaugeMetricFamily("parley_jobs_waiting", "Jobs that wait for a worker, on any node.")
        try:
            waiting.add_metric((), await self._jobs.waiting())
        except DatabaseAway:
            return [waiting]
        return [waiting]

    async def _parts(self) -> Metric:
        ready = GaugeMetricFamily("parley_part_ready", "1 while store or database answers.", labels=("part",))
        for part in (await self._readiness.look()).parts:
            ready.add_metric((part.name,), float(part.ready))
        return ready
