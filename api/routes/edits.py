"""What users know better than the engines: words, speakers, names; kept as overlays that survive every later run."""

from litestar import patch, post
from litestar.params import JSONBody

from api.errors import BadRequest, problems
from api.given import TheCaller, TheMeetings
from api.routes.common import OF_ONE, MeetingId
from api.shapes import Correction, Label, Merge
from pipeline.transcript import Line, Transcript


@patch("/meetings/{id:str}/utterances/{utterance:str}", operation_id="correctUtterance", responses=problems(*OF_ONE))
async def correct_utterance(
    id: MeetingId, utterance: Label, data: JSONBody[Correction], meetings: TheMeetings, caller: TheCaller
) -> Line:
    """Correct the words of an utterance, or move it to another speaker; return it as it is shown now."""
    if data.text is None and data.speaker is None:
        raise BadRequest("Say what is to be changed: `text`, `speaker`, or both.")
    return await meetings.edit_utterance(id, caller.owner, utterance, text=data.text, speaker=data.speaker)


@post("/meetings/{id:str}/speakers/merge", operation_id="mergeSpeakers", status_code=200, responses=problems(*OF_ONE))
async def merge_speakers(id: MeetingId, data: JSONBody[Merge], meetings: TheMeetings, caller: TheCaller) -> Transcript:
    """Show one speaker as another from now on; into itself takes that back."""
    return await meetings.merge_speakers(id, caller.owner, data.label, data.into)


ROUTES = (correct_utterance, merge_speakers)
