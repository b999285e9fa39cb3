"""The CTC model in Canary's archive: known words -> when they were said.

NeMo aligns with it too, but carries the probabilities of all 16,384 tokens from the GPU and back, asks the GPU for each
step of the way, and now and then loses the text. Here only the tokens that were said leave the GPU.
"""

from collections.abc import Sequence
from itertools import accumulate, chain, pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stages.engines.ctc_times import frames_of_tokens, states_of
from stages.engines.nemo_precision import halve

Times = list[tuple[float, float]]
"""Start and end of each word, in seconds from the start of the stretch."""


class CanaryAligner:
    """Aligns batches of stretches on the device that the model is on."""

    def __init__(self, model: Any, device: str, half: bool) -> None:
        self._model = model.to(device).eval()
        self._model.freeze()
        if half:
            halve(model, "encoder")
        self._device = device
        self._frame: float = model.cfg.preprocessor.window_stride * model.encoder.subsampling_factor

    def times(self, sounds: Sequence[NDArray[np.float32]], texts: Sequence[Sequence[str]]) -> list[Times | None]:
        """Return when the words of each text were said in its sound; None where they do not fit into it."""
        pieces = [[self._model.tokenizer.text_to_ids(word) for word in words] for words in texts]
        spoken = [row for row, words in enumerate(pieces) if words and all(words)]
        answers: list[Times | None] = [None if words else [] for words in texts]
        if spoken:
            found = self._frames([sounds[row] for row in spoken], [list(chain(*pieces[row])) for row in spoken])
            for row, frames in zip(spoken, found, strict=True):
                answers[row] = None if frames is None else self._words(frames, [len(word) for word in pieces[row]])
        return answers

    def _frames(
        self, sounds: Sequence[NDArray[np.float32]], tokens: Sequence[Sequence[int]]
    ) -> list[NDArray[np.int64] | None]:
        import torch

        lengths = torch.tensor([len(sound) for sound in sounds])
        padded = np.zeros((len(sounds), int(lengths.max())), np.float32)
        for row, sound in zip(padded, sounds, strict=True):
            row[: len(sound)] = sound
        with torch.inference_mode():
            signal, steps = self._model.preprocessor(
                input_signal=torch.from_numpy(padded).to(self._device), length=lengths.to(self._device)
            )
            encoded, frames = self._model.encoder(audio_signal=signal, length=steps)
            heard = self._model.decoder(encoder_output=encoded.float())
            states, counts = states_of(tokens, heard.shape[-1] - 1)  # NeMo's blank is the last token
            index = torch.from_numpy(states).to(self._device)[:, None].expand(-1, heard.shape[1], -1)
            emissions = heard.gather(2, index).float().cpu().numpy()
        return frames_of_tokens(emissions, frames.cpu().numpy(), states, counts)

    def _words(self, frames: NDArray[np.int64], sizes: Sequence[int]) -> Times:
        """Put the tokens of each word together."""
        edges = pairwise(accumulate(sizes, initial=0))
        return [
            (float(frames[first, 0] * self._frame), float(frames[last - 1, 1] * self._frame)) for first, last in edges
        ]
