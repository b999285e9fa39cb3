"""pyannote.audio: a whole recording -> speaker turns."""

import contextlib
import os
import warnings
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stages.diarize import SpeakerCount
from stages.engine import Card, Progress
from stages.engine_errors import EngineError, EngineMissing, ModelMissing
from stages.engines.pyannote_config import PACKAGE, check_version, models_of, read, resolved
from stages.engines.pyannote_output import turns_of, with_plda
from stages.engines.pyannote_trunk import share_trunk
from stages.engines.torch_device import free_memory, lane, torch_device
from stages.model_cache import fetch_model, find_model
from stages.speech import SAMPLE_RATE, SpeakerTurn, seconds

FILES = ("*.yaml", "*.bin", "*.npz", "*.safetensors", "*.ckpt", "*.pt")
"""What a pipeline consists of."""
SHARES = {"segmentation": (0.0, 0.3), "embeddings": (0.3, 1.0)}
"""Where the two slow steps begin and end on the way: on a CPU an embedding takes most of the time."""


class Pyannote:
    """A pipeline from the hub or a folder, without telemetry, on the device it was loaded on."""

    def __init__(
        self,
        model: str = "pyannote/speaker-diarization-community-1",
        folder: Path | None = None,
        revision: str = "main",
    ) -> None:
        self.folder = folder
        """Where the pipeline's config.yaml lies; None looks into the model cache."""
        self.card = Card(
            engine="pyannote",
            model=model,
            revision=revision,
            licence="CC-BY-4.0",
            attribution=f"pyannote, https://huggingface.co/{model}",
        )
        self._pipeline: Any = None
        self._lane: Callable[[], AbstractContextManager[Any]] = contextlib.nullcontext

    def on_disk(self) -> bool:
        """Return whether there is a pipeline, with every part that it names."""
        folder = self._find()
        try:
            return folder is not None and bool(resolved(read(folder), folder))
        except ModelMissing:
            return False
        except EngineError:
            return True  # loading it says what is wrong with it

    def download(self, progress: Progress, again: bool = False) -> None:
        """Fetch the pipeline and the other models that it names from the hub."""
        folder = self._find() if self.folder is not None else None
        if self.folder is not None and folder is None:
            raise ModelMissing(f"There is no config.yaml in {self.folder}. Put the pipeline there, or leave it unset.")
        so_far = _Sum(progress)
        if folder is None:
            folder = fetch_model(self.card.model, self.card.revision, FILES, so_far, again=again)
        for model, revision in dict.fromkeys(models_of(read(folder))):
            so_far.next()
            fetch_model(model, revision, FILES, so_far, again=again)

    def load(self, devices: Sequence[int]) -> None:
        """Read the networks and put them on their device.

        Raises:
            EngineError: the pipeline is damaged, asks for a part that is not here, or the device does not hold it.
        """
        folder = self._find()
        if folder is None:
            raise ModelMissing(f"The model {self.card.model} is not on this machine. Download it, or name its folder.")
        os.environ["PYANNOTE_METRICS_ENABLED"] = "false"
        try:
            # It warns of a torchcodec that sound from memory does not need, and of windows with one frame of speech.
            warnings.filterwarnings("ignore", category=UserWarning, module=r"pyannote\.audio\.")
            from pyannote.audio import Pipeline
        except ImportError as error:
            raise EngineMissing("pyannote", PACKAGE, f"pip install {PACKAGE}") from error
        except OSError as error:
            raise EngineError(
                f"pyannote cannot be loaded: {error}. Install torch and torchaudio of one build."
            ) from error
        import torch

        config = read(folder)
        check_version(config, folder)
        config = resolved(config, folder)
        device = torch_device("pyannote", devices)
        try:
            pipeline = Pipeline.from_pretrained(with_plda(config))
            share_trunk(pipeline)
            self._pipeline = pipeline.to(torch.device(device))
            self._lane = lane("pyannote", device)
        except Exception as error:  # YAML, pickle, lightning, torch: a foreign folder fails in many ways
            raise EngineError(f"The pipeline in {folder} could not be loaded on {device}: {error}") from error

    def unload(self) -> None:
        """Drop the networks."""
        self._pipeline = None
        free_memory()

    def diarize(
        self, samples: NDArray[np.float32], count: SpeakerCount, progress: Callable[[float], None]
    ) -> list[SpeakerTurn]:
        """Tell who spoke when in a whole track.

        Raises:
            EngineError: the device ran out of memory, or the recording is too short for so many speakers.
        """
        if self._pipeline is None:
            raise EngineError("The engine pyannote is not loaded. Load it first.")
        if not len(samples):
            return []
        import torch

        file = {"waveform": torch.from_numpy(samples)[None], "sample_rate": SAMPLE_RATE}
        told = _Told(progress)
        try:
            with self._lane():
                output = self._pipeline(file, hook=told, min_speakers=count.at_least, max_speakers=count.at_most)
        except (RuntimeError, ValueError) as error:
            raise EngineError(f"pyannote failed on {seconds(len(samples)):.0f} s of sound: {error}") from error
        told.share(1.0)
        return turns_of(output, seconds(len(samples)))

    def _find(self) -> Path | None:
        folder = self.folder or find_model(self.card.model, self.card.revision)
        return folder if folder is not None and (folder / "config.yaml").is_file() else None


class _Told:
    """pyannote's hook: passes on the share of the work that is done, never a smaller one than before."""

    def __init__(self, progress: Callable[[float], None]) -> None:
        self._progress = progress
        self._last = -1.0

    def __call__(
        self, step: str, artifact: Any, file: Any = None, total: int | None = None, completed: int | None = None
    ) -> None:
        if step in SHARES and total and completed is not None:
            begin, end = SHARES[step]
            self.share(float(begin + (end - begin) * min(1.0, completed / total)))

    def share(self, done: float) -> None:
        if done > self._last:
            self._last = done
            self._progress(done)


class _Sum:
    """Progress over several models, whose sizes are known one by one."""

    def __init__(self, progress: Progress) -> None:
        self._progress, self._before, self._here = progress, 0, 0

    def __call__(self, done: int, total: int | None) -> None:
        self._here = done
        self._progress(self._before + done, None if total is None else self._before + total)

    def next(self) -> None:
        """Begin the next model."""
        self._before, self._here = self._before + self._here, 0
