"""Whatever is handed in: a clear sentence, and nothing is left behind."""

import contextlib
import gc
import os
import re
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import anyio
import pytest

from stages.media import Limits
from stages.media_errors import EmptyFile, MediaError, NoSound, NotMedia, Refused, TooMuch
from stages.resample import Decoder, probe
from tests.media_files import boastful_wav, encode, sparse_wav, tones

pytestmark = pytest.mark.anyio


def children() -> set[str]:
    """Return the processes that this one started and that are not gone, zombies included."""
    tasks = Path("/proc/self/task").glob("*/children")
    return {child for task in tasks for child in task.read_text().split()}


def open_files() -> int:
    """Return how many files this process has open, without those that nobody has any more."""
    gc.collect()
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.fixture(autouse=True)
def nothing_left(tmp_path: Path) -> Iterator[None]:
    files, started = open_files(), children()
    temporary = set(Path("/tmp").iterdir())  # noqa: S108 - where a decoder would leave something
    yield
    assert children() <= started
    assert open_files() == files
    left = {path for path in set(Path("/tmp").iterdir()) - temporary if path.stat().st_uid == 65534}  # noqa: S108
    assert not left


async def seconds_of(decoder: Decoder) -> float:
    end = 0.0
    async for chunk in decoder.chunks():
        end = chunk.end
    return end


async def test_empty_file(tmp_path: Path) -> None:
    (tmp_path / "empty.mp3").touch()
    with pytest.raises(EmptyFile, match=r"empty\.mp3 is empty: it has 0 bytes\. Record"):
        await probe(tmp_path / "empty.mp3")


async def test_text_named_wav(tmp_path: Path) -> None:
    (tmp_path / "notes.wav").write_text("Minutes of the meeting: nobody came.\n" * 50)
    with pytest.raises(NotMedia, match=r"notes\.wav cannot be read as sound or video.*convert it"):
        await seconds_of(Decoder(tmp_path / "notes.wav"))


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo])
async def test_what_is_no_file(make: object, tmp_path: Path) -> None:
    assert callable(make)
    make(tmp_path / "thing.wav")
    with pytest.raises(NotMedia, match="is not a file"):
        await probe(tmp_path / "thing.wav")


async def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="gone"):
        await probe(tmp_path / "gone.wav")


