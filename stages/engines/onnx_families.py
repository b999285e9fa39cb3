"""What onnx-asr knows: kinds of models with their files, and models of the hub that were exported for it."""

from collections.abc import Mapping

import msgspec

EUROPEAN = tuple("bg hr cs da nl en et fi fr de el hu it lv lt mt pl pt ro ru sk sl es sv uk".split())
"""Source: the model cards of canary-1b-v2 and parakeet-tdt-0.6b-v3."""
WORLD = tuple(
    "en zh de es ru ko fr ja pt tr pl ca nl ar sv it id hi fi vi he uk el ms cs ro da hu ta no th ur hr bg lt la mi ml "
    "cy sk te fa lv bn sr az sl kn et mk br eu is hy ne mn bs kk sq sw gl mr pa si km sn yo so af oc ka be tg sd gu am "
    "yi lo uz fo ht ps tk nn mt sa lb my bo tl mg as tt ln ha ba su".split()
)
"""Source: Whisper's tokenizer, without languages that have no code of two letters."""


class Family(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of model."""

    networks: tuple[str, ...]
    """Names of its network files, without their suffix."""
    others: tuple[str, ...] = ("config.json", "vocab.txt")
    """What else it needs."""
    languages: tuple[str, ...] = ("en",)
    """That its best known model speaks."""
    capabilities: tuple[str, ...] = ()
    """Among those of a card."""
    takes_language: bool = False
    """Whether it is told what is spoken."""
    must_be_told: bool = False
    """Whether it cannot tell by itself."""
    most_tokens: int | None = None
    """Tokens after which its decoder stops; None where the sound itself is the limit."""


class Model(msgspec.Struct, frozen=True, kw_only=True):
    """A model of the hub."""

    kind: str
    """Of `FAMILIES`."""
    author: str
    """Who made it, and who exported it."""
    licence: str
    """SPDX identifier."""
    languages: tuple[str, ...]
    """ISO 639-1 codes."""


TIMED = ("word_times",)
WHISPER = ("config.json", "vocab.json", "added_tokens.json")
FAMILIES: Mapping[str, Family] = {
    "nemo-conformer-ctc": Family(networks=("model",), capabilities=TIMED),
    "nemo-conformer-rnnt": Family(networks=("encoder-model", "decoder_joint-model"), capabilities=TIMED),
    "nemo-conformer-tdt": Family(
        networks=("encoder-model", "decoder_joint-model"), capabilities=TIMED, languages=EUROPEAN
    ),
    "nemo-conformer-aed": Family(
        networks=("encoder-model", "decoder-model"),
        languages=EUROPEAN,
        capabilities=("translation", "language_by_score"),
        takes_language=True,
        must_be_told=True,
        most_tokens=1000,
    ),
    "whisper-ort": Family(networks=("whisper-*_beamsearch",), others=WHISPER, languages=WORLD, takes_language=True),
    "whisper": Family(
        networks=("onnx/encoder_model", "onnx/decoder_model_merged"),
        others=WHISPER,
        languages=WORLD,
        takes_language=True,
    ),
}
"""By onnx-asr's name of the kind."""
MODELS: Mapping[str, Model] = {
    "istupakov/parakeet-tdt-0.6b-v3-onnx": Model(
        kind="nemo-conformer-tdt", author="NVIDIA, exported by istupakov", licence="CC-BY-4.0", languages=EUROPEAN
    ),
    "istupakov/parakeet-tdt-0.6b-v2-onnx": Model(
        kind="nemo-conformer-tdt", author="NVIDIA, exported by istupakov", licence="CC-BY-4.0", languages=("en",)
    ),
    "istupakov/canary-1b-v2-onnx": Model(
        kind="nemo-conformer-aed", author="NVIDIA, exported by istupakov", licence="CC-BY-4.0", languages=EUROPEAN
    ),
    "istupakov/whisper-base-onnx": Model(
        kind="whisper-ort", author="OpenAI, exported by istupakov", licence="MIT", languages=WORLD
    ),
}


def files_of(family: Family, quantization: str) -> list[str]:
    """Return patterns of the files that a model of a family needs, those of its networks first."""
    networks = [f"{name}{f'?{quantization}' if quantization else ''}.onnx" for name in family.networks]
    return [*networks, *(name.replace(".onnx", ".onnx?data") for name in networks), *family.others]
