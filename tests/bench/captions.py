"""How long a summary waits for slides to be read, by a model that looks at each picture for a fixed time.

python -m tests.bench.captions [--slides 40] [--seconds 1] [--limit 5]
"""

import argparse
import asyncio
import sys
import time

from pipeline.captions import Captions
from pipeline.gateway.providers import Provider
from pipeline.gateway.switchboard import Switchboard
from pipeline.slides import Slide, unread
from pipeline.summary_settings import SummarySettings
from tests.pipeline.seer import Seer
from tests.pipeline.test_captions import MEETING, shown
from tests.pipeline.writing import NoUsage


async def waited(slides: int, providers: list[Provider], house: SummarySettings) -> tuple[float, int]:
    """Return the seconds that a summary waits, and how many slides were read."""
    store, read = await shown([5.0] * slides), 0

    async def tell(_: Slide) -> None:
        nonlocal read
        read += 1

    board = Switchboard(providers, {}, NoUsage())
    async with board.running():
        began = time.perf_counter()
        await Captions(store, board, house).make(MEETING, 1, [], tell)
        took = time.perf_counter() - began
    print(f"  {took:6.2f} s, {read} of {slides} read", (await unread(store, MEETING)) or "")
    return took, read


async def main() -> int:
    """Print the figures; return 1 where a summary waits longer than it should."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--slides", type=int, default=40)
    asked.add_argument("--seconds", type=float, default=1.0, help="time of an answer")
    asked.add_argument("--limit", type=float, default=5.0, help="how long a summary waits, in the third row")
    options = asked.parse_args()
    good = []
    async with Seer(options.seconds).running() as provider:
        for together in (1, SummarySettings().together):
            print(f"{together} at once:", end="")
            took, read = await waited(
                options.slides, [provider], SummarySettings(together=together, slides_seconds=3600)
            )
            good += [read == options.slides, took < options.slides * options.seconds / together * 1.1 + 0.5]
        print(f"the same, for {options.limit:g} s:", end="")
        took, _ = await waited(options.slides, [provider], SummarySettings(slides_seconds=options.limit))
        good += [took < options.limit + 0.5]
    print("no model that sees:", end="")
    took, _ = await waited(options.slides, [], SummarySettings())
    good += [took < 0.2]
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
