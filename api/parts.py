"""What a server is made of."""

from pathlib import Path

import msgspec

from api.goodbye import Goodbye
from api.log_tail import LogTail
from api.settings import Settings
from api.v1.audio.ears import Ears
from pipeline.asking.ask import Ask
from pipeline.at_once import AtOnce
from pipeline.engine_pool import EnginePool
from pipeline.gateway.switchboard import Switchboard
from pipeline.jobs import Jobs
from pipeline.live.publications import Publications
from pipeline.live.registry import LiveMeetings
from pipeline.meetings import Meetings
from pipeline.nodes import Nodes
from pipeline.templates.shelf import Shelf
from pipeline.webhooks.hooks import Hooks
from pipeline.webhooks.queue import Deliveries
from storage.records import Records
from storage.store import Store


class Parts(msgspec.Struct, frozen=True, kw_only=True):
    """What the server is made of."""

    settings: Settings
    """As configured."""
    store: Store
    """Keeps recordings and artifacts."""
    records: Records
    """Keeps everything else."""
    pool: EnginePool
    """Engines."""
    nodes: Nodes
    """Servers that share the database, this one among them."""
    jobs: Jobs
    """Work on meetings."""
    meetings: Meetings
    """What doors talk to."""
    live: LiveMeetings
    """Meetings that go on."""
    board: Switchboard
    """Who serves which model."""
    ears: Ears
    """Engines of speech, as the gateway asks them."""
    publications: Publications
    """WebRTC connections."""
    ask: Ask
    """Answers questions."""
    at_once: AtOnce
    """Answers that nothing is kept of."""
    shelf: Shelf
    """Templates of summaries."""
    hooks: Hooks
    """Who is told what happened."""
    deliveries: Deliveries
    """What is on its way to them."""
    scratch: Path
    """Folder for files that are worked on; empty at each start."""
    log: LogTail
    """Last lines of the log."""
    closing: Goodbye
    """Set when the server is about to stop: streams without an end then end."""
