"""An hour of a shared screen with 40 known slides -> recall and precision of keyframes, and what they cost.

    python -m tests.bench.slides [--seed 2] [--slides 40] [--minutes 60] [--fps 2]

The film is made by tests/screen_film.py: cuts and fades, slides that fill line by line, a pointer, a face in the corner
for half of the time, slides leafed through, a camera's picture of a room, and a fifth of the slides return.
Thresholds in stages/scenes.py were chosen on seed 1; the figures that the README tells are of seed 2.
"""

import argparse
import asyncio
import io
import resource
import statistics
import tempfile
import time
from pathlib import Path

import av
import numpy as np

from stages.keyframes import FilmFile, Shown
from tests.screen_film import FACE, Picture, Script, film, script


def main() -> None:
    """Make the film, watch it, and print how well that went."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seed", type=int, default=2)
    parser.add_argument("--slides", type=int, default=40)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--fps", type=int, default=2)
    asked = parser.parse_args()
    told = script(asked.seed, asked.slides, asked.minutes * 60)
    with tempfile.TemporaryDirectory() as folder:
        path = film(Path(folder) / "talk.mp4", told, asked.fps, asked.seed)
        size = path.stat().st_size / 1e6
        print(f"{told.seconds / 60:.1f} min at {asked.fps} pictures/s, {size:.1f} MB, seed {asked.seed}")
        cpu, began = _cpu(), time.monotonic()
        shown = asyncio.run(_watched(path))
        hours = told.seconds / 3600
        print(f"CPU {(_cpu() - cpu) / hours:.1f} s an hour, wall {(time.monotonic() - began) / hours:.1f} s an hour")
    _report(told, shown)


async def _watched(path: Path) -> list[Shown]:
    return [each async for each in FilmFile(path).shown()]


def _cpu() -> float:
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def _report(told: Script, shown: list[Shown]) -> None:
    """Match each picture to the slide that was on view when it was first seen; a second one of a slide is wrong."""
    true = {each.slide for each in told.stretches if each.motion == "slide"}
    kept = {each.slide: each for each in shown if each.picture is not None}
    owners = {number: _owner(told, each) for number, each in kept.items()}
    right = {owner for owner in owners.values() if owner is not None}
    doubles = sum(owner is not None for owner in owners.values()) - len(right)
    stray = sum(owner is None for owner in owners.values())
    print(f"slides: recall {len(right) / len(true):.3f}, precision {len(right) / max(1, len(kept)):.3f}", end=" ")
    print(f"({len(right)} of {len(true)} found, {len(kept)} kept, {doubles} doubles, {stray} of nothing)")
    stretches = [each for each in told.stretches if each.motion == "slide"]
    met = [
        each
        for each in stretches
        if any(owners[s.slide] == each.slide and _meets(s, each.start, each.end) for s in shown)
    ]
    print(
        f"stretches, returns included: recall {len(met) / len(stretches):.3f} ({len(met)} of {len(stretches)})",
        end=", ",
    )
    late = [_late(each.start, [s.start for s in shown if owners[s.slide] == each.slide]) for each in met]
    print(f"start off by {statistics.median(late):.2f} s in the median, at most {max(late):.2f} s")
    whole = [
        number for number, owner in owners.items() if owner is not None and _is_whole(kept[number], told.slides[owner])
    ]
    print(f"pictures that show the whole slide: {len(whole)} of {len(kept) - stray}")
    sizes = [len(each.picture or b"") for each in kept.values()]
    print(f"pictures: {statistics.mean(sizes) / 1e3:.0f} kB each")


def _owner(told: Script, shown: Shown) -> int | None:
    stretch = told.at((shown.start + shown.end) / 2)
    return stretch.slide if stretch.motion == "slide" else None


def _meets(shown: Shown, start: float, end: float) -> bool:
    return min(shown.end, end) - max(shown.start, start) > (end - start) / 2


def _late(start: float, found: list[float]) -> float:
    return min(abs(each - start) for each in found)


def _is_whole(shown: Shown, slide: Picture) -> bool:
    with av.open(io.BytesIO(shown.picture or b""), "r") as container:
        picture = next(container.decode(video=0)).to_ndarray(format="rgb24")
    apart = np.abs(picture.astype(np.int16) - slide).mean(axis=-1)
    apart[-FACE[0] :, -FACE[1] :] = 0
    return float((apart > 60).mean()) < 0.004


if __name__ == "__main__":
    main()
