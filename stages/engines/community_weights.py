"""A package's library -> weights of community-1, which it carries as exported data: read and checked, never called."""

import ctypes
import hashlib
import importlib.util
from pathlib import Path

import msgspec
import numpy as np

from stages.engine_errors import EngineError, EngineMissing
from stages.voice_space import Floats, VoiceSpace

PACKAGE = "moonshine_voice"
LIBRARY = "libmoonshine.so"
INSTALL = "pip install --no-deps moonshine-voice==0.0.73"
"""The last release that carries the weights; its own dependencies are for a microphone and are not needed."""


class Blob(msgspec.Struct, frozen=True):
    """A network within the library, in onnxruntime's own format."""

    symbol: str
    size: int
    """Bytes."""
    sha256: str


SEGMENTATION = Blob(
    "segmentation_ort_data", 1_594_080, "9715e3996ef181252aa1cc0c9398060f42b2c984c2fb65e3604262555e2efb1a"
)
EMBEDDING = Blob("embedding_ort_data", 6_975_920, "6e4af7d49562e6e7042672e444d6394935cb2c23c3a7dd4919da45922b91735b")

MATRICES = "278e319688b46404ba5ec81aad4cc4fbeebd284d2e5bed00818204fe220cc364"
"""SHA-256 of the six matrices of the voice space, as float64, one after the other."""


class Weights(msgspec.Struct, frozen=True, eq=False):
    """What the engine loads."""

    segmentation: bytes
    embedding: bytes
    space: VoiceSpace


def find(package: str = PACKAGE) -> Path | None:
    """Return where the library lies; None where the package is missing or has none."""
    found = importlib.util.find_spec(package)
    if found is None or not found.submodule_search_locations:
        return None
    library = Path(found.submodule_search_locations[0]) / LIBRARY
    return library if library.is_file() else None


def read(path: Path | None) -> Weights:
    """Return the networks and matrices that a library carries, checked.

    Raises:
        EngineMissing: the package is not installed.
        EngineError: the library is another release, or damaged.
    """
    if path is None:
        raise EngineMissing("community", "moonshine-voice 0.0.73", INSTALL)
    try:
        library = ctypes.CDLL(str(path))
        networks = [_network(library, blob) for blob in (SEGMENTATION, EMBEDDING)]
        return Weights(networks[0], networks[1], _space(library))
    except (OSError, ValueError) as error:
        raise EngineError(
            f"{path} does not carry the weights of community-1: {error}. Install it again: {INSTALL}"
        ) from error


def _symbol(name: str) -> str:
    """Return the linker's name of `cppannote::embedded_community1::name`. Source: Itanium C++ ABI, 5.1 (mangling)."""
    return f"_ZN9cppannote19embedded_community1{len(name)}{name}E"


def _network(library: ctypes.CDLL, blob: Blob) -> bytes:
    size = ctypes.c_size_t.in_dll(library, _symbol(f"{blob.symbol}_size")).value
    if size != blob.size:
        raise ValueError(f"{blob.symbol} has {size} bytes, not {blob.size}")
    content = bytes((ctypes.c_char * size).in_dll(library, _symbol(blob.symbol)))
    if hashlib.sha256(content).hexdigest() != blob.sha256:
        raise ValueError(f"{blob.symbol} has another checksum")
    return content


def _matrix(library: ctypes.CDLL, name: str, kind: str, *shape: int) -> Floats:
    count = int(np.prod(shape)) * np.dtype(kind).itemsize
    content = bytes((ctypes.c_char * count).in_dll(library, _symbol(name)))
    return np.frombuffer(content, kind).reshape(shape).astype(np.float64)


def _space(library: ctypes.CDLL) -> VoiceSpace:
    matrices = (
        _matrix(library, "xvec_mean1", "f8", 256),
        _matrix(library, "xvec_lda", "f4", 256, 128),
        _matrix(library, "xvec_mean2", "f4", 128),
        _matrix(library, "plda_mu", "f8", 128),
        _matrix(library, "plda_tr", "f8", 128, 128),
        _matrix(library, "plda_psi", "f8", 128),
    )
    digest = hashlib.sha256(b"".join(matrix.tobytes() for matrix in matrices)).hexdigest()
    if digest != MATRICES:
        raise ValueError("its PLDA matrices have another checksum")
    return VoiceSpace.of(*matrices)
