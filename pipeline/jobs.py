"""Orders -> work: a durable queue of jobs, one for each run of a meeting, that goes on after any interruption."""

import asyncio
import contextlib
import logging
import sqlite3
from collections import defaultdict
from types import TracebackType
from typing import Any, Self

import anyio
import anyio.to_thread
import msgspec
from dbos import DBOS, SetEnqueueOptions, SetWorkflowID
from dbos._error import DBOSException
from sqlalchemy import make_url
from sqlalchemy.exc import DBAPIError

from pipeline.options import Options
from pipeline.order import Order
from pipeline.recording import Recording
from pipeline.work import STEPS, Superseded, Verdict, Work
from stages.stage import Sound
from storage.records import DatabaseAway
from storage.rows import MeetingRow

SCHEMA = "parley-jobs-1"
"""Version of the steps: a job goes on only where this is the same, so it changes when the steps do."""
QUEUE = "meetings"
POLL_SECONDS = 0.25
"""How often a worker looks for work."""
RECONCILE_SECONDS = 20.0
"""How often orders are looked for that have no job."""
MOST_RECOVERIES = 100
"""A job that took the server down so often is not tried again."""
STOP_SECONDS = 40.0
"""A blocking call of an engine covers at most 30 s of audio; work that was told to stop gets so long."""
SOON, LATER = 1, 10
"""Priorities: somebody waits for it; nobody does."""

log = logging.getLogger(__name__)
