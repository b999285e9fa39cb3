"""What Containerfile copies into the CPU image serves a meeting as compose.yaml lets it: on a root that is read-only.

No container engine is at hand: a mount namespace stands for the container, with the same folders and no capability.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).parent.parent
INSIDE = """
set -e
mount --make-rprivate /
mount -t tmpfs -o size=256m,noexec,nosuid,nodev,mode=1777 tmpfs {tmp}
mount --bind {data} {data}
mount -o remount,ro,bind /
touch /is-read-only 2>/dev/null && exit 9
cd {opt}
exec setpriv --no-new-privs --bounding-set=-all --inh-caps=-all "$@"
"""


def is_possible() -> bool:
    """Return whether this user may make namespaces with mounts of their own."""
    if os.geteuid() or not (shutil.which("unshare") and shutil.which("setpriv")):
        return False
    return not subprocess.run(["unshare", "--mount", "true"], check=False, capture_output=True).returncode


def copied(into: Path) -> None:
    """Copy what the Containerfile copies."""
    lines = [line.split() for line in (ROOT / "Containerfile").read_text().splitlines() if line.startswith("COPY")]
    for name in [name for words in lines if "--from" not in words[1] for name in words[1:-1]]:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, into / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, into)


@pytest.mark.skipif(not is_possible(), reason="mounts are for root")
def test_the_image_serves_a_meeting_on_a_root_that_is_read_only(tmp_path: Path) -> None:
    opt, data, tmp = (tmp_path / name for name in ("opt", "data", "tmp"))
    for folder in (opt, data, tmp):
        folder.mkdir()
    copied(opt)
    told = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(data),
        "TMPDIR": str(tmp),
        "PYTHONPATH": str(opt),
        "PARLEY_DATA": str(data),
        "PARLEY_HOST": "0.0.0.0",  # noqa: S104 - as the image has it
        "PARLEY_PORT": "0",
        "PARLEY_DOORS__FIRST_KEY_FILE": str(data / "first-key"),
    }
    inside = INSIDE.format(tmp=tmp, data=data, opt=opt)
    command = ["unshare", "--mount", "sh", "-c", inside, "sh", sys.executable, "-m", "api.cli", "serve"]
    with subprocess.Popen(command, env=told, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            said = process.stdout.readline()
            found = re.search(r"http://\S+:(\d+)", said)
            assert found, said
            key = (data / "first-key").read_text().strip()
            with httpx.Client(
                base_url=f"http://127.0.0.1:{found[1]}", headers={"Authorization": f"Bearer {key}"}, timeout=60
            ) as client:
                works(client)
        finally:
            process.terminate()


def works(client: httpx.Client) -> None:
    """Check that page and parts are there, and that a meeting comes to its end."""
    for path in ("/", "/main.js", "/schema", "/health/ready"):
        assert client.get(path).status_code == 200, path
    assert len(client.get("/api/templates").json()["items"]) >= 5
    id = client.post("/api/meetings/sample").json()["id"]
    with client.stream("GET", f"/api/meetings/{id}/events") as events:
        for _ in events.iter_bytes():
            pass
    meeting = client.get(f"/api/meetings/{id}").json()
    assert (meeting["state"], meeting["error"]) == ("done", None)
    assert client.get(f"/api/meetings/{id}/summary").json()["title"]
