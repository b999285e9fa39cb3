"""Summary -> Markdown whose every point says when its evidence was said."""

from collections.abc import Iterable, Mapping

from pipeline.exports.clock import clock
from pipeline.exports.markdown import plain
from pipeline.exports.names import shown_names
from pipeline.transcript import Transcript
from stages.speech import Action, Summary


def summary_to_markdown(summary: Summary, transcript: Transcript) -> str:
    """Write the summary; each point ends with the times of the utterances that it cites."""
    starts = {utterance.id: utterance.start for utterance in transcript.utterances}
    names = {label: name for label, name in shown_names(transcript).items() if label is not None}
    rows = [f"# {plain(summary.title or transcript.title or 'Summary')}", ""]
    if summary.extractive:
        rows += ["*Sentences taken from the transcript; no language model wrote this.*", ""]
    if summary.why_extractive:
        rows += [f"*{plain(summary.why_extractive)}*", ""]
    if summary.overview:
        rows += [plain(summary.overview), ""]
    for topic in summary.topics:
        rows += [f"## {plain(topic.title)} ({clock(topic.start)}-{clock(topic.end)})", ""]
        rows += [f"- {plain(point.text)} {_cited(point.evidence, starts)}" for point in topic.points]
        rows.append("")
    rows += _section("Decisions", (f"{plain(p.text)} {_cited(p.evidence, starts)}" for p in summary.decisions))
    rows += _section(
        "To do",
        (
            f"{_owner(action.owner, names)}{plain(action.task)}{_due(action)} {_cited(action.evidence, starts)}"
            for action in summary.actions
        ),
    )
    rows += _section("Open questions", (f"{plain(p.text)} {_cited(p.evidence, starts)}" for p in summary.questions))
    return "\n".join(rows).rstrip() + "\n"


def _section(title: str, lines: Iterable[str]) -> list[str]:
    made = [f"- {line}" for line in lines]
    return [f"## {title}", "", *made, ""] if made else []


def _owner(owner: str | None, names: Mapping[str, str]) -> str:
    return f"**{plain(names.get(owner, owner))}**: " if owner else ""


def _due(action: Action) -> str:
    """Say by when: as it was said, and the day that it means."""
    told = [*filter(None, (action.due, str(action.due_date or "")))]
    return f" ({plain(', '.join(told))})" if told else ""


def _cited(evidence: Iterable[str], starts: Mapping[str, float]) -> str:
    return "[" + ", ".join(clock(starts[cited]) for cited in evidence if cited in starts) + "]"
