"""A body -> what is asked of the model; what it says and cannot be honoured is refused by name."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeVar

import msgspec
from msgspec import Meta

from stages.engine_errors import CannotDo

HARMLESS = frozenset(
    """
    model user metadata store service_tier safety_identifier prompt_cache_key prompt_cache_retention prediction
    """.split()
)
"""Fields that change nothing of what is written: who asks, what to keep, how fast to be."""
Share = Annotated[float, Meta(ge=0, le=1)]
Penalty = Annotated[float, Meta(ge=-2, le=2)]
Kind = TypeVar("Kind", bound="Asked")


class Unfit(CannotDo):
    """A request that cannot be honoured, with the field that is to blame."""

    def __init__(self, message: str, param: str | None = None, code: str = "invalid_request") -> None:
        super().__init__(message)
        self.param = param
        """Field of the request; None for none."""
        self.code = code
        """For programs."""


class StreamOptions(msgspec.Struct):
    """What a caller wants of a stream."""

    include_usage: bool | None = None
    """Whether it tells its tokens."""


class Schema(msgspec.Struct):
    """What an answer must fit."""

    schema: dict[str, Any] = {}
    """JSON schema; empty for any JSON object."""


class Format(msgspec.Struct):
    """How an answer is written."""

    type: Literal["text", "json_object", "json_schema"] = "text"
    """Freely, as any JSON object, or as a schema says."""
    json_schema: Schema | None = None
    """The schema."""


class Function(msgspec.Struct):
    """A function that may be called."""

    name: str
    """Which."""
    description: str = ""
    """What it does."""
    parameters: dict[str, Any] | None = None
    """JSON schema of its arguments; None for none."""


class Tool(msgspec.Struct):
    """A tool that may be used."""

    function: Function
    """What is called."""
    type: Literal["function"] = "function"
    """There is only this one."""


class Named(msgspec.Struct):
    """A function by its name."""

    name: str
    """Which."""


class ChosenTool(msgspec.Struct):
    """The one tool that must be used."""

    function: Named
    """What is called."""
    type: Literal["function"] = "function"
    """There is only this one."""


class Asked(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What chats and texts have in common. None is the engine's own default."""

    stream: bool = False
    """Whether the answer comes in chunks."""
    stream_options: StreamOptions = msgspec.field(default_factory=StreamOptions)
    """How."""
    max_tokens: Annotated[int, Meta(ge=1)] | None = None
    """Tokens of an answer; None for as many as the window has room for."""
    temperature: Annotated[float, Meta(ge=0, le=2)] = 0.8
    """0 always takes the likeliest token."""
    top_p: Share = 0.95
    """Tokens are drawn from the likeliest that have this share of the probability."""
    top_k: Annotated[int, Meta(ge=-1)] = 40
    """Tokens are drawn from so many of the likeliest; 0 or -1 for all."""
    min_p: Share = 0.05
    """Tokens less likely than this share of the likeliest are not drawn."""
    seed: int | None = None
    """The same seed draws the same tokens."""
    stop: str | list[str] = []
    """Texts at which an answer ends; they are not part of it."""
    n: Annotated[int, Meta(ge=1, le=128)] = 1
    """Answers."""
    presence_penalty: Penalty = 0.0
    """Makes tokens that were written less likely."""
    frequency_penalty: Penalty = 0.0
    """The same, for each time."""
    repetition_penalty: Annotated[float, Meta(gt=0, le=2)] = 1.0
    """The same as a factor; 1 for none."""
    logit_bias: dict[int, Annotated[float, Meta(ge=-100, le=100)]] = {}
    """What is added to tokens, by number."""

    @property
    def stops(self) -> list[str]:
        """Return the texts at which an answer ends."""
        return [text for text in ([self.stop] if isinstance(self.stop, str) else self.stop) if text]


class ChatAsked(Asked, kw_only=True):
    """A chat."""

    messages: Annotated[list[dict[str, Any]], Meta(min_length=1)]
    """What was said."""
    max_completion_tokens: Annotated[int, Meta(ge=1)] | None = None
    """The newer name of `max_tokens`."""
    response_format: Format = msgspec.field(default_factory=Format)
    """How the answer is written."""
    tools: list[Tool] = []
    """What may be used."""
    tool_choice: Literal["none", "auto", "required"] | ChosenTool = "auto"
    """What must be used."""
    parallel_tool_calls: bool = True
    """Whether several tools may be used in one answer."""
    logprobs: bool = False
    """Whether tokens come with their log probabilities."""
    top_logprobs: Annotated[int, Meta(ge=0, le=20)] = 0
    """How many others come with each token."""
    reasoning_effort: str | None = None
    """Given to the chat template."""
    chat_template_kwargs: dict[str, Any] = {}
    """Given to the chat template."""


class TextAsked(Asked, kw_only=True):
    """A text to go on with."""

    prompt: str | list[str | int | list[int]]
    """A text, texts, a text as tokens, or texts as tokens."""
    max_tokens: Annotated[int, Meta(ge=1)] | None = 16
    """Tokens of an answer."""
    best_of: Annotated[int, Meta(ge=1, le=128)] | None = None
    """Answers of which the likeliest are given."""
    echo: bool = False
    """Whether the prompt is part of the answer."""
    logprobs: Annotated[int, Meta(ge=0, le=20)] | None = None
    """How many others come with each token; None for no log probabilities."""


def read(body: bytes, kind: type[Kind]) -> Kind:
    """Read a body.

    Raises:
        Unfit: something in it is wrong, or means what this engine cannot do.
    """
    try:
        given: dict[str, Any] = msgspec.json.decode(body, type=dict[str, Any])
        fields = {name: value for name, value in given.items() if value is not None and name not in HARMLESS}
        return msgspec.convert(_tidy(fields), kind, strict=True, str_keys=True)
    except RecursionError as error:
        raise Unfit("The body is nested too deeply.") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _unfit(str(error)) from error


def _tidy(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what says nothing: lists of tools and kinds of answers that are the only ones there are."""
    said = dict(fields)
    if said.get("modalities") == ["text"]:
        del said["modalities"]
    return said


def _unfit(reason: str) -> Unfit:
    words = reason.replace("`", "'").replace("$.", "").replace(" - at '$'", "")
    if "unknown field '" in words:
        name = words.split("unknown field '")[1].split("'")[0]
        return Unfit(f"The engine llama_cpp cannot honour the field {name}. Leave it out.", name)
    places = words.rpartition(" - at ")[2].split("'") if " - at " in words else []
    place = places[-2] if len(places) > 2 else ""
    name = place.partition(".")[0].partition("[")[0]
    if not name and "required field '" in words:
        name = words.split("required field '")[1].split("'")[0]
    return Unfit(f"The body is wrong: {words}.", name or None)
