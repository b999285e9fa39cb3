"""A Canary archive of a few kilobytes, or of any size, built as NVIDIA builds theirs: random weights that say words."""

import os
import tarfile
from collections.abc import Iterable, Sequence
from itertools import islice, product
from pathlib import Path
from typing import Any

import msgspec
import sentencepiece
import torch
from nemo.collections.asr.models import ASRModel, EncDecCTCModelBPE, EncDecMultiTaskModel
from nemo.utils.app_state import AppState
from omegaconf import OmegaConf

WORDS = tuple(
    "yes no we you they need want plan budget report monday friday team next meeting done open question".split()
)
"""What the model says."""
LANGUAGES = tuple("bg hr cs da nl en et fi fr de el hu it lv lt mt pl pt ro ru sk sl es sv uk".split())
SLOTS = ("pnc", "itn", "timestamp", "diarize")
SPECIAL = (
    "<|startofcontext|>",
    "<|startoftranscript|>",
    "<|endoftext|>",
    "<pad>",
    "<|nospeech|>",
    "<|emo:undefined|>",
    *(f"<|{no}{slot}|>" for slot in SLOTS for no in ("", "no")),
    *(f"<|{language}|>" for language in LANGUAGES),
)


class Size(msgspec.Struct, frozen=True, kw_only=True):
    """How large the networks are: tiny, unless told otherwise."""

    width: int = 32
    """Dimensions of encoder, decoder and aligner."""
    heads: int = 2
    """Of each attention."""
    widening: int = 2
    """Factor by which feed-forward layers are wider."""
    bands: int = 32
    """Of the spectrogram."""
    channels: int = 16
    """Of the convolutions that make one frame of eight steps."""
    encoder_layers: int = 1
    decoder_layers: int = 2
    aligner_layers: int = 1
    longest: int = 32
    """Tokens of a sentence, its prompt included."""
    unsaid: int = 0
    """Words that the model knows and never says."""


TINY = Size()


def build(path: Path, *, aligner: bool = True, seed: int = 9, eos: float = 2.5, size: Size = TINY) -> None:
    """Write a .nemo archive; a higher `eos` makes shorter sentences."""
    # NeMo believes that a model is being restored for as long as it remembers an archive.
    AppState()._all_model_restore_paths.clear()
    torch.manual_seed(seed)
    work = path.parent / f"{path.stem}-parts"
    vocabulary = work / "vocabulary"
    vocabulary.mkdir(parents=True)
    train_vocabulary(vocabulary, size.unsaid)
    canary = EncDecMultiTaskModel(OmegaConf.create(canary_config(vocabulary, size)))
    speak_words(canary, eos, size)
    if not aligner:
        canary.save_to(str(path))
        return
    folder = work / "archive"
    folder.mkdir()
    save(EncDecCTCModelBPE(OmegaConf.create(aligner_config(vocabulary, size))), folder)
    for name in ("config.yaml", "weights.ckpt"):
        (folder / f"model_{name}").rename(folder / f"timestamps_asr_model_{name}")
    save(canary, folder)
    with tarfile.open(path, "w:") as archive:
        for part in sorted(folder.iterdir()):
            archive.add(part, arcname=f"./{part.name}")


def save(model: ASRModel, folder: Path) -> None:
    """Put the parts of a model's archive into a folder."""
    packed = folder.with_suffix(".nemo")
    model.save_to(str(packed))
    with tarfile.open(packed) as archive:
        archive.extractall(folder, filter="data")
    packed.unlink()


def train_vocabulary(folder: Path, unsaid: int) -> None:
    """Make a SentencePiece model that knows the special tokens, whole words and letters."""
    text = folder / "text.txt"
    text.write_text("\n".join([*WORDS, *"abcdefghijklmnopqrstuvwxyz .,?"]))
    whole: Sequence[str] = [f"▁{word}" for word in (*WORDS, *made_up_words(unsaid))]
    sentencepiece.SentencePieceTrainer.train(
        input=str(text),
        model_prefix=str(folder / "tokenizer"),
        vocab_size=len(SPECIAL) + len(whole) + 32,
        hard_vocab_limit=False,
        model_type="bpe",
        user_defined_symbols=[*SPECIAL, *whole],
        bos_id=-1,
        eos_id=-1,
        pad_id=-1,
        minloglevel=2,
    )
    vocabulary = sentencepiece.SentencePieceProcessor(model_file=str(folder / "tokenizer.model"))
    pieces = [vocabulary.id_to_piece(number) for number in range(vocabulary.get_piece_size())]
    (folder / "vocab.txt").write_text("\n".join(pieces), encoding="utf-8")


def made_up_words(count: int) -> Iterable[str]:
    """Return words that can be pronounced."""
    syllables = ["".join(pair) for pair in product("bdfgklmnprstvz", "aeiou")]
    return islice(("".join(three) for three in product(syllables, repeat=3)), count)


