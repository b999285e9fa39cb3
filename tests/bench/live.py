"""Live meetings, measured: latency, load, endurance, speakers.

    python -m tests.bench.live                          everything, short
    python -m tests.bench.live --latency                one stream at the pace of the clock
    python -m tests.bench.live --streams 6 --minutes 10  several at once; --until-it-breaks goes on with more
    python -m tests.bench.live --hours 2 --speed 8      one long stream, faster than the clock; --silence: nobody speaks
    python -m tests.bench.live --voices                 online speakers against references and the offline ones

Server and clients share this process, which is what CPU and memory are of. Latency means something on a quiet machine.
"""

import argparse
import asyncio

from tests.bench.live_latency import latency
from tests.bench.live_load import load, until_it_breaks
from tests.bench.live_long import endurance
from tests.bench.live_voices import voices


def main() -> None:
    """Print what is measured."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--latency", action="store_true")
    parser.add_argument("--streams", type=int, metavar="N")
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--until-it-breaks", action="store_true")
    parser.add_argument("--hours", type=float, metavar="H")
    parser.add_argument("--speed", type=float, default=8.0)
    parser.add_argument("--silence", action="store_true")
    parser.add_argument("--voices", action="store_true")
    chosen = parser.parse_args()
    asyncio.run(_measure(chosen))


async def _measure(chosen: argparse.Namespace) -> None:
    named = [chosen.latency, chosen.streams, chosen.until_it_breaks, chosen.hours, chosen.voices]
    everything = not any(named)
    if chosen.latency or everything:
        await latency()
    if chosen.streams or everything:
        await load(chosen.streams or 6, chosen.minutes)
    if chosen.until_it_breaks:
        await until_it_breaks(chosen.minutes)
    if chosen.hours or everything:
        await endurance(chosen.hours or 0.1, chosen.speed, is_silent=chosen.silence)
    if chosen.voices or everything:
        await voices()


if __name__ == "__main__":
    main()
