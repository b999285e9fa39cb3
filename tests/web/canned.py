"""Meetings for the fake server: short, hostile, failing and five hours long."""

import random
from typing import Any

Json = dict[str, Any]

STAGES = ("detect_speech", "transcribe", "listen", "diarize", "attribute", "summarize")
EVIL = '<img src=x onerror="document.body.dataset.hacked=1"><script>document.body.dataset.hacked=1</script>'
"""A text that must stay a text."""

SHOWN = ["000012000", "000024000"]
"""Slides that a summary cites."""
TALK = (
    ("S1", "Good morning, everyone. Let us begin with the garden plan for the spring."),
    ("S2", "I counted the seeds yesterday. We have enough beans, but no more tomatoes."),
    ("S1", "Then we order tomatoes. Who can do that by Friday?"),
    ("S3", "I will order the tomatoes on Thursday."),
    ("S1", "Thank you. The second point is the fence along the road."),
    ("S2", "The wood is rotten at the gate. I think we should replace all of it this year."),
    ("S3", "That is expensive. What would it cost?"),
    ("S2", "About two thousand, if we do the work ourselves."),
    ("S1", "We decided last week to keep the budget below three thousand, so that fits."),
    ("S1", "Let us do it. The fence will be replaced in April."),
    ("S3", "And who speaks with the neighbours about the noise?"),
    ("S2", "Nobody yet. We have to find that out."),
)


def stages(state: str = "done", error: str | None = None) -> list[Json]:
    return [
        {
            "name": name,
            "engine": None,
            "state": state,
            "progress": 1.0 if state == "done" else 0.0,
            "lag": None,
            "rtfx": None,
            "error": error,
        }
        for name in STAGES
    ]


def meeting(id: str, title: str, state: str = "done", **more: Any) -> Json:
    return {
        "id": id,
        "title": title,
        "state": state,
        "created_at": "2026-11-03T09:30:00Z",
        "duration": 62.0,
        "language": "en",
        "source": "upload",
        "stages": stages("done" if state == "done" else "waiting"),
        "speakers": [],
        "error": None,
        "deleted_at": None,
    } | more


def utterance(start: float, speaker: str | None, text: str, pace: float = 0.32, **more: Any) -> Json:
    words = text.split()
    rng = random.Random(text)
    timed = [
        {
            "start": round(start + at * pace, 3),
            "end": round(start + (at + 0.9) * pace, 3),
            "text": word,
            "confidence": 0.3 if rng.random() < 0.06 else 0.97,
            "speaker": speaker,
        }
        for at, word in enumerate(words)
    ]
    return {
        "id": f"0-{round(start * 16000)}",
        "start": start,
        "end": round(start + len(words) * pace, 3),
        "speaker": speaker,
        "text": text,
        "words": timed,
        "overlaps": [],
    } | more


def transcript(id: str, said: list[Json], speakers: list[Json], gaps: list[Json] | None = None) -> Json:
    duration = said[-1]["end"] + 1 if said else 0.0
    return {
        "meeting": id,
        "language": "en",
        "duration": duration,
        "speakers": speakers,
        "utterances": said,
        "gaps": gaps or [],
    }


def garden(id: str) -> Json:
    """Three people, a gap, an overlap and a word nobody claims."""
    said, time = [], 0.4
    for speaker, text in TALK:
        said.append(utterance(time, speaker, text))
        time = round(said[-1]["end"] + 0.6, 3)
    said[6]["overlaps"] = ["S2"]
    said.append(utterance(time + 4, None, "Yes."))
    gap = {
        "start": time,
        "end": time + 4,
        "stage": "transcribe",
        "reason": "The engine ran out of memory on this stretch. Run again from this step.",
    }
    speakers: list[Json] = [
        {"label": "S1", "name": "Anna Lind"},
        {"label": "S2", "name": None},
        {"label": "S3", "name": None},
    ]
    return transcript(id, said, speakers, [gap])


