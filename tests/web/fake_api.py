"""What the fake server answers: meetings in memory, changed as the real ones would be."""

import json
import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from tests.web import canned
from tests.web.canned import Json
from tests.web.fake_models import FakeModels
from tests.web.fake_room import FakeRoom

Answer = tuple[int, Any]


class Refused(Exception):
    """An answer that is an error."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status


class FakeApi:
    """Meetings, transcripts, summaries, events: everything a test may look at or change."""

    def __init__(self) -> None:
        self.meetings: dict[str, Json] = {}
        self.transcripts: dict[str, Json] = {}
        self.summaries: dict[str, Json] = {}
        self.shares: dict[str, list[Json]] = {}
        self.slides: dict[str, list[Json]] = {}
        self.unread: str | None = None
        self.done: dict[str, list[Json]] = {}
        self.answers: list[list[Json]] = []
        """Events that the next questions are answered with."""
        self.calls: list[tuple[str, str, Any]] = []
        """Method, path and body of all that changed something."""
        self.refusals: dict[str, tuple[int, str]] = {}
        """`METHOD path-beginning` -> what is answered instead."""
        self.signed_out = False
        self.role = "admin"
        self.page = 50
        self.served = FakeModels()
        """What lies beside /api, and keys."""
        self.uploads: list[bytes] = []
        self.room = FakeRoom()
        self._events: dict[str, list[tuple[int, Json]]] = {}
        self._changed = threading.Condition()

    def add(self, meeting: Json, transcript: Json | None = None, summary: Json | None = None) -> Json:
        """Add a meeting."""
        id = meeting["id"]
        self.meetings[id] = meeting
        self.transcripts[id] = transcript or canned.transcript(id, [], [])
        if transcript:
            meeting["duration"], meeting["speakers"] = transcript["duration"], transcript["speakers"]
        if summary:
            self.summaries[id] = summary
        return meeting

    def tell(self, id: str, event: Json, *, numbered: bool = True) -> None:
        """Send an event to whoever follows the meeting, now or later."""
        with self._changed:
            told = self._events.setdefault(id, [])
            told.append((sum(1 for number, _ in told if number) + 1 if numbered else 0, event))
            self._changed.notify_all()

    def events_after(self, id: str, after: int, stopping: threading.Event, wait: float) -> Iterator[tuple[int, Json]]:
        """Yield the events of a meeting as they come."""
        at = 0
        while not stopping.is_set():
            with self._changed:
                if len(self._events.get(id, ())) <= at:
                    self._changed.wait(wait)
                fresh = self._events.get(id, [])[at:]
            at += len(fresh)
            for number, event in fresh:
                if number == 0 or number > after:
                    yield number, event
                if event["type"] == "end" and self.meetings[id]["state"] in ("done", "failed"):
                    return

    def answer(self, method: str, path: Sequence[str], query: Mapping[str, str], body: bytes) -> Answer:
        """Answer a request under /api."""
        asked = f"{method} {'/'.join(path)}"
        told = json.loads(body) if body[:1] == b"{" else None
        if method != "GET":
            self.calls.append((method, "/".join(path), told))
        self._refuse(asked, path[0], query)
        if path[0] in ("keys", "admin"):
            return self._look_after(method, path, query, body)
        if path[0] in ("sign-in", "sign-out", "me"):
            return self._sign_in(method, path[0], told)
        if path[0] in ("search", "templates"):
            return 200, self._search(query) if path[0] == "search" else {"items": canned.TEMPLATES}
        if path[0] == "shared":
            return 200, self._known("garden")
        if len(path) == 1:
            return (200, self._list(query)) if method == "GET" else (202, self._upload(body))
        if path == ["meetings", "sample"]:
            return 202, self.add(canned.meeting("sample", "Sample meeting", "processing"))
        return self._one(method, self._known(path[1]), path[2:], query, told)

    def refuse(self, asked: str) -> None:
        """Raise `Refused` if a test wants it."""
        for start, (status, detail) in self.refusals.items():
            if asked.startswith(start):
                raise Refused(status, detail)

    def _look_after(self, method: str, path: Sequence[str], query: Mapping[str, str], body: bytes) -> Answer:
        if path[0] == "admin":
            return 200, self.room.answer(method, path[1:], query, body)
        return self.served.key_answer(method, path[-1], json.loads(body) if body else None)

    def _refuse(self, asked: str, first: str, query: Mapping[str, str]) -> None:
        self.refuse(asked)
        if self.signed_out and first != "sign-in" and "share" not in query:
            raise Refused(401, "Sign in, or send a key.")

    def _one(self, method: str, known: Json, rest: Sequence[str], query: Mapping[str, str], body: Any) -> Answer:
        acts: dict[str, Callable[[], Answer]] = {
            "GET ": lambda: (200, known),
            "PATCH ": lambda: (200, self._change(known, body)),
            "DELETE ": lambda: self._remove(known, query),
            "POST restore": lambda: (200, self._restore(known)),
            "GET transcript": lambda: (200, self.transcripts[known["id"]]),
            "GET summary": lambda: self._summary(known["id"]),
            "GET slides": lambda: (200, {"items": self.slides.get(known["id"], []), "unread": self.unread}),
            "GET actions": lambda: (200, {"items": self.done.get(known["id"], [])}),
            "PATCH actions": lambda: (200, self._tick(known["id"], body)),
            "POST runs": lambda: (202, self._run(known)),
            "POST summary": lambda: (202, self._run(known)),
            "POST speakers": lambda: (200, self._merge(known["id"], body["label"], body["into"])),
            "PATCH utterances": lambda: (200, self._correct(known["id"], rest[1], body)),
        }
        if rest[:1] == ["share"]:
            return self._shares(method, known["id"], rest[-1])
        return acts[f"{method} {rest[0] if rest else ''}"]()

    def _summary(self, id: str) -> Answer:
        if id not in self.summaries:
            raise Refused(404, "This meeting has no summary yet.")
        return 200, self.summaries[id]

    def _tick(self, id: str, body: Json) -> Json:
        action = {"task": body["task"], "evidence": body["evidence"]}
        others = [each for each in self.done.get(id, []) if each != action]
        self.done[id] = [*others, action] if body["done"] else others
        return {"items": self.done[id]}

    def _run(self, known: Json) -> Json:
        known.update(state="processing", error=None, stages=canned.stages("waiting"))
        return known

    def _restore(self, known: Json) -> Json:
        known["deleted_at"] = None
        return known

    def _known(self, id: str) -> Json:
        if id not in self.meetings:
            raise Refused(404, f"There is no meeting {id}.")
        return self.meetings[id]

    def _list(self, query: Mapping[str, str]) -> Json:
        trash = query.get("trash") == "true"
        wanted = query.get("q", "").casefold()
        items = [
            m for m in self.meetings.values() if bool(m["deleted_at"]) == trash and wanted in m["title"].casefold()
        ]
        start = int(query.get("cursor", 0))
        more = start + self.page < len(items)
        return {"items": items[start : start + self.page], "cursor": str(start + self.page) if more else None}

    def _search(self, query: Mapping[str, str]) -> Json:
        words = query["q"].casefold().split()
        hits = [
            {
                "meeting": id,
                "title": self.meetings[id]["title"],
                "created_at": self.meetings[id]["created_at"],
                "found": {
                    "utterance": line["id"],
                    **{name: line[name] for name in ("start", "end", "speaker", "text")},
                },
            }
            for id, transcript in self.transcripts.items()
            for line in transcript["utterances"]
            if all(word in line["text"].casefold() for word in words)
        ]
        return {"items": hits[:20], "cursor": None}

    def _upload(self, body: bytes) -> Json:
        self.uploads.append(body)
        fields = dict(re.findall(rb'name="(\w+)"\r\n\r\n([^\r]*)\r\n', body))
        title = fields.get(b"title", b"Recording").decode()
        return self.add(canned.meeting(f"up{len(self.meetings)}", title, "processing", duration=None, language=None))

    def _change(self, known: Json, body: Json) -> Json:
        if "title" in body:
            known["title"] = body["title"]
        for label, name in (body.get("speakers") or {}).items():
            for speaker in self.transcripts[known["id"]]["speakers"]:
                if speaker["label"] == label:
                    speaker["name"] = name
        return known

    def _remove(self, known: Json, query: Mapping[str, str]) -> Answer:
        if query.get("purge") == "true":
            del self.meetings[known["id"]]
        else:
            known["deleted_at"] = "2026-11-04T10:00:00Z"
        return 204, None

    def _correct(self, id: str, utterance: str, body: Json) -> Json:
        transcript = self.transcripts[id]
        for at, line in enumerate(transcript["utterances"]):
            if line["id"] == utterance:
                speaker = body.get("speaker") or line["speaker"]
                made = canned.utterance(line["start"], speaker, body.get("text") or line["text"])
                shown: Json = made | {"end": line["end"], "overlaps": line["overlaps"]}
                transcript["utterances"][at] = shown
                return shown
        raise Refused(404, "There is no such utterance any more.")

    def _merge(self, id: str, label: str, into: str) -> Json:
        transcript = self.transcripts[id]
        transcript["speakers"] = [speaker for speaker in transcript["speakers"] if speaker["label"] != label]
        for line in transcript["utterances"]:
            line["speaker"] = into if line["speaker"] == label else line["speaker"]
        return transcript

    def _shares(self, method: str, id: str, share: str) -> Answer:
        links = self.shares.setdefault(id, [])
        if method == "POST":
            links.append({"id": f"s{len(links)}", "created_at": "2026-11-04T10:00:00Z", "expires_at": None})
            return 201, links[-1] | {"token": f"{links[-1]['id']}.secret"}
        if method == "DELETE":
            links[:] = [link for link in links if link["id"] != share]
            return 204, None
        return 200, {"items": links}

    def _sign_in(self, method: str, path: str, body: Any) -> Answer:
        if path == "me":
            return 200, {"owner": "local", "role": self.role, "name": "a key", "key": "k1", "keyed": True}
        if path == "sign-in" and body["key"] != "right":
            raise Refused(401, "This key is not known.")
        self.signed_out = path == "sign-out"
        return 200, {}
