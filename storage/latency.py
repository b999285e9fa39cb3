"""How long store and database take, counted for Prometheus."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, Counter, Histogram

REGISTRY = CollectorRegistry()
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
"""Seconds."""

STORE = Histogram(
    "parley_store_seconds", "Time that calls to the store took.", ("call",), registry=REGISTRY, buckets=BUCKETS
)
STORE_FAILURES = Counter("parley_store_failures", "Calls that the store failed.", ("call",), registry=REGISTRY)
DATABASE = Histogram(
    "parley_database_seconds", "Time that calls to the database took.", ("call",), registry=REGISTRY, buckets=BUCKETS
)
DATABASE_FAILURES = Counter("parley_database_failures", "Calls that the database failed.", ("call",), registry=REGISTRY)


@contextmanager
def timed(seconds: Histogram, failures: Counter, call: str, *blameless: type[Exception]) -> Iterator[None]:
    """Time the block; an exception is a failure, unless it is one of the blameless."""
    began = time.perf_counter()
    try:
        yield
    except blameless:
        raise
    except Exception:
        failures.labels(call).inc()
        raise
    finally:
        seconds.labels(call).observe(time.perf_counter() - began)