def summary(said: list[Json]) -> Json:
    id = [line["id"] for line in said]
    return {
        "engine": "extractive", "template": "general", "language": "en", "extractive": True,
        "title": "Garden plan and fence",
        "overview": "Let us begin with the garden plan for the spring. The second point is the fence along the road.",
        "topics": [
            {"title": "Garden plan", "start": said[0]["start"], "end": said[3]["end"], "points": [
                {"text": "We have enough beans, but no more tomatoes.", "evidence": [id[1]]},
            ]},
            {"title": "Fence along the road", "start": said[4]["start"], "end": said[9]["end"], "points": [
                {"text": "The wood is rotten at the gate.", "evidence": [id[5], id[7], id[9]]},
                {"text": "About two thousand, if we do the work ourselves.", "evidence": [id[7]], "slides": SHOWN[1:]},
                {"text": "Planks cost 1250, posts 480.", "evidence": [], "slides": SHOWN},
            ]},
        ],
        "decisions": [{"text": "The fence will be replaced in April.", "evidence": [id[9]]}],
        "actions": [{"task": "Order the tomatoes", "owner": "S3", "due": "on Thursday", "due_date": "2026-11-05",
                     "evidence": [id[3], id[2]]}],
        "questions": [{"text": "Who speaks with the neighbours about the noise?", "evidence": [id[10], id[11]]}],
        "dropped": 1,
    }  # fmt: skip


TEMPLATES: list[Json] = [
    {"name": "general", "title": "General", "origin": "parley"},
    {"name": "standup", "title": "Stand-up", "origin": "parley"},
]


def slides(starts: list[float], length: float = 12.0) -> list[Json]:
    """Slides that follow one another; the first one returns at the end."""
    found: list[Json] = [
        {
            "id": f"{round(start * 1000):09}",
            "start": start,
            "end": start + length,
            "views": [{"start": start, "end": start + length}],
        }
        for start in starts
    ]
    back = starts[-1] + length
    found[0]["views"].append({"start": back, "end": back + length})
    found[0]["end"] = back + length
    return found


def picture(id: str) -> bytes:
    """Return a drawing in the place of a slide's picture."""
    text = f'<text x="60" y="120" font-size="64" font-family="sans-serif">Slide {int(id) // 1000}</text>'
    bars = "".join(
        f'<rect x="60" y="{180 + 60 * at}" width="{700 - 90 * at}" height="26" fill="#999"/>' for at in range(5)
    )
    paper = f'<rect width="1280" height="720" fill="hsl({int(id) % 360} 40% 94%)"/>'
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1280 720">{paper}{text}{bars}</svg>'.encode()


def answer(said: list[Json], *, meeting: str = "garden", extractive: bool = False, dropped: int = 0) -> list[Json]:
    """Events of an answer whose first sentence rests on two utterances, and the second on one."""
    cites = [
        {
            "meeting": meeting,
            "title": "Garden committee",
            "utterance": line["id"],
            "speaker": "Anna Lind",
            **{name: line[name] for name in ("start", "end", "text")},
        }
        for line in said
    ]
    written = ["They order tomatoes on Thursday.", "Nobody has asked the neighbours."]
    texts = [line["text"] for line in said[1:3]] if extractive else written
    sentences = [{"text": texts[0], "citations": cites[2:4]}, {"text": texts[1], "citations": cites[11:12]}]
    end = {
        "type": "end",
        "said": True,
        "model": None if extractive else "qwen3-vl",
        "extractive": extractive,
        "dropped": dropped,
        "why_extractive": None,
    }
    return [{"type": "passages", "passages": []}, *({"type": "sentence", "sentence": each} for each in sentences), end]


UNSAID: list[Json] = [
    {"type": "passages", "passages": []},
    {"type": "end", "said": False, "model": None, "extractive": True, "dropped": 0, "why_extractive": None},
]


def hostile(id: str) -> Json:
    """Markup wherever text can be."""
    said = [
        utterance(0.5, "S1", f"Before {EVIL} after"),
        utterance(9.0, "S2", "</p></article><b>bold</b> &amp; &lt;ok&gt;"),
    ]
    gap = {"start": 7, "end": 8, "stage": EVIL, "reason": EVIL}
    return transcript(id, said, [{"label": "S1", "name": EVIL}, {"label": "S2", "name": None}], [gap])


def crowd(id: str) -> Json:
    """A speaker for every colour."""
    said = [utterance(at * 4.0, f"S{at + 1}", "I am here as well.") for at in range(10)]
    return transcript(id, said, [{"label": line["speaker"], "name": None} for line in said])


def five_hours(id: str) -> Json:
    """About 6,000 utterances with 60,000 words of six people."""
    rng = random.Random(5)
    vocabulary = [*" ".join(text for _, text in TALK).split(), "therefore", "quarterly", "infrastructure", "perhaps"]
    said, time = [], 0.0
    while time < 5 * 3600:
        words = [rng.choice(vocabulary) for _ in range(max(1, round(rng.gauss(10, 5))))]
        said.append(utterance(round(time, 3), f"S{rng.randint(1, 6)}", " ".join(words), pace=0.27))
        time = said[-1]["end"] + rng.random() * 0.6
    return transcript(id, said, [{"label": f"S{number}", "name": None} for number in range(1, 7)])
