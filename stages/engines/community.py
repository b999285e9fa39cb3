"""community-1: windows of sound -> voices -> speaker turns, with pyannote's own networks on plain onnxruntime."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from stages.cluster_voices import Rules, label_voices
from stages.diarize import SpeakerCount
from stages.engine import Card, Progress
from stages.engine_errors import CannotDo, EngineError, EngineMissing
from stages.engines.community_weights import INSTALL, find, read
from stages.engines.fbank import FRAME, SHIFT, fbank
from stages.engines.ort_format import as_onnx
from stages.reconstruct import Frames, Tidy, reconstruct
from stages.speech import SAMPLE_RATE, SpeakerTurn, Voices, samples, seconds
from stages.turns import relabel
from stages.voice_space import VoiceSpace

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

WINDOW = 10 * SAMPLE_RATE
"""Samples that the segmentation network hears at once; its input has no other size."""
FRAMES = 589
"""Decisions in a window."""
GRID = Frames(step=0.016875, middle=0.031)
"""Source: the receptive field of the network: 270 samples a step, the first centred on sample 496."""
SPEAKERS = 3
"""Local speakers that the network tells apart, at most two of them at a time.

Source: Plaquet and Bredin, Powerset multi-class cross entropy loss for neural speaker diarization, 2023.
"""
DIMENSIONS = 256
QUIET = 1e-4
"""A window that never gets louder (-80 dB of full scale) is silence: the network would amplify its noise."""


class Community:
    """A `WindowDiarizer`. Each window is heard by itself, so the same sound always gives the same voices."""

    card = Card(
        engine="community",
        model="pyannote/speaker-diarization-community-1",
        revision="moonshine-voice 0.0.73",
        licence="CC-BY-4.0",
        attribution=(
            "pyannote speaker-diarization-community-1 by Hervé Bredin and pyannoteAI, "
            "https://huggingface.co/pyannote/speaker-diarization-community-1, CC-BY-4.0; "
            "its networks packaged by Moonshine AI"
        ),
        capabilities=frozenset({"streaming", "voiceprints"}),
        memory=110_000_000,
    )
    window = WINDOW

    def __init__(
        self,
        hop_seconds: float = 2.5,
        longest_print_seconds: float = 2.0,
        shortest_print_seconds: float = 0.3,
        rules: Rules | None = None,
        tidy: Tidy | None = None,
    ) -> None:
        self.hop = samples(hop_seconds)
        """Samples between windows: shorter is a little more exact, and slower in proportion."""
        self.longest_print = longest_print_seconds
        """Seconds of solo speech that an embedding is made of: it takes 85 % of the time."""
        self.shortest_print = shortest_print_seconds
        """Seconds of solo speech below which there is no embedding."""
        self.rules = rules or Rules()
        self.tidy = tidy or Tidy()
        self._segmentation: InferenceSession | None = None
        self._embedding: InferenceSession | None = None
        self._space: VoiceSpace | None = None

    def on_disk(self) -> bool:
        """Return whether the package with the weights is installed."""
        return find() is not None

    def download(self, progress: Progress, again: bool = False) -> None:
        """Refuse: the weights come with a package.

        Raises:
            EngineMissing: the package is not installed, or is a release without weights.
        """
        if not self.on_disk():
            raise EngineMissing(self.card.engine, "moonshine-voice 0.0.73", INSTALL)
        progress(1, 1)

    def load(self, devices: Sequence[int]) -> None:
        """Open both networks; `devices` are ignored, they run on the CPU.

        Raises:
            EngineMissing: onnxruntime, or the package with the weights, is not installed.
            EngineError: the weights are not those that this engine was written for.
        """
        try:
            import onnxruntime
        except ImportError as error:
            raise EngineMissing(self.card.engine, "onnxruntime", "pip install onnxruntime") from error
        weights = read(find())
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        # The arena makes embeddings a tenth faster; it stays bounded, since no print is longer than 2 s.
        cpu = ["CPUExecutionProvider"]
        try:
            self._segmentation = onnxruntime.InferenceSession(weights.segmentation, options, providers=cpu)
            self._embedding = onnxruntime.InferenceSession(as_onnx(weights.embedding), options, providers=cpu)
        except Exception as error:  # those of onnxruntime have no base of their own
            raise EngineError(f"This onnxruntime cannot open the networks of community-1: {error}") from error
        self._space = weights.space

    def unload(self) -> None:
        """Drop both networks."""
        self._segmentation = self._embedding = self._space = None

    def listen(self, samples: NDArray[np.float32], start: float, track: str) -> Voices:
        """Hear one window of at most 10 s that begins `start` seconds into the track.

        Raises:
            CannotDo: the window is longer.
            EngineError: a network failed.
        """
        if len(samples) > WINDOW:
            raise CannotDo(f"community-1 hears windows of 10 s, not of {seconds(len(samples)):.1f} s.")
        sound = np.nan_to_num(np.pad(samples, (0, WINDOW - len(samples))), posinf=0, neginf=0).astype(np.float32)
        active = self._who(sound)
        active[_frames(len(samples)) :] = False
        solo = active & (active.sum(axis=1) == 1)[:, None]
        return Voices(
            start=start,
            end=start + seconds(len(samples)),
            track=track,
            speakers=SPEAKERS,
            active=np.packbits(active).tobytes(),
            frames=FRAMES,
            embeddings=self._prints(sound, solo).tobytes(),
            solo=tuple(float(count) * GRID.step for count in solo.sum(axis=0)),
        )

    def turns(self, heard: Sequence[Voices], count: SpeakerCount) -> list[SpeakerTurn]:
        """Tell who spoke when, over all windows heard so far of one track.

        A speaker that the count asks for may be outvoted in every frame; then those who said more are split instead.
        """
        if not heard:
            return []
        if self._space is None:
            raise EngineError("The engine community is not loaded.")
        prints = np.concatenate([window.voiceprints() for window in heard])
        vectors = self._space.project(prints).reshape(len(heard), SPEAKERS, -1)
        best: list[SpeakerTurn] = []
        for least in (self.rules.least, 2, 4):
            rules = msgspec.structs.replace(self.rules, least=least)
            labels = label_voices(heard, vectors, GRID, count, rules)
            turns = relabel(reconstruct(heard, labels, GRID, self.tidy))
            best = max(best, turns, key=_speakers)
            if _speakers(best) >= count.at_least:
                break
        return best

    @property
    def grid(self) -> Frames:
        """Where the frames of a window lie."""
        return GRID

    def vectors(self, window: Voices) -> NDArray[np.float32]:
        """Return how each local speaker of a window sounds, NaN where too little was heard. Shape (3, dimensions).

        Raises:
            EngineError: the engine is not loaded.
        """
        if self._space is None:
            raise EngineError("The engine community is not loaded.")
        return self._space.project(window.voiceprints())

    def _who(self, sound: NDArray[np.float32]) -> NDArray[np.bool_]:
        """Return who of three local speakers talks in each frame of a window. Shape (589, 3).

        The network gives its decision, not its doubts. The probabilities within it were tried too: a lower bar, for all
        speech or only to go on with it, found no more speech than it made up.
        """
        if np.abs(sound).max() < QUIET:
            return np.zeros((FRAMES, SPEAKERS), bool)
        talking: NDArray[np.bool_] = _run(self._segmentation, {"waveforms": sound[None, None]})[0] > 0.5
        return talking.copy()

    def _prints(self, sound: NDArray[np.float32], solo: NDArray[np.bool_]) -> NDArray[np.float32]:
        """Return the embedding of each local speaker's solo speech, NaN where there is too little. Shape (3, 256)."""
        prints = np.full((SPEAKERS, DIMENSIONS), np.nan, np.float32)
        if solo.sum(axis=0).max() * GRID.step < self.shortest_print:
            return prints
        features = fbank(sound)
        middles = (np.arange(len(features)) * SHIFT + FRAME / 2) / SAMPLE_RATE
        nearest = np.clip(np.rint((middles - GRID.middle) / GRID.step).astype(int), 0, FRAMES - 1)
        shift = SHIFT / SAMPLE_RATE
        for speaker in range(SPEAKERS):
            own = np.flatnonzero(solo[nearest, speaker])
            if len(own) * shift < self.shortest_print:
                continue
            spare = max(0, len(own) - round(self.longest_print / shift))
            part = features[own[spare // 2 : len(own) - (spare - spare // 2)]]
            inputs = {"fbank": (part - part.mean(axis=0))[None], "weights": np.ones((1, len(part)), np.float32)}
            prints[speaker] = _run(self._embedding, inputs)[0]
        return prints


def _speakers(turns: Sequence[SpeakerTurn]) -> int:
    return len({turn.speaker for turn in turns})


def _frames(length: int) -> int:
    """Return how many frames have their middle within so many samples."""
    return int(np.clip(np.ceil((seconds(length) - GRID.middle) / GRID.step), 0, FRAMES))


def _run(session: "InferenceSession | None", inputs: dict[str, NDArray[np.float32]]) -> NDArray[np.float32]:
    if session is None:
        raise EngineError("The engine community is not loaded.")
    try:
        outputs: list[Any] = session.run(None, inputs)
    except Exception as error:  # those of onnxruntime have no base of their own
        raise EngineError(f"community-1 could not hear this window: {error}") from error
    return np.asarray(outputs[0], np.float32)
