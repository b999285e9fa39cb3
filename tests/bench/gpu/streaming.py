"""What a growing sentence costs Canary: heard again as a whole, as live meetings do, beside NeMo's AlignAtt.

AlignAtt goes on from its last token on what the encoder makes of all sound so far. Both ways are forced to four tokens
for each second of speech: how AlignAtt chooses to wait, and what it understands, needs real weights: not measured here.
"""

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray

from stages.engines.canary import Canary
from tests.bench.gpu.canary import ENGLISH, HEARD_AGAIN, SPOKEN, loaded
from tests.bench.gpu.timing import Bench
from tests.models import real_size, tiny_canary
from tests.models.babble import RATE, babble
from tests.models.real_size import TOKENS_PER_SECOND

MIDDLE = tiny_canary.Size(
    width=256,
    heads=4,
    widening=4,
    bands=80,
    channels=64,
    encoder_layers=8,
    decoder_layers=4,
    aligner_layers=6,
    longest=512,
    unsaid=2000,
)
"""For a CPU: large enough that the networks take the time, and not what is around them."""
FRAME = 0.08
"""Seconds behind a frame of the encoder."""

Sound = NDArray[np.float32]
Advance = Callable[[Sound], object]
"""Takes everything that was said so far, and says what it is."""


class Work(msgspec.Struct):
    """What the networks were asked."""

    frames: int = 0
    """That the encoder made."""
    steps: int = 0
    """That the decoder took."""


def measure(bench: Bench) -> Iterator[str]:
    """Yield figures as they are found."""
    folder = bench.folder / "canary"
    folder.mkdir()
    size = real_size.CANARY if bench.real else MIDDLE
    tiny_canary.build(folder / "canary-1b-v2.nemo", size=size, eos=real_size.EOS)
    engine = loaded(bench, folder, "auto" if bench.real else "float32")
    talk = babble(SPOKEN)
    ways: dict[str, Callable[[float], Advance]] = {
        "heard again, with word times": lambda step: lambda sound: engine.transcribe([sound], ENGLISH),
        "heard again, words alone": lambda step: lambda sound: engine._decode([sound], ENGLISH),
        "AlignAtt": lambda step: align_att(engine, step),
        "the encoder alone": lambda step: lambda sound: encoded(engine._model, sound),
    }
    weights = sum(weight.numel() for weight in engine._model.parameters())
    clock = "of the processor" if bench.device == "cpu" else "of the clock"
    yield f"canary, {weights / 1e6:.0f} million weights, {SPOKEN:.0f} s of speech that grow, seconds {clock}"
    for step in HEARD_AGAIN:
        for name, begin in ways.items():
            yield f"every {step} s, {name}: {_told(bench, engine, begin, talk, step)}"
    engine.unload()


def _told(bench: Bench, engine: Canary, begin: Callable[[float], Advance], talk: Sound, step: float) -> str:
    with counted(engine) as work:
        _run(bench, begin(step), talk, step)
    runs = sorted((_run(bench, begin(step), talk, step) for _ in range(bench.repeats)), key=sum)
    took = runs[len(runs) // 2]
    return (
        f"{sum(took) / SPOKEN:.4f} s a second of sound; {work.frames} encoder frames, {work.steps} decoder steps; "
        f"an answer takes {1000 * statistics.median(took):.0f} ms, the last {1000 * took[-1]:.0f} ms"
    )


def _run(bench: Bench, advance: Advance, talk: Sound, step: float) -> list[float]:
    """Return the seconds that each step took: of the processor, where that is what works."""
    clock = time.process_time if bench.device == "cpu" else time.perf_counter
    took = []
    for sound in grown(talk, step):
        bench.finish()
        began = clock()
        advance(sound)
        bench.finish()
        took.append(clock() - began)
    return took


def grown(talk: Sound, step: float) -> Iterator[Sound]:
    """Yield what was said after each step."""
    for end in np.arange(step, SPOKEN + step / 2, step):
        yield talk[: round(end * RATE)]


@contextmanager
def counted(engine: Canary) -> Iterator[Work]:
    """Count what the networks are asked within the block; the aligner's encoder is not counted."""
    work, model = Work(), engine._model

    def encoder(_: Any, __: Any, made: Any) -> None:
        work.frames += made[0].shape[-1]

    def decoder(_: Any, __: Any) -> None:
        work.steps += 1

    hooks = [
        model.encoder.register_forward_hook(encoder),
        model.transf_decoder.decoder.layers[0].register_forward_pre_hook(decoder),
    ]
    try:
        yield work
    finally:
        for hook in hooks:
            hook.remove()


def align_att(engine: Canary, step: float) -> Advance:
    """Begin a sentence. Source: NeMo's speech_to_text_aed_streaming_infer.py, for one stream."""
    from nemo.collections.asr.parts.submodules.aed_decoding import aed_batched_streaming as streaming
    from nemo.collections.asr.parts.submodules.multitask_decoding import AEDStreamingDecodingConfig
    from nemo.collections.asr.parts.utils.streaming_utils import ContextSize
    from omegaconf import OmegaConf

    model, frames = engine._model, round(step / FRAME)
    # A threshold that every frame is beyond: it waits for nothing but its share of tokens. Fewer frames than it leaves
    # out at the start (`exclude_sink_frames`) are an IndexError of NeMo 3.0: then it begins with the second step.
    first = 1 if frames > AEDStreamingDecodingConfig.exclude_sink_frames else 2
    policy = AEDStreamingDecodingConfig(
        streaming_policy="alignatt", alignatt_thr=-1e9, waitk_lagging=first, hallucinations_detector=False
    )
    asked = {"source_lang": "en", "target_lang": "en", "pnc": "yes", "timestamp": "no"}
    prompt = streaming.return_decoder_input_ids(SimpleNamespace(prompt=OmegaConf.create(asked), batch_size=1), model)
    computer = streaming.GreedyBatchedStreamingAEDComputer(model, frame_chunk_size=frames, decoding_cfg=policy)
    state = computer.initialize_aed_model_state(model, prompt, 1, ContextSize(0, frames, 0), step, 0.0)
    state.is_last_chunk_batch = torch.zeros(1, dtype=torch.bool, device=model.device)

    def said() -> int:
        return int(state.current_context_lengths[0]) - int(prompt.shape[-1])

    def advance(sound: Sound) -> None:
        due = round(len(sound) / RATE * TOKENS_PER_SECOND)
        state.max_tokens_per_alignatt_step = due - said()
        with torch.inference_mode():
            computer(*encoded(model, sound), state)
        assert said() == due or state.decoding_step < 0, "both ways say as much"

    return advance


def encoded(model: Any, sound: Sound) -> tuple[Any, Any, Any]:
    """Return what the encoder makes of all sound so far: states, their number, and their mask."""
    signal = torch.from_numpy(sound)[None].to(model.device)
    length = torch.tensor([len(sound)], device=model.device)
    with torch.inference_mode():
        _, lengths, states, mask = model.forward(input_signal=signal, input_signal_length=length)
    return states, lengths, mask
