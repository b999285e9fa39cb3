"""The pool finds engines by name, and says what to do where it cannot."""

import os

import pytest

from pipeline.engine_pool import ENGINES, SILENT, Choice, EnginePool, UnknownEngine
from stages.engine import Card
from stages.engine_errors import EngineMissing

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(("role", "name"), [(role, name) for role, names in ENGINES.items() for name in names])
async def test_every_registered_engine_can_be_made_and_has_a_card(role: str, name: str) -> None:
    pool = EnginePool()
    card = pool.host(role, name).card  # type: ignore[arg-type]
    assert isinstance(card, Card)
    assert card.engine == name
    assert card.licence and card.attribution and card.model
    await pool.close()


async def test_no_engine_tells_others_what_is_done_here(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in SILENT:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DO_NOT_TRACK", "0")
    EnginePool().host("vad")
    assert {name: os.environ[name] for name in SILENT} == {**SILENT, "DO_NOT_TRACK": "0"}


async def test_the_same_choice_is_the_same_host() -> None:
    pool = EnginePool()
    assert pool.host("vad") is pool.host("vad", "silero")
    assert set(pool.hosts()) == {("vad", "silero")}
    await pool.close()


async def test_an_unknown_name_is_answered_with_the_known_ones() -> None:
    with pytest.raises(UnknownEngine, match=r"No asr engine is called 'moonshin'\. Ours are moonshine, canary"):
        EnginePool().host("asr", "moonshin")


async def test_a_missing_package_is_answered_with_the_command() -> None:
    pool = EnginePool({"asr": Choice(engine="no_such_package.asr:Engine")})
    with pytest.raises(EngineMissing, match="pip install no_such_package"):
        pool.host("asr")


async def test_wrong_options_are_named() -> None:
    pool = EnginePool({"vad": Choice(engine="silero", options={"colour": "red"})})
    with pytest.raises(UnknownEngine, match="colour"):
        pool.host("vad")


async def test_who_takes_what_is_left_of_a_gpu_leaves_room_for_its_neighbours() -> None:
    def beside(gpus: tuple[int, ...], **options: object) -> float:
        chat = Choice(engine="vllm", preferred_device_ids=gpus, options=options)
        canary = Choice(engine="canary", preferred_device_ids=(0,))
        pyannote = Choice(engine="pyannote", preferred_device_ids=(0, 1))
        pool = EnginePool({"asr": canary, "diarizer": pyannote, "chat": chat})
        left: float = pool.host("chat").engine.beside_gib
        return left

    assert (beside((0,)), beside((1,)), beside((2,))) == (8.0, 4.0, 0.0)
    assert (beside((0,), beside_gib=1.5), beside((0,), memory_share=0.5)) == (1.5, 0.0)
