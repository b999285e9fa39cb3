"""Routes of the older platform: a recording in, its words or its speakers out, nothing kept."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any
from uuid import uuid4

import anyio
import anyio.to_thread
from litestar import Request, post
from litestar.params import Parameter

from api.bodies import FormOperation
from api.errors import BadRequest, WrongType, problems
from api.forms import Form
from api.given import LargestUpload, ScratchFolder, TheAtOnce
from api.incoming import Incoming, keep
from api.older_shapes import Details, Diarized, Runtime, Spoken, Turn, Voice
from api.routes.common import USUAL
from api.wish import wish_of
from pipeline.at_once import Ran
from pipeline.options import Options
from pipeline.scratch import safe_name
from pipeline.spoken_in import most_spoken
from pipeline.transcript import GapLine, transcript
from stages.speech import SAMPLE_RATE

AnyRequest = Request[Any, Any, Any]


@post(
    "/audio/transcribe",
    operation_id="transcribe",
    operation_class=FormOperation,
    status_code=200,
    request_max_body_size=None,
    responses=problems(*USUAL, 408, 413, 415, 422, 507),
)
async def transcribe(
    request: AnyRequest, at_once: TheAtOnce, scratch_folder: ScratchFolder, largest_upload: LargestUpload
) -> Spoken:
    """Write down what is said in a recording, and keep nothing of it."""
    async with _received(request, scratch_folder, largest_upload) as (file, options):
        ran = await at_once.words(file, options)
    made = transcript("", ran.found.utterances, ran.found.gaps, duration=ran.found.heard.duration)
    return Spoken(
        text=" ".join(line.text for line in made.utterances),
        sampling_rate=SAMPLE_RATE,
        language=_language(options, ran),
        words=tuple(word for line in made.utterances for word in line.words),
        gaps=made.gaps,
        runtime=_runtime(ran),
    )


@post(
    "/diarization/process",
    operation_id="diarize",
    operation_class=FormOperation,
    status_code=200,
    request_max_body_size=None,
    responses=problems(*USUAL, 408, 413, 415, 422, 507),
)
async def diarize(
    request: AnyRequest,
    at_once: TheAtOnce,
    scratch_folder: ScratchFolder,
    largest_upload: LargestUpload,
    embeddings: Annotated[bool, Parameter(description="Also tell how each speaker sounds.")] = False,
) -> Diarized:
    """Tell who speaks when in a recording, and keep nothing of it."""
    async with _received(request, scratch_folder, largest_upload) as (file, options):
        ran = await at_once.speakers(file, options)
    labels = dict.fromkeys(turn.speaker for turn in ran.found.turns)
    voices = [
        Voice(speaker=label, embedding=ran.voiceprints[label].tolist() if label in ran.voiceprints else None)
        for label in labels
    ]
    return Diarized(
        segments=tuple(Turn(speaker=turn.speaker, start=turn.start, end=turn.end) for turn in ran.found.turns),
        speakers=tuple(voices) if embeddings else None,
        gaps=tuple(GapLine(gap.start, gap.end, gap.stage, gap.reason) for gap in ran.found.gaps),
        runtime=_runtime(ran),
    )


def _language(options: Options, ran: Ran) -> str | None:
    """Return the language of the words: what was said of it, or told, or the only one that the engine speaks."""
    told = options.target or options.language
    only = ran.card.languages[0] if len(ran.card.languages) == 1 else None
    return told or most_spoken(word for line in ran.found.utterances for word in line.words) or only


def _runtime(ran: Ran) -> Runtime:
    return Runtime(
        engine=ran.card.engine,
        model=ran.card.model,
        device=f"cuda:{ran.devices[0]}" if ran.devices else "cpu",
        details=Details(sample_rate=SAMPLE_RATE, duration=ran.found.heard.duration),
    )


@asynccontextmanager
async def _received(request: AnyRequest, scratch: Path, most: int) -> AsyncGenerator[tuple[Path, Options], None]:
    """Receive the file of a form into a folder of its own, which is gone afterwards."""
    incoming = Incoming(request)
    kind, parameters = request.content_type
    if kind != "multipart/form-data":
        raise WrongType("Send the recording as the field `file` of a form (multipart/form-data).")
    form = Form(incoming.blocks(), parameters.get("boundary", ""))
    if not await form.find_file():
        raise BadRequest("The form has no field `file`. Send the recording in it.")
    path = anyio.Path(scratch) / f"at-once-{uuid4().hex}" / safe_name(form.file_name)
    await path.parent.mkdir(parents=True)
    try:
        await keep(path, form.file(), most)
        query = {name: value for name, value in request.query_params.items() if name != "embeddings"}
        yield Path(path), wish_of({**query, **form.fields}).options
    finally:
        with anyio.CancelScope(shield=True):
            await path.unlink(missing_ok=True)
            await path.parent.rmdir()


ROUTES = (transcribe, diarize)
