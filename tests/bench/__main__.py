"""Runs the benches one after the other: all, or those named. Usage: python -m tests.bench [words meeting ...]."""

import subprocess
import sys

BENCHES = (
    "decode",
    "words",
    "turns",
    "meeting",
    "memory",
    "interrupted",
    "summaries",
    "long_summary",
    "evidence",
    "slides",
    "captions",
    "ask",
    "kills",
    "gateway",
    "gateway_streams",
    "live",
    "live_kills",
)
"""Sound, words, turns, the whole, its memory, its durability, its summary, servers that are killed, and the gateway."""


def main() -> int:
    """Run each bench in a process of its own, and go on when one fails."""
    failed = []
    for name in sys.argv[1:] or BENCHES:
        print(f"\n=== {name} ===", flush=True)
        if subprocess.run([sys.executable, "-m", f"tests.bench.{name}"], check=False).returncode:
            failed.append(name)
    if failed:
        print(f"\nFailed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
