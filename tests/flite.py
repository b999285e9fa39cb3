"""Text -> speech with the time of every word, by the flite synthesizer's own library."""

import ctypes
import functools
from collections.abc import Iterator, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE = 16_000
VOICES = ("slt", "awb", "rms", "kal16")


class SaidWord(msgspec.Struct, frozen=True):
    """A word of the text."""

    text: str
    """As it stands in the text, without punctuation."""
    start: float
    """Seconds from the start of the sound."""
    end: float
    """Seconds from the start of the sound."""


class Reading(msgspec.Struct, frozen=True, eq=False):
    """A text read aloud."""

    samples: NDArray[np.float32]
    """Shape (n,), in -1..1, 16 kHz."""
    words: Sequence[SaidWord]
    """In time order."""


class _Wave(ctypes.Structure):
    """`cst_wave` of flite 2."""

    _fields_ = (
        ("type", ctypes.c_char_p),
        ("rate", ctypes.c_int),
        ("count", ctypes.c_int),
        ("channels", ctypes.c_int),
        ("samples", ctypes.POINTER(ctypes.c_short)),
    )


@functools.cache
def _library() -> ctypes.CDLL:
    library = ctypes.CDLL("libflite.so.1", ctypes.RTLD_GLOBAL)
    for name in (
        "flite_synth_text",
        "utt_relation",
        "relation_head",
        "item_next",
        "item_as",
        "item_parent",
        "flite_ffeature_string",
    ):
        getattr(library, name).restype = ctypes.c_void_p
    library.utt_wave.restype = ctypes.POINTER(_Wave)
    library.flite_ffeature_float.restype = ctypes.c_float
    library.flite_init()
    return library


@functools.cache
def _voice(name: str) -> ctypes.c_void_p:
    _library()
    register = getattr(ctypes.CDLL(f"libflite_cmu_us_{name}.so.1"), f"register_cmu_us_{name}")
    register.restype = ctypes.c_void_p
    return ctypes.c_void_p(register(None))


def installed() -> bool:
    """Return whether flite and its voices are on this machine."""
    try:
        return all(_voice(name) for name in VOICES)
    except OSError:
        return False


def read_aloud(text: str, voice: str = "slt") -> Reading:
    """Read a text in one of `VOICES`, always alike."""
    library = _library()
    ctypes.CDLL(None).srand(0)
    utterance = ctypes.c_void_p(library.flite_synth_text(text.encode(), _voice(voice)))
    wave = library.utt_wave(utterance).contents
    assert wave.rate == SAMPLE_RATE and wave.channels == 1
    samples = (np.ctypeslib.as_array(wave.samples, (wave.count,)) / 32_768).astype(np.float32)
    words = list(_words(utterance))
    library.delete_utterance(utterance)
    return Reading(samples, words)


def _words(utterance: ctypes.c_void_p) -> Iterator[SaidWord]:
    """Give every token of the text the time of all that was said for it: "42" is two spoken words."""
    library = _library()
    item = library.relation_head(ctypes.c_void_p(library.utt_relation(utterance, b"Word")))
    token, said = None, None
    while item:
        here = ctypes.c_void_p(item)
        parent = library.item_parent(ctypes.c_void_p(library.item_as(here, b"Token")))
        start = library.flite_ffeature_float(here, b"R:SylStructure.daughter1.daughter1.R:Segment.p.end")
        end = library.flite_ffeature_float(here, b"R:SylStructure.daughtern.daughtern.R:Segment.end")
        if said is not None and parent == token:
            said = SaidWord(said.text, said.start, end)
        else:
            if said is not None:
                yield said
            name = ctypes.string_at(library.flite_ffeature_string(here, b"R:Token.parent.name"))
            token, said = parent, SaidWord(name.decode(), start, end)
        item = library.item_next(here)
    if said is not None:
        yield said