@pytest.mark.parametrize(
    ("kind", "options"), [("mp3", {}), ("m4a", {"movflags": "faststart"}), ("wav", {}), ("flac", {})]
)
async def test_file_cut_in_the_middle_gives_what_is_there(kind: str, options: dict[str, str], tmp_path: Path) -> None:
    whole = encode(tmp_path / f"whole.{kind}", tones(20), options=options).read_bytes()
    (tmp_path / f"cut.{kind}").write_bytes(whole[: len(whole) // 2])
    decoder = Decoder(tmp_path / f"cut.{kind}")
    end = await seconds_of(decoder)
    assert 8 < end < 12.5
    assert decoder.report is not None
    assert decoder.report.damaged is not None
    assert re.match(rf"The file ends early: it claims 20\.\d s and {end:.1f} s could be read\.", decoder.report.damaged)


async def test_file_without_its_index(tmp_path: Path) -> None:
    whole = encode(tmp_path / "whole.m4a", tones(5)).read_bytes()
    (tmp_path / "cut.m4a").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(NotMedia, match="its index is missing, so it was probably cut off"):
        await probe(tmp_path / "cut.m4a")


async def test_damage_in_the_middle_is_skipped_and_told(tmp_path: Path) -> None:
    data = bytearray(encode(tmp_path / "whole.m4a", tones(20), options={"movflags": "faststart"}).read_bytes())
    data[len(data) // 2 : len(data) // 2 + 3000] = bytes(range(250)) * 12
    (tmp_path / "scratched.m4a").write_bytes(data)
    decoder = Decoder(tmp_path / "scratched.m4a")
    assert await seconds_of(decoder) == pytest.approx(20, abs=0.2)
    assert decoder.report is not None
    assert "damaged packets" in (decoder.report.damaged or "")


async def test_video_without_sound(tmp_path: Path) -> None:
    with pytest.raises(NoSound, match=r"silent\.mp4 has no sound in it \(pictures only\)"):
        await probe(encode(tmp_path / "silent.mp4", None, picture_seconds=2))


async def test_file_with_an_empty_sound_track(tmp_path: Path) -> None:
    with pytest.raises(NoSound, match="its sound track is empty"):
        await seconds_of(Decoder(boastful_wav(tmp_path / "head.wav", 0, 0)))


@pytest.mark.parametrize("head", ["", "\ufeff", "\n \n"])
@pytest.mark.parametrize("kind", ["hls", "concat", "sdp", "pls", "dash"])
@pytest.mark.parametrize("suffix", ["mp4", "m3u8"])
async def test_playlist_opens_no_file_and_no_address(kind: str, head: str, suffix: str, tmp_path: Path) -> None:
    bait, trap = tmp_path / "bait.wav", tmp_path / f"meeting.{suffix}"
    os.mkfifo(bait)
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        port = server.getsockname()[1]
        media = f"#EXTINF:5,\nhttp://127.0.0.1:{port}/a.ts\n#EXTINF:5,\n{bait}\n#EXT-X-ENDLIST\n"
        text = {
            "hls": f"#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:5\n#EXT-X-MEDIA-SEQUENCE:0\n{media}",
            "concat": f"ffconcat version 1.0\nfile '{bait}'\nfile 'http://127.0.0.1:{port}/a.wav'\n",
            "sdp": f"v=0\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio {port} TCP 0\r\na=rtpmap:0 PCMU/8000\r\n",
            "pls": f"[playlist]\nFile1=http://127.0.0.1:{port}/a.mp3\nFile2={bait}\n",
            "dash": f'<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><BaseURL>{bait}</BaseURL></MPD>',
        }
        trap.write_text(head + text[kind])
        with pytest.raises((Refused, NotMedia), match=f"meeting.{suffix}"):
            await seconds_of(Decoder(trap))
        with pytest.raises(BlockingIOError):
            server.accept()
    # Had anybody opened the pipe to read it, the decoder would still wait for a writer.
    with pytest.raises(OSError, match="No such device"):
        os.open(bait, os.O_WRONLY | os.O_NONBLOCK)


ATTEMPTS = {
    "read a file": "open('/etc/hostname')",
    "write a file": "os.open('/tmp/parley-attack', os.O_CREAT | os.O_WRONLY)",
    "reach an address": "socket.socket()",
    "start a program": "subprocess.run(['/bin/true'])",
    "copy a descriptor": "os.dup(0)",
    "take the limits off": "resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64)) or open('/etc/hostname')",
}


@pytest.mark.parametrize("attempt", ATTEMPTS.values(), ids=ATTEMPTS)
async def test_child_can_do_nothing_but_decode(attempt: str) -> None:
    lines = ["import os, resource, socket, subprocess", "from stages.decode_child import confine"]
    lines += ["confine(1 << 30, 60)", "try:", f"    {attempt}", "    print('done')", "except (OSError, ValueError):"]
    code = "\n".join([*lines, "    print('refused')"])
    done = await anyio.run_process([sys.executable, "-c", code], check=False)
    assert done.stdout == b"refused\n", done.stderr


async def test_file_that_claims_ten_thousand_hours(tmp_path: Path) -> None:
    decoder = Decoder(boastful_wav(tmp_path / "endless.wav", 10_000, 2.0))
    assert await seconds_of(decoder) == 2.0
    assert decoder.media is not None
    assert decoder.media.duration == pytest.approx(36_000_000, rel=0.001)
    assert decoder.expected is None
    assert decoder.report is not None
    assert decoder.report.damaged == "The file ends early: it claims 36000000.0 s and 2.0 s could be read."


async def test_more_sound_than_allowed(tmp_path: Path) -> None:
    path = sparse_wav(tmp_path / "long.wav", 120)
    with pytest.raises(TooMuch, match=r"long\.wav takes more sound \(0\.01 hours\) than is allowed"):
        await seconds_of(Decoder(path, limits=Limits(hours=0.01)))


async def test_more_tracks_than_allowed(tmp_path: Path) -> None:
    path = encode(tmp_path / "room.wav", tones(1, 16_000, channels=8), 16_000)
    with pytest.raises(TooMuch, match=r"takes more tracks \(8\) than is allowed"):
        await seconds_of(Decoder(path, "channels", Limits(tracks=4)))


async def test_more_computing_time_than_allowed(tmp_path: Path) -> None:
    path = sparse_wav(tmp_path / "slow.wav", 4 * 3600)
    with pytest.raises(TooMuch, match=r"slow\.wav takes more computing time"):
        await seconds_of(Decoder(path, limits=Limits(cpu_seconds=1, cpu_seconds_per_megabyte=0)))


async def test_more_memory_than_allowed(tmp_path: Path) -> None:
    path = encode(tmp_path / "big.flac", tones(2, 48_000, channels=2))
    with pytest.raises(MediaError, match=r"big\.flac"):
        await seconds_of(Decoder(path, limits=Limits(memory=100_000_000)))


@pytest.mark.parametrize("seed", range(12))
async def test_noise_in_a_file_never_reaches_the_server(seed: int, tmp_path: Path) -> None:
    kind = ("mp3", "m4a", "ogg", "flac", "webm", "mp4")[seed % 6]
    data = bytearray(encode(tmp_path / f"whole.{kind}", tones(3)).read_bytes())
    for place in range(seed + 8, len(data), 97 + seed):
        data[place] ^= (place * 31 + seed) & 0xFF
    (tmp_path / f"noise.{kind}").write_bytes(data)
    with contextlib.suppress(MediaError):
        await seconds_of(Decoder(tmp_path / f"noise.{kind}"))
