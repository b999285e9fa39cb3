"""A prompt as tokens -> what the model writes after it, piece by piece."""

import codecs
import secrets
from collections.abc import Iterator, Sequence
from typing import Any, Literal, NamedTuple

import numpy as np

from stages.engines.llama.asked import Asked, Unfit
from stages.engines.llama.cut import Cut
from stages.engines.llama.model import Model

Reason = Literal["stop", "length", "tool_calls"]
LOOKS_BACK = 64
"""Tokens within which repetition is made less likely, as llama.cpp has it."""


class Likely(NamedTuple):
    """A token and how likely it was."""

    text: str
    """As far as it is text by itself."""
    data: bytes
    """Its bytes."""
    logprob: float
    """Natural logarithm of its probability."""
    others: "Sequence[Likely]" = ()
    """The likeliest at its place."""


class Piece(NamedTuple):
    """Something that was written."""

    text: str
    """Text; may be empty at the end."""
    tokens: Sequence[Likely] = ()
    """Its tokens, where they are asked for."""
    reason: Reason | None = None
    """Why it ended; None if it goes on."""


class Chain:
    """Draws tokens as a request wishes; to be closed."""

    def __init__(self, model: Model, asked: Asked, seed: int, grammar: str | None) -> None:
        self._model, self._api = model, model.api
        self._chain = self._api.llama_sampler_chain_init(self._api.llama_sampler_chain_default_params())
        for part in self._parts(asked, seed):
            self._api.llama_sampler_chain_add(self._chain, part)
            if grammar is not None and part is self._first:
                self._api.llama_sampler_chain_add(self._chain, self._grammar(grammar))

    def draw(self) -> int:
        """Return the next token."""
        return int(self._api.llama_sampler_sample(self._chain, self._model.context, -1))

    def close(self) -> None:
        """Give its memory back."""
        self._api.llama_sampler_free(self._chain)

    def _parts(self, asked: Asked, seed: int) -> Iterator[Any]:
        api = self._api
        if asked.logit_bias:
            biases = (api.llama_logit_bias * len(asked.logit_bias))()
            for place, (token, bias) in zip(biases, asked.logit_bias.items(), strict=True):
                place.token, place.bias = token, bias
            yield api.llama_sampler_init_logit_bias(self._model.size, len(biases), biases)
        penalties = (asked.repetition_penalty, asked.frequency_penalty, asked.presence_penalty)
        self._first = api.llama_sampler_init_penalties(self._model.size, LOOKS_BACK, *penalties)
        yield self._first
        if asked.temperature == 0:
            yield api.llama_sampler_init_greedy()
            return
        yield api.llama_sampler_init_top_k(asked.top_k)
        yield api.llama_sampler_init_top_p(asked.top_p, 1)
        yield api.llama_sampler_init_min_p(asked.min_p, 1)
        yield api.llama_sampler_init_temp(asked.temperature)
        yield api.llama_sampler_init_dist(seed)

    def _grammar(self, grammar: str) -> Any:
        made = self._api.llama_sampler_init_grammar(self._model.vocab, grammar.encode(), b"root")
        if not made:
            self.close()
            raise Unfit("llama.cpp cannot make a grammar of the schema: it is too large.", "response_format")
        return made


class Writing:
    """One answer. Iterate over `pieces`; the model is its own until then."""

    def __init__(self, model: Model, asked: Asked, number: int, others: int | None, grammar: str | None) -> None:
        self._model, self._asked, self._others = model, asked, others
        seed = secrets.randbits(31) if asked.seed is None else (asked.seed + number) % (2**32 - 1)
        self._chain = Chain(model, asked, seed, grammar)
        self._has_grammar = grammar is not None
        self.count = 0
        """Tokens that were written."""
        self.logprob = 0.0
        """Sum over the tokens, where they are asked for."""

    def pieces(self, prompt: Sequence[int], most: int) -> Iterator[Piece]:
        """Yield what is written; the last piece has a reason. Raises `Stopped`."""
        cut, decoder = Cut(self._asked.stops), codecs.getincrementaldecoder("utf-8")("replace")
        waiting: list[Likely] = []
        reason: Reason = "length"
        try:
            # The same seed gives the same answer only if the prompt is read in the same way.
            self._model.read(prompt, afresh=self._asked.seed is not None)
            for token in self._tokens(most):
                if self._model.is_end(token):
                    self.count -= 1
                    reason = "stop"
                    break
                waiting += self._likely(token)
                text = cut.feed(decoder.decode(self._model.piece(token)))
                if cut.is_reached:
                    reason = "stop"
                    yield Piece(text, waiting)
                    waiting = []
                    break
                if text:
                    yield Piece(text, waiting)
                    waiting = []
        finally:
            self._chain.close()
        rest = "" if cut.is_reached else cut.feed(decoder.decode(b"", final=True)) + cut.rest()
        yield Piece(rest, waiting, reason)

    def _tokens(self, most: int) -> Iterator[int]:
        while self.count < most:
            token = self._chain.draw()
            self.count += 1
            yield token
            if self.count < most:
                self._model.add([token])

    def _likely(self, token: int) -> list[Likely]:
        if self._others is None:
            return []
        scores = self._model.scores()
        best = np.argsort(-scores)[: self._others] if self._others else ()
        self.logprob += float(scores[token])
        others = [self._one(int(other), float(scores[other])) for other in best]
        return [self._one(token, float(scores[token]), others)]

    def _one(self, token: int, logprob: float, others: Sequence[Likely] = ()) -> Likely:
        data = self._model.piece(token)
        return Likely(data.decode(errors="replace"), data, max(logprob, -9999.0), others)
