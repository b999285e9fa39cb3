"""Live meetings over WebSockets: sound in and captions out, and captions for whoever watches."""

from typing import Annotated

from litestar import websocket
from litestar.params import Parameter

from api.given import Closing, TheCaller, TheLive, TheMeetings, TheRecords, TheShelf
from api.live.line import AnySocket
from api.live.sending import Sending
from api.live.watching import Watching
from api.routes.common import MeetingId


@websocket("/live", opt={"door": "user"})
async def send_live(
    socket: AnySocket, live: TheLive, records: TheRecords, shelf: TheShelf, caller: TheCaller, closing: Closing
) -> None:
    """Hear a meeting.

    The client says `start`, then sends sound as binary frames, and `stop` at its end; `ping` while it pauses. It is
    told `ready` {meeting, next_sample | next_byte}, `ack` {samples | bytes} for what is stored for good, `hypothesis`
    {start, end, track, text, agreed}, `utterance`, `speaker`, `gap`, `lag`, and after the end `stage`, `progress`,
    `summary`, `end` {state}; `error` {code, message} comes before a connection is closed. Numbered events carry `seq`.
    Whoever comes back with the id of the meeting goes on; the newest connection of a meeting is heard.
    """
    await socket.accept()
    with closing.held():
        await Sending(socket, live, records, shelf, caller, closing).run()


@websocket("/meetings/{id:str}/live", opt={"door": "read"})
async def watch_live(
    socket: AnySocket,
    id: MeetingId,
    live: TheLive,
    meetings: TheMeetings,
    caller: TheCaller,
    closing: Closing,
    after: Annotated[int | None, Parameter(ge=0, description="Number of the last event that is known.")] = None,
) -> None:
    """Watch a meeting: `snapshot` {seq, meeting, transcript, summary}, then every event as it comes.

    With `after` there is no snapshot: events go on behind that number.
    """
    await socket.accept()
    with closing.held():
        await Watching(socket, meetings, caller, closing, live.limits.stuck_seconds).run(id, after)


ROUTES = (send_live, watch_live)
