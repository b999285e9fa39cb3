"""Makes a Canary with random weights say as much as people do: its own sentences would end anywhere."""

import copy
import math
from typing import Any

import torch

from stages.engines.canary import Canary
from tests.models.real_size import TOKENS_PER_SECOND

FRAME = 0.08
"""Seconds of sound that the decoder sees as one."""


def force_length(engine: Canary, tokens_per_second: float = TOKENS_PER_SECOND) -> None:
    """Let every stretch become so many tokens; side by side, the longest decides how long it takes."""
    greedy = engine._model.decoding.decoding
    search = copy.copy(greedy.greedy_search)
    plain: Any = type(search)

    class Forced(plain):  # type: ignore[misc]
        """NeMo's greedy search, which ends after so many tokens rather than at the end of a sentence."""

        def _forward(
            self,
            decoder_input_ids: torch.Tensor,
            encoder_hidden_states: Any,
            encoder_input_mask: torch.Tensor,
            **rest: Any,
        ) -> Any:
            prompt = decoder_input_ids.shape[1]
            wanted = [
                max(1, math.ceil(frames * FRAME * tokens_per_second))
                for frames in encoder_input_mask.float().sum(dim=1).tolist()
            ]
            self.max_delta_len, self.max_seq_length = -1, prompt + max(wanted)
            said, *others = super()._forward(decoder_input_ids, encoder_hidden_states, encoder_input_mask, **rest)
            for row, length in zip(said, wanted, strict=True):
                row[prompt + length :] = self.pad
            return said, *others

    search.__class__ = Forced
    greedy.greedy_search = search
