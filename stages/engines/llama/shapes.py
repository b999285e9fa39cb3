"""Pieces of answers -> OpenAI's shapes: chats and texts, whole and in chunks."""

import time
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import msgspec

from stages.engines.llama.asked import Unfit
from stages.engines.llama.tools import Call
from stages.engines.llama.write import Likely, Reason

Form = Literal["chat", "text"]
DONE = b"data: [DONE]\n\n"
OBJECTS: Mapping[tuple[Form, bool], str] = {
    ("chat", False): "chat.completion",
    ("chat", True): "chat.completion.chunk",
    ("text", False): "text_completion",
    ("text", True): "text_completion",
}


class Choice:
    """One answer as it grows."""

    def __init__(self, form: Form, index: int) -> None:
        self.index = index
        """Which of the answers."""
        self.calls: Sequence[Call] = ()
        """Calls of tools."""
        self.reason: Reason | None = None
        """Why it ended; None while it goes on."""
        self.logprob = 0.0
        """How likely it was, for each token."""
        self._form = form
        self._texts: list[str] = []
        self._tokens: list[Likely] = []
        self._is_likely = False
        self._offset = 0

    def add(self, text: str, tokens: Sequence[Likely], *, is_likely: bool) -> None:
        """Take a piece."""
        self._texts.append(text)
        self._tokens += tokens
        self._is_likely = is_likely

    def whole(self) -> dict[str, Any]:
        """Return all of it."""
        text = "".join(self._texts)
        said = {"index": self.index, "finish_reason": self.reason, "logprobs": self._logprobs(self._tokens)}
        if self._form == "text":
            return {**said, "text": text}
        message: dict[str, Any] = {
            "role": "assistant",
            "content": text or (None if self.calls else ""),
            "refusal": None,
        }
        if self.calls:
            message["tool_calls"] = [call.said() for call in self.calls]
        return {**said, "message": message}

    def first(self) -> dict[str, Any]:
        """Return the chunk that begins a chat."""
        delta = {"role": "assistant", "content": "", "refusal": None}
        return {"index": self.index, "delta": delta, "logprobs": None, "finish_reason": None}

    def chunk(self, text: str, tokens: Sequence[Likely]) -> dict[str, Any]:
        """Return the chunk of the piece that was added last."""
        said = {"index": self.index, "finish_reason": self.reason, "logprobs": self._logprobs(tokens)}
        if self._form == "text":
            return {**said, "text": text}
        delta: dict[str, Any] = {"content": text} if text else {}
        if self.calls:
            delta["tool_calls"] = [call.said(number) for number, call in enumerate(self.calls)]
        return {**said, "delta": delta}

    def _logprobs(self, tokens: Sequence[Likely]) -> dict[str, Any] | None:
        if not self._is_likely:
            return None
        if self._form == "chat":
            content = [{**_chat(token), "top_logprobs": [_chat(other) for other in token.others]} for token in tokens]
            return {"content": content, "refusal": None}
        offsets = []
        for token in tokens:
            offsets.append(self._offset)
            self._offset += len(token.text)
        return {
            "tokens": [token.text for token in tokens],
            "token_logprobs": [token.logprob for token in tokens],
            "top_logprobs": [{other.text: other.logprob for other in token.others} for token in tokens],
            "text_offset": offsets,
        }


class Shape:
    """What all parts of one answer have in common."""

    def __init__(self, form: Form, model: str, id: str, *, is_stream: bool, tells_usage: bool) -> None:
        self._head = {
            "id": f"{'chatcmpl' if form == 'chat' else 'cmpl'}-{id}",
            "object": OBJECTS[form, is_stream],
            "created": int(time.time()),
            "model": model,
        }
        self._more = {"usage": None} if is_stream and tells_usage else {}
        self._tells_usage = tells_usage

    def whole(self, choices: Sequence[Choice], usage: Mapping[str, int]) -> bytes:
        """Return a whole answer."""
        said = [choice.whole() for choice in choices]
        return msgspec.json.encode({**self._head, "choices": said, "usage": usage})

    def event(self, choice: Mapping[str, Any]) -> bytes:
        """Return a chunk as an event."""
        return _event({**self._head, "choices": [choice], **self._more})

    def last(self, usage: Mapping[str, int]) -> bytes:
        """Return the events at the end."""
        told = _event({**self._head, "choices": [], "usage": usage}) if self._tells_usage else b""
        return told + DONE


def usage_of(prompt: int, completion: int) -> dict[str, int]:
    """Return what an answer took."""
    return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}


def refusal(error: Unfit) -> bytes:
    """Return a refusal as OpenAI's clients read it."""
    said = {"message": str(error), "type": "invalid_request_error", "param": error.param, "code": error.code}
    return msgspec.json.encode({"error": said})


def _event(said: Mapping[str, Any]) -> bytes:
    return b"data: " + msgspec.json.encode(said) + b"\n\n"


def _chat(token: Likely) -> dict[str, Any]:
    return {"token": token.text, "logprob": token.logprob, "bytes": list(token.data)}
