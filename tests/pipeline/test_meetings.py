"""A meeting from its first byte to its last trace."""

from pathlib import Path

import pytest

from tests.pipeline.toy_server import sent, server, sound_file

pytestmark = pytest.mark.anyio


async def test_upload_becomes_a_meeting(tmp_path: Path) -> None:
    async with server(tmp_path) as s:
        row = await s.meetings.accept("ann", sent(sound_file(8)), file_name="Monday.wav", media_type="audio/wav")
        assert row.state == "processing"
        assert row.title == "Monday"
        events = await s.finished(row.id)
        print([e.type for e in events])
        row = await s.meetings.meeting(row.id, "ann")
        print(row)
        assert row.state == "done"
        made = await s.meetings.transcript(row.id, "ann")
        assert len(made.utterances) == 8
        print(await s.meetings.summary(row.id, None))
