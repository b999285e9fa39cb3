"""Written meetings in, summaries out, with the real embeddings."""

from collections.abc import AsyncIterator

import pytest

from stages.engine import EngineHost
from stages.engines.minilm import MiniLM
from stages.extract import Extractive
from stages.extract.english import is_english, tokens
from stages.speech import Utterance
from stages.summarize import Embedder, Summarize, SummaryWish
from stages.summary import Summary
from tests.bench.transcripts import joined, parse, read
from tests.collect import collect

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
async def summarizer() -> AsyncIterator[Extractive]:
    host: EngineHost[Embedder] = EngineHost(MiniLM())
    yield Extractive(host)
    await host.close()


async def summary_of(
    summarizer: Extractive, *lines: str, language: str | None = "en"
) -> tuple[Summary, list[Utterance]]:
    utterances = parse("test", list(lines)).utterances
    (summary,) = await collect(Summarize(summarizer, SummaryWish(language=language)), utterances)
    assert isinstance(summary, Summary)
    return summary, utterances


async def test_nothing_said_gives_an_empty_summary(summarizer: Extractive) -> None:
    summary, _ = await summary_of(summarizer, language=None)
    assert (summary.title, summary.overview, summary.topics, summary.language) == ("", "", (), None)
    assert summary.extractive


@pytest.mark.parametrize(
    "lines", [["S1: Hello."], ["S1: Budget approved."], ["S1: Budget approved.", "S2: Great news."]]
)
async def test_too_little_to_compare_is_summarised_without_complaint(summarizer: Extractive, lines: list[str]) -> None:
    summary, utterances = await summary_of(summarizer, *lines)
    assert summary.topics[0].points[0].evidence == (utterances[0].id,)


async def test_a_decision_is_reported_with_what_says_it(summarizer: Extractive) -> None:
    summary, utterances = await summary_of(
        summarizer,
        "S1: Blue or green for the logo?",
        "S2: I like green.",
        "S1: Okay, let's go with green then.",
        "S2: Good.",
    )
    assert [point.evidence for point in summary.decisions] == [(utterances[2].id,)]
    assert summary.decisions[0].text == "Let's go with green then."


@pytest.mark.parametrize(
    "back", ["No wait, scrap that, it's too expensive.", "Actually, no, let's not do that.", "Hmm, forget it."]
)
async def test_a_decision_taken_back_is_not_reported(summarizer: Extractive, back: str) -> None:
    summary, _ = await summary_of(summarizer, "S1: Let's rent the big hall for the party.", f"S2: {back}", "S1: Okay.")
    assert summary.decisions == ()
    assert all("rent the big hall" not in point.text for topic in summary.topics for point in topic.points)


async def test_an_earlier_decision_gives_way_to_a_later_one(summarizer: Extractive) -> None:
    filler = [f"S{1 + n % 2}: And the garden needs some water in summer, row {n}." for n in range(12)]
    summary, utterances = await summary_of(
        summarizer,
        "S1: Let's take the train to Vienna.",
        "S2: Fine.",
        *filler,
        "S2: I've looked at the prices, let's take the bus to Vienna instead of the train.",
        "S1: Agreed.",
    )
    assert [point.evidence[0] for point in summary.decisions] == [utterances[-2].id]


async def test_what_the_chair_concludes_and_somebody_sets_about_was_decided(summarizer: Extractive) -> None:
    summary, utterances = await summary_of(
        summarizer,
        "S1: What about the shelf check, Beth?",
        "S2: If every branch closed for two days in February we would get through it.",
        "S3: Last year they closed all of them at once, and people stood in the rain.",
        "S1: Then every branch closes for two days in February, one after another.",
        "S2: I'll make a calendar for that.",
        "S1: And the website?",
        "S3: It says nothing at the moment.",
    )
    assert [point.evidence for point in summary.decisions] == [(utterances[3].id,)]


async def test_what_a_teacher_concludes_is_no_decision(summarizer: Extractive) -> None:
    summary, _ = await summary_of(
        summarizer,
        "S1: The dough doubles in an hour at twenty-six degrees.",
        "S2: What happens at ten degrees?",
        "S1: At ten degrees the yeast is slow. Then the dough stands for twelve hours, and the bread tastes better.",
        "S3: Okay.",
        "S1: Rye is different. Then the dough stands for three hours. No yeast is needed for that.",
        "S2: I see.",
    )
    assert summary.decisions == ()


async def test_what_others_decided_is_no_decision(summarizer: Extractive) -> None:
    summary, _ = await summary_of(
        summarizer,
        "S1: What did the council say last night?",
        "S2: They decided to close the pier for two weeks in January, and nobody had told us.",
        "S1: Oh dear.",
        "S3: They agreed on it without a single question, and went home at ten.",
        "S1: And the ferry?",
    )
    assert summary.decisions == ()


async def test_what_is_not_known_at_the_end_of_an_answer_leaves_nothing_open(summarizer: Extractive) -> None:
    summary, _ = await summary_of(
        summarizer,
        "S1: Do we have to give notice before we close the stop?",
        "S2: Yes, eight weeks. It's in the charter. It holds for every stop. I don't know who wrote that.",
        "S1: Fine.",
    )
    assert summary.questions == ()


async def test_decisions_that_only_point_back_say_what_is_meant(summarizer: Extractive) -> None:
    summary, utterances = await summary_of(
        summarizer, "S1: We could publish the report on the first page.", "S2: Yes, let's do that.", "S3: Fine with me."
    )
    (decision,) = summary.decisions
    assert "publish the report" in decision.text
    assert decision.evidence == (utterances[0].id, utterances[1].id)


