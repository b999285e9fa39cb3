"""Silero VAD on onnxruntime: how likely it is that somebody speaks, every 32 ms."""

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from stages.engine import Card, Progress
from stages.engine_errors import EngineError, EngineMissing, ModelMissing

FRAME = 512
"""Samples behind each probability."""
CONTEXT = 64
"""Samples of the frame before that the model hears again."""
INSTALL = "pip install --no-deps silero-vad==6.2.3"
"""Its other dependencies are not needed: only the model file is read."""
MEMORY = 15_000_000
"""Bytes, measured as growth of the resident set."""


class SileroState(msgspec.Struct, frozen=True, eq=False):
    """What the model remembers of one stream."""

    context: NDArray[np.float32]
    """Last samples heard. Shape (CONTEXT,)."""
    hidden: NDArray[np.float32]
    """Shape (1, 1, 128)."""
    cell: NDArray[np.float32]
    """Shape (1, 1, 128)."""


class Silero:
    """The model of the silero_vad package that hears many frames in one call: block sizes do not change its answers.

    Source: Silero Team, Silero VAD, 2024.
    """

    frame = FRAME

    def __init__(self) -> None:
        self._session: Any = None

    @property
    def card(self) -> Card:
        """What it is."""
        return Card(
            engine="silero",
            model="silero-vad",
            revision="6.2.3",
            licence="MIT",
            attribution="Silero VAD by the Silero Team (github.com/snakers4/silero-vad)",
            capabilities=frozenset({"streaming"}),
            memory=MEMORY,
        )

    def on_disk(self) -> bool:
        """Return whether the package that carries the model is installed."""
        weights = _weights()
        return weights is not None and weights.is_file()

    def download(self, progress: Progress, again: bool = False) -> None:
        """Do nothing if the model is here: it comes with its package and from nowhere else.

        Raises:
            EngineMissing: the package is not installed, or is one without this model.
        """
        weights = _weights()
        if weights is None or not weights.is_file():
            raise EngineMissing("silero", "silero-vad", INSTALL)
        size = weights.stat().st_size
        progress(size, size)

    def load(self, devices: Sequence[int]) -> None:
        """Make ready for work, on the CPU whatever the devices.

        Raises:
            EngineMissing: onnxruntime is not installed.
            ModelMissing: the package that carries the model is not installed.
            EngineError: the model file cannot be used.
        """
        weights = _weights()
        if weights is None or not weights.is_file():
            raise ModelMissing(f"The model of the engine silero is not on this machine. Install it with: {INSTALL}")
        try:
            import onnxruntime
        except ImportError as error:
            raise EngineMissing("silero", "onnxruntime", "pip install onnxruntime") from error
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 3
        try:
            self._session = onnxruntime.InferenceSession(str(weights), options, providers=["CPUExecutionProvider"])
        except Exception as error:
            raise EngineError(f"The model {weights.name} of the engine silero cannot be loaded: {error}") from error

    def unload(self) -> None:
        """Give the memory back."""
        self._session = None

    def fresh(self) -> SileroState:
        """Return the state of a stream that has heard nothing yet."""
        silence = np.zeros((1, 1, 128), np.float32)
        return SileroState(np.zeros(CONTEXT, np.float32), silence, silence)

    def listen(self, samples: NDArray[np.float32], state: SileroState) -> tuple[NDArray[np.float32], SileroState]:
        """Hear more of a stream: a whole number of frames.

        Returns the probability of speech in each frame, shape (frames,), and the state to go on with.
        """
        if self._session is None:
            raise EngineError("The engine silero was asked to listen before it was loaded.")
        if samples.size % FRAME:
            raise ValueError(f"Silero hears whole frames of {FRAME} samples, not {samples.size} samples.")
        if not samples.size:
            return np.zeros(0, np.float32), state
        stream = np.concatenate((state.context, samples), dtype=np.float32)
        frames = np.lib.stride_tricks.sliding_window_view(stream, CONTEXT + FRAME)[::FRAME]
        inputs = {"input": np.ascontiguousarray(frames), "h": state.hidden, "c": state.cell}
        try:
            likely, hidden, cell = self._session.run(["speech_probs", "hn", "cn"], inputs)
        except Exception as error:
            raise EngineError(f"The engine silero could not hear this stretch: {error}") from error
        return likely, SileroState(stream[-CONTEXT:].copy(), hidden, cell)


def _weights() -> Path | None:
    """Return where the model is, or would be; None where the package is not installed."""
    package = find_spec("silero_vad")
    if package is None or not package.submodule_search_locations:
        return None
    return Path(package.submodule_search_locations[0]) / "data" / "silero_vad_16k_sequence.onnx"