def speak_words(canary: EncDecMultiTaskModel, eos: float, size: Size) -> None:
    """Bias the head to whole words and to the end of the sentence; let what is heard outweigh what was just said."""
    head = canary.log_softmax.mlp.layer0
    decoder = canary.transf_decoder.decoder
    spread = (TINY.width / size.width) ** 0.5
    with torch.no_grad():
        for name, weight in canary.encoder.named_parameters():
            if name.endswith("bias") and "norm" not in name:
                weight.zero_()
        for name, weight in decoder.layers.named_parameters():
            if weight.dim() == 2:
                weight.normal_(0.0, (3.0 if "second_sub_layer" in name else 0.2) * spread)
        # The head is tied to the embeddings: without mixed signs every word would call for itself.
        decoder.final_layer_norm.weight.copy_(torch.randn(size.width).sign())
        head.weight.normal_(0.0, 0.5 * spread)
        head.bias.fill_(-100.0)
        head.bias[[canary.tokenizer.token_to_id(f"▁{word}") for word in WORDS]] = 0.0
        head.bias[canary.tokenizer.eos_id] = eos


def tokenizer_config(folder: Path) -> dict[str, Any]:
    """Return how both models find their vocabulary."""
    return {"dir": os.fspath(folder), "type": "bpe"}


def preprocessor_config(size: Size) -> dict[str, Any]:
    """Return the log mel spectrogram that Canary hears."""
    return {
        "_target_": "nemo.collections.asr.modules.AudioToMelSpectrogramPreprocessor",
        "sample_rate": 16000,
        "normalize": "per_feature",
        "window_size": 0.025,
        "window_stride": 0.01,
        "window": "hann",
        "features": size.bands,
        "n_fft": 512,
        "log": True,
        "dither": 0.0,
        "pad_to": 0,
    }


def encoder_config(size: Size, layers: int) -> dict[str, Any]:
    """Return FastConformer; eight spectrogram steps make one frame of 80 ms."""
    return {
        "_target_": "nemo.collections.asr.modules.ConformerEncoder",
        "feat_in": size.bands,
        "feat_out": -1,
        "n_layers": layers,
        "d_model": size.width,
        "subsampling": "dw_striding",
        "subsampling_factor": 8,
        "subsampling_conv_channels": size.channels,
        "ff_expansion_factor": size.widening,
        "self_attention_model": "rel_pos",
        "n_heads": size.heads,
        "conv_kernel_size": 9,
        "dropout": 0.0,
        "dropout_pre_encoder": 0.0,
        "dropout_emb": 0.0,
        "dropout_att": 0.0,
    }


def canary_config(vocabulary: Path, size: Size) -> dict[str, Any]:
    """Return the configuration of the model that speaks."""
    slots = {"decodercontext": "", "emotion": "<|emo:undefined|>", "source_lang": "<|en|>", "target_lang": "<|en|>"}
    slots |= {"pnc": "<|pnc|>", "itn": "<|noitn|>", "timestamp": "<|notimestamp|>", "diarize": "<|nodiarize|>"}
    return {
        "sample_rate": 16000,
        "prompt_format": "canary2",
        "prompt_defaults": [{"role": "user", "slots": slots}],
        "model_defaults": {"asr_enc_hidden": size.width, "lm_enc_hidden": size.width, "lm_dec_hidden": size.width},
        "tokenizer": tokenizer_config(vocabulary)
        | {
            "model_path": os.fspath(vocabulary / "tokenizer.model"),
            "custom_tokenizer": {"_target_": "nemo.collections.common.tokenizers.canary_tokenizer.CanaryBPETokenizer"},
        },
        "preprocessor": preprocessor_config(size),
        "encoder": encoder_config(size, size.encoder_layers),
        "transf_encoder": None,
        "transf_decoder": {
            "_target_": "nemo.collections.asr.modules.transformer.get_nemo_transformer",
            "model_name": None,
            "pretrained": False,
            "encoder": None,
            "pre_ln_final_layer_norm": True,
            "config_dict": {
                "max_sequence_length": size.longest,
                "num_token_types": 0,
                "embedding_dropout": 0.0,
                "learn_positional_encodings": False,
                "hidden_size": size.width,
                "inner_size": size.widening * size.width,
                "num_layers": size.decoder_layers,
                "num_attention_heads": size.heads,
                "ffn_dropout": 0.0,
                "attn_score_dropout": 0.0,
                "attn_layer_dropout": 0.0,
                "hidden_act": "relu",
                "pre_ln": True,
                "vocab_size": None,
            },
        },
        "head": {
            "_target_": "nemo.collections.asr.parts.submodules.token_classifier.TokenClassifier",
            "num_layers": 1,
            "activation": "relu",
            "log_softmax": True,
            "hidden_size": size.width,
            "num_classes": None,
            "dropout": 0.0,
            "use_transformer_init": True,
        },
        "decoding": {"strategy": "beam", "beam": {"beam_size": 1, "len_pen": 0.0, "max_generation_delta": 50}},
        "loss": {
            "_target_": "nemo.collections.common.losses.smoothed_cross_entropy.SmoothedCrossEntropyLoss",
            "label_smoothing": 0.0,
            "pad_id": None,
        },
    }


def aligner_config(vocabulary: Path, size: Size) -> dict[str, Any]:
    """Return the configuration of the CTC model that finds when the words were said."""
    return {
        "sample_rate": 16000,
        "tokenizer": tokenizer_config(vocabulary),
        "preprocessor": preprocessor_config(size),
        "encoder": encoder_config(size, size.aligner_layers),
        "decoder": {
            "_target_": "nemo.collections.asr.modules.ConvASRDecoder",
            "feat_in": size.width,
            "num_classes": -1,
            "vocabulary": [],
        },
        "decoding": {"strategy": "greedy_batch"},
    }