async def test_who_promises_owns_the_action(summarizer: Extractive) -> None:
    summary, utterances = await summary_of(summarizer, "S1: Hm.", "S2: I'll send the contract to the lawyer by Friday.")
    (action,) = summary.actions
    assert (action.task, action.owner, action.due) == ("Send the contract to the lawyer by Friday.", "S2", "by Friday")
    assert action.evidence == (utterances[1].id,)


async def test_who_is_called_owns_the_action(summarizer: Extractive) -> None:
    summary, utterances = await summary_of(
        summarizer, "S1: Anna, could you please check the invoices?", "S2: Sure, I'll do it tomorrow."
    )
    (action,) = summary.actions
    assert (action.task, action.owner, action.due) == ("Check the invoices.", "Anna", "tomorrow")
    assert action.evidence == tuple(utterance.id for utterance in utterances)


async def test_who_says_yes_owns_the_action(summarizer: Extractive) -> None:
    summary, _ = await summary_of(
        summarizer, "S1: Can somebody book the room?", "S2: Not me, sorry.", "S3: I can do that today."
    )
    assert [(action.owner, action.due) for action in summary.actions] == [("S3", "today")]


@pytest.mark.parametrize(
    "talk",
    [
        ("S1: Can you hear me?", "S2: Yes."),
        ("S1: I'll be honest with you, it was a hard week.", "S2: Okay."),
        ("S1: Could you write the report, Anna?", "S2: No, I can't, I'm away."),
        ("S1: I won't send the letter before Monday.", "S2: Okay."),
        ("S1: If it rains I'll take the car tomorrow.", "S2: Okay."),
    ],
)
async def test_talk_that_is_no_action(summarizer: Extractive, talk: tuple[str, ...]) -> None:
    summary, _ = await summary_of(summarizer, *talk)
    assert summary.actions == ()


async def test_a_question_nobody_could_answer_stays_open(summarizer: Extractive) -> None:
    summary, utterances = await summary_of(
        summarizer, "S1: Who holds the copyright of the photographs?", "S2: I have no idea.", "S1: Hm."
    )
    (question,) = summary.questions
    assert question.text == "Who holds the copyright of the photographs?"
    assert question.evidence == (utterances[0].id, utterances[1].id)


@pytest.mark.parametrize(
    "answer",
    [
        "Yes, since last summer.",
        "The agency holds it.",
        "I don't know, but Eve said that the agency has the copyright of the photographs.",
    ],
)
async def test_a_question_with_an_answer_is_closed(summarizer: Extractive, answer: str) -> None:
    summary, _ = await summary_of(
        summarizer, "S1: Does somebody hold the copyright of the photographs?", f"S2: {answer}"
    )
    assert summary.questions == ()


async def test_topics_follow_the_talk(summarizer: Extractive) -> None:
    meeting = joined([read("standup"), read("office_move")])
    summary = await summarizer.summarise(meeting.utterances, SummaryWish())
    starts = [topic.start for topic in summary.topics]
    turn = next(
        utterance.start
        for utterance in meeting.utterances
        if "The move" in utterance.text or "So, the move" in utterance.text
    )
    assert starts == sorted(starts)
    assert 3 <= len(summary.topics) <= 6
    assert min(abs(start - turn) for start in starts) < 30
    assert all(topic.title and topic.points for topic in summary.topics)


async def test_everything_is_quoted_from_what_it_cites(summarizer: Extractive) -> None:
    meeting = read("roadmap")
    summary = await summarizer.summarise(meeting.utterances, SummaryWish())
    said = {utterance.id: set(tokens(utterance.text)) for utterance in meeting.utterances}
    points = [(point.text, point.evidence) for topic in summary.topics for point in topic.points]
    points += [(point.text, point.evidence) for point in (*summary.decisions, *summary.questions)]
    points += [(action.task, action.evidence) for action in summary.actions]
    assert len(points) > 15
    for text, evidence in points:
        assert set(tokens(text)) <= set().union(*(said[id] for id in evidence)), text
    assert 3 <= summary.overview.count(".") + summary.overview.count("?") <= 6


async def test_another_language_has_no_cues(summarizer: Extractive) -> None:
    lines = ("S1: Otamme toisen kerroksen, se on nyt sovittu asia.", "S2: Hyvä, kirjoitan huomenna talon omistajalle.")
    summary, _ = await summary_of(summarizer, *lines, language=None)
    assert summary.language is None
    assert (summary.decisions, summary.actions, summary.questions) == ((), (), ())
    assert summary.topics
    named, _ = await summary_of(summarizer, *lines, language="fi")
    assert named.language == "fi"


def test_english_is_told_from_its_neighbours() -> None:
    assert is_english(["So I think we should move the meeting to Friday, because the others are away."])
    assert not is_english(["We hebben het in de vergadering van vorige week al over de huur gehad, dat was duidelijk."])
    assert not is_english(["Alors on se retrouve lundi, et il faut que tu me donnes les chiffres de la semaine."])
    assert not is_english(["Entonces nos vemos el lunes, y me das los datos de la semana pasada."])
    assert not is_english([])


async def test_a_summary_is_as_long_as_asked(summarizer: Extractive) -> None:
    said = read("office_move").utterances
    made = [await summarizer.summarise(said, SummaryWish(length=length)) for length in ("short", "medium", "long")]
    assert [summary.length for summary in made] == ["short", "medium", "long"]
    sizes = [sum(len(topic.points) for topic in summary.topics) for summary in made]
    assert sizes[0] < sizes[1] < sizes[2]
    assert len(made[0].overview) < len(made[1].overview) < len(made[2].overview)
    assert made[0].decisions == made[2].decisions
