"""What this process did, counted for Prometheus. One process serves, so one registry counts."""

from prometheus_client import CollectorRegistry, Counter, Histogram

REGISTRY = CollectorRegistry()
LONG = (0.1, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600)
"""Seconds: from a short recording to an hour in a queue."""
SHORT = (0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
"""Seconds: answers of models, and how late captions are."""

STAGE_SOUND = Counter(
    "parley_stage_sound_seconds", "Sound that stages have worked off.", ("stage", "engine"), registry=REGISTRY
)
STAGE_GAPS = Counter("parley_stage_gaps", "Stretches that a stage gave up.", ("stage", "engine"), registry=REGISTRY)
JOB_WAIT = Histogram("parley_job_wait_seconds", "Time that jobs waited in the queue.", registry=REGISTRY, buckets=LONG)
JOB_STEP = Histogram(
    "parley_job_step_seconds", "Time that steps of jobs took.", ("step", "outcome"), registry=REGISTRY, buckets=LONG
)
CAPTION_LAG = Histogram(
    "parley_caption_lag_seconds", "How far final words of live meetings were behind.", registry=REGISTRY, buckets=SHORT
)
MODEL_REQUESTS = Counter(
    "parley_model_requests", "Requests for models.", ("model", "provider", "outcome"), registry=REGISTRY
)
MODEL_TOKENS = Counter("parley_model_tokens", "Tokens read and written.", ("model", "kind"), registry=REGISTRY)
MODEL_SECONDS = Histogram(
    "parley_model_seconds", "Time until an answer was complete.", ("model",), registry=REGISTRY, buckets=SHORT
)
WEBHOOK_TRIES = Counter("parley_webhook_tries", "Deliveries that were tried.", ("outcome",), registry=REGISTRY)
