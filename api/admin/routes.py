"""Routes for those who look after the server; some of them are as the older platform had them."""

from typing import Annotated

import anyio.to_thread
from litestar import Response, Router, delete, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody, Parameter, QueryParameter, SkipValidation

from api.admin.elsewhere import QUERY, AnyRequest, Elsewhere
from api.admin.shapes import (
    Cancelled,
    DownloadWish,
    EngineShape,
    JobList,
    JobShape,
    LoadWish,
    Log,
    Status,
    TokenShape,
    TokenWish,
)
from api.admin.status import Statuses, engine_of, token
from api.errors import problems
from api.log_tail import LogTail
from api.routes.common import OF_ONE, USUAL, MeetingId
from pipeline.engine_room import EngineRoom
from pipeline.job_queue import Job, JobQueue
from pipeline.meetings import NotNow
from pipeline.slides import stages_of
from stages.hub_token import VARIABLES, forget_token, keep_token, token_source

Key = Annotated[
    str, Parameter(pattern=r"^[0-9A-Za-z._:-]{1,100}$", description="Name of the engine; also `qwen` for its model.")
]
TheRoom = NamedDependency[SkipValidation[EngineRoom]]
TheStatuses = NamedDependency[SkipValidation[Statuses]]
TheQueue = NamedDependency[SkipValidation[JobQueue]]
TheLog = NamedDependency[SkipValidation[LogTail]]


@get("/status", operation_id="status", responses=problems(*OF_ONE, 409))
async def status(statuses: TheStatuses) -> Status:
    """Tell how the server is: cards, processor, memory, engines with their last error, packages beside our pins."""
    return await statuses.look()


@post(
    "/models/{key:str}/download", operation_id="downloadModel", status_code=202, responses=problems(*OF_ONE, 409, 422)
)
async def download(key: Key, engine_room: TheRoom, data: JSONBody[DownloadWish | None] = None) -> EngineShape:
    """Begin to bring a model to this machine; how it goes on is told by the status."""
    return engine_of(await engine_room.download(key, force=data is not None and data.force))


@post("/models/{key:str}/load", operation_id="loadModel", status_code=202, responses=problems(*OF_ONE, 409, 422))
async def load(key: Key, engine_room: TheRoom, data: JSONBody[LoadWish | None] = None) -> EngineShape:
    """Begin to load a model, on chosen GPUs; one that is not here is downloaded first."""
    wish = data or LoadWish()
    return engine_of(await engine_room.load(key, wish.gpu_device_ids, pin=wish.pin))


@post("/models/{key:str}/unload", operation_id="unloadModel", status_code=202, responses=problems(*OF_ONE, 409, 422))
async def unload(key: Key, engine_room: TheRoom) -> EngineShape:
    """Begin to give a model's memory back after the calls under way; a download is stopped instead."""
    return engine_of(await engine_room.unload(key))


@get("/huggingface/token", operation_id="readToken", responses=problems(*OF_ONE, 409))
async def read_token() -> TokenShape:
    """Tell whether there is a Hugging Face token; it is never given back."""
    return await anyio.to_thread.run_sync(token)


@post("/huggingface/token", operation_id="setToken", status_code=200, responses=problems(*OF_ONE, 409))
async def set_token(data: JSONBody[TokenWish]) -> TokenShape:
    """Keep a Hugging Face token in a file that only the server reads."""
    _check_file_counts()
    await anyio.to_thread.run_sync(keep_token, data.token)
    return token()


@delete("/huggingface/token", operation_id="forgetToken", status_code=200, responses=problems(*OF_ONE, 409))
async def end_token() -> TokenShape:
    """Forget the Hugging Face token."""
    _check_file_counts()
    await anyio.to_thread.run_sync(forget_token)
    return token()


@get("/jobs", operation_id="listJobs", responses=problems(*USUAL))
async def list_jobs(job_queue: TheQueue) -> JobList:
    """List the work of everybody that has not come to its end."""
    return JobList(tuple(map(_job, await job_queue.jobs())))


@post("/jobs/{id:str}/cancel", operation_id="cancelJob", status_code=200, responses=problems(*OF_ONE, 409))
async def cancel_job(id: MeetingId, job_queue: TheQueue) -> Cancelled:
    """End the work on a meeting; what was made stays, and it can be run again."""
    row = await job_queue.cancel(id)
    return Cancelled(row.id, row.state)


@get("/log", operation_id="readLog", responses=problems(*OF_ONE, 409))
async def read_log(
    log_tail: TheLog,
    after: Annotated[int, Parameter(ge=0, le=2**53, description="Number of the last line that is known.")] = 0,
) -> Log:
    """Return the last lines of the log."""
    return Log(tuple(log_tail.after(after)))


def _check_file_counts() -> None:
    if token_source() == "environment":
        raise NotNow(
            f"The environment of the server sets {' or '.join(VARIABLES)}, which comes first. Change it there, and "
            "start the server again."
        )


def _job(job: Job) -> JobShape:
    row = job.row
    return JobShape(
        meeting=row.id,
        owner=row.owner,
        state=job.state,
        here=job.here,
        created_at=row.created_at,
        duration=row.duration,
        size=row.size,
        stages=stages_of(row),
    )


OF_A_SERVER = (status, download, load, unload, read_token, set_token, end_token, read_log)
"""Each server has engines, a token and a log of its own: `?node=` names another one's."""
OF_ALL = (list_jobs, cancel_job)
NODE = QueryParameter(
    annotation=str | None,
    name=QUERY,
    default=None,
    required=False,
    pattern=r"^[ -~]{1,200}$",
    description="Name of another server on the database, as `others` of the status tells it: it is asked instead.",
)


def routers(elsewhere: Elsewhere) -> list[Router]:
    """Return the routes; what is asked of another server is passed on."""

    async def passed_on(request: AnyRequest) -> Response[bytes] | None:
        return await elsewhere.answer(request)

    return [
        Router(
            "/api/admin",
            route_handlers=[*OF_A_SERVER],
            parameters={QUERY: NODE},
            before_request=passed_on,
            tags=["admin"],
        ),
        Router("/api/admin", route_handlers=[*OF_ALL], tags=["admin"]),
    ]
