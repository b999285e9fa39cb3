"""A scripted model that knows what is in our meetings, and slips in what is not: it shows what becomes of both.

It is no language model: of each part it reports the known points whose lines it is shown, in our words, and for every
fourth of them one that is false: another meeting's point, a line that is not there, or no line at all.
"""

from collections.abc import Sequence
from typing import Any

from tests.bench.evidence import written
from tests.bench.transcripts import Meeting, Truth
from tests.upstreams import Asked, Json

EVERY = 4
"""One false point for so many true ones."""
LISTS = {"decision": "decisions", "action": "actions", "question": "questions"}


class Secretary:
    """Answers for the meetings that it knows."""

    def __init__(self, meetings: Sequence[Meeting]) -> None:
        texts = written()
        self.known: list[tuple[str, Truth, set[str]]] = []
        """Sentence, point, and the lines that say it."""
        for meeting in meetings:
            said = {utterance.id: utterance.text for utterance in meeting.utterances}
            for truth in meeting.truths:
                self.known.append((texts[meeting.name, truth.key], truth, {said[id] for id in truth.utterances}))
        self.false = 0
        """Points that it slipped in."""

    def __call__(self, asked: Asked) -> Json:
        """Answer."""
        return self._end(asked) if asked.is_end else self._part(asked)

    def _part(self, asked: Asked) -> Json:
        made: dict[str, list[Any]] = {"topics": [], "decisions": [], "actions": [], "questions": [], "withdrawn": []}
        for number, (text, truth, lines) in enumerate(self.known):
            cited = [place for place, _, line in asked.lines if line in lines]
            if not cited:
                continue
            made[LISTS[truth.kind]].append(self._item(text, truth, cited))
            if number % EVERY == 0:
                self.false += 1
                other = self.known[(number + len(self.known) // 2) % len(self.known)][0]
                wrong: tuple[list[int], ...] = (cited[:1], [len(asked.lines) + 7], [])
                made["decisions"].append({"text": other, "evidence": wrong[number // EVERY % len(wrong)]})
        long = [(place, line) for place, _, line in asked.lines if len(line.split()) > 8]
        made["topics"] = [
            {"title": " ".join(line.split()[:4]), "points": [{"text": line, "evidence": [place]}]}
            for place, line in long[:: max(1, len(long) // 2)][:2]
        ]
        return made

    def _item(self, text: str, truth: Truth, cited: list[int]) -> Json:
        if truth.kind != "action":
            return {"text": text, "evidence": cited}
        owner, due = (next(iter(said), None) for said in (truth.owners, truth.dues))
        return {"task": text, "owner": owner, "due": due, "due_in_english": due, "evidence": cited}

    def _end(self, asked: Asked) -> Json:
        rows = [row.partition(": ")[2] for row in asked.user.splitlines()]
        overview = [{"text": row, "evidence": [number]} for number, row in enumerate(rows[:3], 1)]
        return {"title": rows[0][:60], "overview": overview, "withdrawn": []}
