"""NeMo's AlignAtt beside hearing a growing sentence again: the bench that compares them does what it says."""

from pathlib import Path

from stages.engines.canary import Canary
from tests.bench.gpu.canary import ENGLISH, SPOKEN
from tests.bench.gpu.streaming import align_att, counted, grown
from tests.models import real_size, tiny_canary
from tests.models.babble import babble
from tests.models.forced import force_length


def test_align_att_goes_on_where_it_was_and_hears_everything_again(tmp_path: Path) -> None:
    size = tiny_canary.Size(longest=512)
    tiny_canary.build(tmp_path / "canary-1b-v2.nemo", size=size, eos=real_size.EOS)
    engine = Canary(folder=tmp_path)
    engine.load(())
    force_length(engine)
    talk = babble(SPOKEN)
    for step in (0.5, 1.0):
        advance = align_att(engine, step)
        with counted(engine) as on:
            for sound in grown(talk, step):
                advance(sound)
        with counted(engine) as again:
            for sound in grown(talk, step):
                engine.transcribe([sound], ENGLISH)
        assert on.steps == SPOKEN * real_size.TOKENS_PER_SECOND
        assert again.steps > 4 * on.steps
        assert abs(again.frames - on.frames) <= 6, "but for padding, the encoder has the same work"
    engine.unload()
