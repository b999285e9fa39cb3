"""The C functions of PocketSphinx that alignment needs, called without holding Python's lock."""

import ctypes
import importlib.util
from collections.abc import Iterator
from ctypes import POINTER, byref, c_char_p, c_double, c_int, c_long, c_size_t, c_void_p
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from stages.engine_errors import EngineError

SIGNATURES = {
    "err_set_loglevel_str": (c_char_p, (c_char_p,)),
    "ps_config_init": (c_void_p, (c_void_p,)),
    "ps_config_set_str": (c_void_p, (c_void_p, c_char_p, c_char_p)),
    "ps_config_set_int": (c_void_p, (c_void_p, c_char_p, c_long)),
    "ps_config_set_float": (c_void_p, (c_void_p, c_char_p, c_double)),
    "ps_config_set_bool": (c_void_p, (c_void_p, c_char_p, c_int)),
    "ps_config_free": (c_int, (c_void_p,)),
    "ps_init": (c_void_p, (c_void_p,)),
    "ps_free": (c_int, (c_void_p,)),
    "ps_lookup_word": (c_void_p, (c_void_p, c_char_p)),
    "ps_add_word": (c_int, (c_void_p, c_char_p, c_char_p, c_int)),
    "ps_set_align_text": (c_int, (c_void_p, c_char_p)),
    "ps_start_stream": (c_int, (c_void_p,)),
    "ps_start_utt": (c_int, (c_void_p,)),
    "ps_process_raw": (c_int, (c_void_p, c_void_p, c_size_t, c_int, c_int)),
    "ps_end_utt": (c_int, (c_void_p,)),
    "ps_seg_iter": (c_void_p, (c_void_p,)),
    "ps_seg_next": (c_void_p, (c_void_p,)),
    "ps_seg_word": (c_char_p, (c_void_p,)),
    "ps_seg_frames": (None, (c_void_p, POINTER(c_int), POINTER(c_int))),
    "ps_seg_prob": (c_int, (c_void_p, POINTER(c_int), POINTER(c_int), POINTER(c_int))),
}
"""Result and arguments. Source: include/pocketsphinx.h of PocketSphinx 5.1."""

BEAMS = {b"beam": 1e-300, b"pbeam": 1e-300, b"wbeam": 1e-300}
"""How improbable a path may become before it is given up. Of 59 stretches of 8 s, most of them far from the microphone,
the default beams (1e-48) placed 40, these 56: where a recognizer is to choose fast, an aligner has one path and may not
lose it. It costs 25 % more time, of which leaving out the pass over the lattice gives half back."""


class Placed(NamedTuple):
    """A word where the decoder put it."""

    word: str
    """As it was given, without the number of its pronunciation."""
    first: int
    """First frame of 10 ms."""
    last: int
    """Last frame of 10 ms, included."""
    score: int
    """Sum over its frames of how much worse its sounds fit than the best: a logarithm in the decoder's coarse unit."""


def find() -> Path | None:
    """Return where the package lies, without importing it; None where it is not installed."""
    found = importlib.util.find_spec("pocketsphinx")
    return Path(found.origin).parent if found and found.origin else None


class Sphinx:
    """A decoder that puts known words in their places in a sound.

    The package's own Python class does the same, but keeps Python's lock while it works: 0.3 s for 15 s of sound, in
    which no other thread runs, and no caption is sent. A call through ctypes gives the lock away.
    """

    def __init__(self, folder: Path) -> None:
        """Load the acoustic model and the dictionary of American English that the package carries.

        Raises:
            EngineError: the library is of another kind than expected, or the model cannot be read.
        """
        try:
            self._library = ctypes.CDLL(str(next(folder.glob("_pocketsphinx*"))))
            for name, (result, arguments) in SIGNATURES.items():
                function = getattr(self._library, name)
                function.restype, function.argtypes = result, arguments
        except (OSError, AttributeError, StopIteration) as error:
            raise EngineError(
                f"The package pocketsphinx in {folder} does not bring the library of release 5.1."
            ) from error
        model = folder / "model" / "en-us"
        library = self._library
        library.err_set_loglevel_str(b"FATAL")
        config = c_void_p(library.ps_config_init(None))
        library.ps_config_set_str(config, b"hmm", str(model / "en-us").encode())
        library.ps_config_set_str(config, b"dict", str(model / "cmudict-en-us.dict").encode())
        library.ps_config_set_int(config, b"samprate", 16_000)
        library.ps_config_set_str(config, b"loglevel", b"FATAL")
        library.ps_config_set_bool(config, b"bestpath", 0)
        for beam, width in BEAMS.items():
            library.ps_config_set_float(config, beam, width)
        self._decoder = c_void_p(library.ps_init(config))
        library.ps_config_free(config)
        if not self._decoder:
            raise EngineError(f"The model of pocketsphinx in {model} cannot be read.")

    def close(self) -> None:
        """Give the memory back."""
        self._library.ps_free(self._decoder)
        self._decoder = c_void_p()

    def knows(self, word: str) -> bool:
        """Return whether the dictionary has a pronunciation."""
        found = self._library.ps_lookup_word(self._decoder, word.encode())
        if found:
            ctypes.CDLL(None).free(c_void_p(found))
        return bool(found)

    def learn(self, word: str, phones: str) -> bool:
        """Add a pronunciation; return whether the model has all of its phones."""
        return int(self._library.ps_add_word(self._decoder, word.encode(), phones.encode(), 1)) >= 0

    def place(self, samples: NDArray[np.int16], words: list[str]) -> list[Placed]:
        """Put the words in their places; nothing where they do not fit at all. Every call begins afresh."""
        library, decoder = self._library, self._decoder
        if library.ps_set_align_text(decoder, " ".join(words).encode()) < 0:
            return []
        library.ps_start_stream(decoder)
        if library.ps_start_utt(decoder) < 0:
            return []
        sound = np.ascontiguousarray(samples)
        library.ps_process_raw(decoder, sound.ctypes.data, len(sound), 0, 1)
        library.ps_end_utt(decoder)
        return [placed for placed in self._segments() if placed.word[0] not in "<[("]

    def _segments(self) -> Iterator[Placed]:
        library = self._library
        at = library.ps_seg_iter(self._decoder)
        first, last, score, language, back = (c_int() for _ in range(5))
        while at:
            library.ps_seg_frames(at, byref(first), byref(last))
            library.ps_seg_prob(at, byref(score), byref(language), byref(back))
            yield Placed(
                library.ps_seg_word(at).decode().partition("(")[0] or "(", first.value, last.value, score.value
            )
            at = library.ps_seg_next(at)
