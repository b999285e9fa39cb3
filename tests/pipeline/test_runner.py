"""The runner: typed routing, bounded inboxes, gaps, cancellation, resume."""

from collections.abc import Sequence

import anyio
import pytest

from pipeline.plan import Plan
from pipeline.runner import StageFailed, run
from stages.speech import Gap, Mark, Word
from stages.stage import batches
from tests.collect import ListInbox
from tests.pipeline.toys import Broken, Collect, Join, Notes, Past, Ramp, Silence, Upper

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("backlog", [0, 1, 2, 16])
async def test_a_diamond_does_not_deadlock(backlog: int) -> None:
    notes, last = Notes(), Collect()
    with anyio.fail_after(20):
        await run(Plan([Ramp(), Upper(), Join(), last]), Silence(40.25), notes, backlog=backlog)
    assert [u.text for u in last.read] == [f"w{16000 * i}" for i in range(41)]
    assert [u.speaker for u in last.read] == [f"W{16000 * i}" for i in range(41)]
    assert set(notes.over) == {"ramp", "upper", "join", "collect"}


async def test_an_engine_that_gives_up_costs_its_stage_only() -> None:
    notes, last = Notes(), Collect()
    plan = Plan([Ramp(), Upper({"w48000": Broken("The model ran out of memory.")}), Join(), last])
    await run(plan, Silence(10), notes)
    assert notes.over["upper"] == Gap(start=3.0, end=10.0, stage="upper", reason="The model ran out of memory.")
    assert [u.speaker for u in last.read] == ["W0", "W16000", "W32000", *[None] * 7]
    assert notes.over["ramp"] is None


async def test_any_other_error_cancels_the_run_and_closes_every_stage() -> None:
    upper = Upper({"w16000": ZeroDivisionError("by hand")})
    with pytest.raises(StageFailed, match="The stage 'upper' failed: ZeroDivisionError: by hand") as caught:
        await run(Plan([Ramp(), upper, Join(), Collect()]), Silence(3600), Notes())
    assert isinstance(caught.value.__cause__, ZeroDivisionError)
    assert upper.closed


async def test_cancelling_the_run_closes_every_stage() -> None:
    upper = Upper()
    with anyio.move_on_after(0.05) as scope:
        await run(Plan([Ramp(), upper, Join(), Collect()]), Silence(36_000), Notes())
    assert scope.cancelled_caught
    assert upper.closed


async def test_a_stage_goes_on_after_its_last_mark_and_makes_the_same() -> None:
    whole, rest = Notes(), Notes()
    await run(Plan([Ramp(), Upper()]), Silence(10), whole)
    upper, ramp = Upper(), Past(whole.made["ramp"], done=True)
    kept = {"ramp": ramp, "upper": Past(whole.made["upper"][:6], done=False)}
    await run(Plan([Ramp(), upper]), Silence(10), rest, kept)
    assert upper.read == [f"w{16000 * i}" for i in range(3, 10)]
    assert "ramp" not in rest.made
    assert [*kept["upper"].made, *rest.made["upper"]] == whole.made["upper"]


async def test_an_interrupted_reader_of_sound_reads_on_from_its_mark() -> None:
    whole, rest, upper = Notes(), Notes(), Upper()
    await run(Plan([Ramp(), Upper()]), Silence(10), whole)
    kept = {"ramp": Past(whole.made["ramp"][:5], done=False)}
    await run(Plan([Ramp(), upper]), Silence(10), rest, kept)
    assert [*kept["ramp"].made, *rest.made["ramp"]] == whole.made["ramp"]
    assert upper.read == [f"w{16000 * i}" for i in range(10)], "what is kept reaches those who have not seen it"


async def test_what_is_finished_is_not_even_read() -> None:
    whole, again = Notes(), Notes()
    await run(Plan([Ramp(), Upper()]), Silence(5), whole)
    kept = {name: Past(made, done=True) for name, made in whole.made.items()}
    await run(Plan([Ramp(), Upper()]), Silence(5), again, kept)
    assert again.made == {}


def told(batch: Sequence[Word | Mark]) -> str:
    return " ".join("|" if isinstance(item, Mark) else item.text for item in batch)


def words(count: int) -> list[Word]:
    return [Word(start=i, end=i + 1.0, text=str(i)) for i in range(count)]


async def test_offline_batches_depend_on_the_items_alone() -> None:
    inbox: ListInbox[Word] = ListInbox([*words(5)[:3], Mark(start=3, end=3), *words(5)[3:]])
    assert [told(batch) async for batch in batches(inbox, 2)] == ["0 1", "2 |", "3 4"]


async def test_batches_through_marks_keep_the_marks_in_their_places() -> None:
    line = [item for word in words(5) for item in (word, Mark(start=word.end, end=word.end))]
    inbox: ListInbox[Word] = ListInbox([Mark(start=0, end=0), *line])
    made = [told(batch) async for batch in batches(inbox, 3, through_marks=True)]
    assert made == ["|", "0 | 1 | 2", "|", "3 | 4 |"], "a mark that nothing waits before is passed on at once"


async def test_batches_are_of_one_track() -> None:
    line = [Word(start=i, end=i + 1.0, text=str(i), track=str(i % 2)) for i in range(5)]
    made = [told(batch) async for batch in batches(ListInbox(line), 2, through_marks=True)]
    assert made == ["0 2", "1 3", "4"]


async def test_live_batches_are_what_piled_up() -> None:
    inbox: ListInbox[Word] = ListInbox(words(5), live=True, burst=3)
    assert [told(batch) async for batch in batches(inbox, 8, through_marks=True)] == ["0 1 2", "3 4"]
