"""2,000 requests made from the OpenAPI document: no 500, no undocumented status.

Run it with `python -m tests.bench.fuzz [REQUESTS]`.
"""

import sys
import tempfile
from collections import Counter
from pathlib import Path

from tests.api.fuzz import fuzz, server


def main() -> None:
    """Send the requests, and print how often each status came."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    with tempfile.TemporaryDirectory() as folder, server(Path(folder)) as (address, key, ids):
        seen = fuzz(address, key, ids, count)
    by_status: Counter[int] = Counter()
    for (_, status), times in seen.answers.items():
        by_status[status] += times
    print(f"{seen.answers.total()} requests to {len({operation for operation, _ in seen.answers})} operations")
    for status, times in sorted(by_status.items()):
        print(f"{status}: {times}")
    print(*seen.wrong, sep="\n")
    sys.exit(bool(seen.wrong))


if __name__ == "__main__":
    main()
