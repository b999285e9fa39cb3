"""A live meeting over a server that is killed at random moments, and what is there of it in the end.

    python -m tests.bench.live_kills [--kills 20] [--seed 1]

The real server with the default engines, `parley serve`; the real client, `parley live`'s, which comes back.
"""

import argparse
import asyncio
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from api.listen import free_place
from pipeline.process import results
from pipeline.score import word_errors
from storage.artifact_store import open_store
from storage.database.database import open_database
from tests.api.live.killing import Survived, hold_meeting
from tests.bench.live_source import Spoken, read_by_voices

SECONDS_A_KILL = 12.0
"""Sound between two deaths, on average."""


def main() -> None:
    """Print what is there in the end; fail if anything is missing."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    sys.exit(asyncio.run(_measure(chosen.kills, chosen.seed)))


async def _measure(kills: int, seed: int) -> int:
    spoken = read_by_voices(kills * SECONDS_A_KILL, seed)
    with tempfile.TemporaryDirectory() as place:
        _, port = free_place("127.0.0.1", 0)
        command = (sys.executable, "-m", "api.cli", "serve", "--port", str(port), "--data", place)
        began = time.monotonic()
        survived = await hold_meeting(command, port, spoken.pcm, [signal.SIGKILL] * kills, seed, speed=2.0)
        print(f"{len(spoken.pcm) / 32_000:.0f} s of sound, {survived.kills} kills, {time.monotonic() - began:.0f} s")
        return await _look(Path(place), survived, spoken)


async def _look(place: Path, survived: Survived, spoken: Spoken) -> int:
    store, records = open_store(str(place / "artifacts")), open_database(f"sqlite:///{place / 'parley.db'}")
    row = await records.meeting(survived.meeting)
    wav = (await store.get(row.original))[44:] if row.original else b""
    await records.close()
    same = wav == spoken.pcm
    print(f"state {row.state}; recording {'byte for byte' if same else 'NOT what was sent'}, {len(wav)} bytes")
    numbers = [told["seq"] for told in survived.events if "seq" in told]
    once = numbers == list(range(1, len(numbers) + 1))
    print(f"{len(numbers)} numbered events, {'each once and in order' if once else 'NOT each once'}")
    final = await results(store, row.id)
    told = " ".join(said["text"] for said in sorted(captions(survived.events), key=lambda said: float(said["start"])))
    kept = " ".join(said.text for said in sorted(final.utterances, key=lambda said: said.start))
    print(f"WER live {word_errors(spoken.text, told).wer:.2%}, final {word_errors(spoken.text, kept).wer:.2%}")
    return 0 if same and once and row.state == "done" else 1


def captions(events: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the utterances as viewers knew them when the meeting ended."""
    shown: dict[str, dict[str, Any]] = {}
    for event in events:
        if event["type"] == "stage" and event["stage"]["name"] == "recording":
            break
        if event["type"] == "utterance":
            shown[event["utterance"]["id"]] = event["utterance"]
    return list(shown.values())


if __name__ == "__main__":
    main()
