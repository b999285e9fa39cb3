"""Lines in, parts out: all of them, once, in order, none larger than its room, cut where the talk turns."""

import random

from stages.extract.sentences import sentences
from stages.write.parts import LONGEST_LINE, cut, lines_of, written
from tests.bench.transcripts import spoken


def test_every_line_is_in_one_part_that_fits() -> None:
    rng = random.Random(3)
    for _ in range(200):
        weights = [rng.uniform(1, 40) for _ in range(rng.randint(1, 300))]
        room = rng.uniform(60, 800)
        turns = {rng.randrange(len(weights)) for _ in range(10)}
        parts = cut(weights, room, turns)
        assert [line for part in parts for line in part] == list(range(len(weights)))
        assert all(sum(weights[part.start : part.stop]) <= room + 1e-3 for part in parts)


def test_parts_are_of_like_size_and_end_where_the_talk_turns() -> None:
    parts = cut([10.0] * 100, 300, {22, 55, 77})
    assert len(parts) == 4
    assert parts[0].stop == 22
    assert {55, 77} & {part.start for part in parts}


def test_what_fits_is_not_cut() -> None:
    assert cut([10.0] * 20, 200, {7}) == [range(20)]
    assert cut([], 200, ()) == []


def test_a_line_that_is_too_large_is_a_part_of_its_own() -> None:
    assert cut([10.0, 900.0, 10.0], 100, ()) == [range(1), range(1, 2), range(2, 3)]


def test_a_speaker_is_named_when_the_floor_changes() -> None:
    said = [
        spoken("S1", "Hello.", 0),
        spoken("S1", "Are you there?", 2),
        spoken("?", "Yes.", 5),
        spoken("S2", "So.", 9),
    ]
    assert written(lines_of(sentences(said))) == "1 S1: Hello.\n2: Are you there?\n3 ?: Yes.\n4 S2: So.\n"


def test_a_long_utterance_makes_lines_of_one_id() -> None:
    said = spoken("S1", " ".join(f"This is sentence number {number} of many." for number in range(200)), 0)
    lines = lines_of(sentences([said]))
    assert len(lines) > 3
    assert {line.id for line in lines} == {said.id}
    assert all(len(line.text) <= LONGEST_LINE for line in lines)
    assert " ".join(line.text for line in lines) == said.text
