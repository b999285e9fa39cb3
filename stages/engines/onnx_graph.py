"""Nodes and weights -> the bytes of an ONNX model, so that a graph is built without the `onnx` package.

Only the fields that our graphs use are written.
Source: onnx.proto3 of ONNX (field numbers), and the encoding guide of Protocol Buffers.
"""

import struct
from collections.abc import Sequence

IR_VERSION = 9
"""Version of the file format: the first that allows operator set 20."""
OPSET = 20
"""Version of the standard operators: the first with Gelu."""
MICROSOFT_OPSET = 1
"""Version of onnxruntime's own operators (domain com.microsoft)."""

FLOAT, INT64, INT32 = 1, 7, 6
"""Element types, as TensorProto.DataType numbers them."""

_VARINT, _BYTES, _FIXED32 = 0, 2, 5
_ATTRIBUTE_FLOAT, _ATTRIBUTE_INT = 1, 2
_EXTERNAL = 1

Attribute = float | int


class Graph:
    """Collects nodes in the order in which they are to run."""

    def __init__(self) -> None:
        self._nodes: list[bytes] = []
        self._weights: list[bytes] = []
        self._inputs: list[bytes] = []
        self._outputs: list[bytes] = []

    def input(self, name: str, kind: int, shape: Sequence[int | str]) -> str:
        """Declare an input; a name as a dimension leaves it open."""
        self._inputs.append(_declaration(name, kind, shape))
        return name

    def output(self, name: str, kind: int, shape: Sequence[int | str]) -> None:
        """Declare that a value is a result."""
        self._outputs.append(_declaration(name, kind, shape))

    def weight(self, name: str, shape: Sequence[int], file: str, offset: int, length: int) -> str:
        """Declare a float tensor that lies in a file beside the model, at a byte offset."""
        place = {"location": file, "offset": str(offset), "length": str(length)}
        entries = b"".join(_message(13, _text(1, key) + _text(2, value)) for key, value in place.items())
        self._weights.append(_dimensions(shape) + _number(2, FLOAT) + _text(8, name) + entries + _number(14, _EXTERNAL))
        return name

    def integers(self, name: str, values: Sequence[int]) -> str:
        """Declare a constant vector of integers."""
        raw = struct.pack(f"<{len(values)}q", *values)
        self._weights.append(_dimensions([len(values)]) + _number(2, INT64) + _text(8, name) + _message(9, raw))
        return name

    def node(self, operator: str, *inputs: str, domain: str = "", **attributes: Attribute) -> str:
        """Add an operator and return the name of its result; an empty name leaves an input out."""
        result = f"{operator}_{len(self._nodes)}"
        body = b"".join(_text(1, name) for name in inputs) + _text(2, result) + _text(4, operator)
        body += b"".join(_attribute(name, value) for name, value in attributes.items())
        self._nodes.append(body + _text(7, domain))
        return result

    def model(self) -> bytes:
        """Return the finished model."""
        graph = b"".join(_message(1, node) for node in self._nodes) + _text(2, "graph")
        graph += b"".join(_message(5, weight) for weight in self._weights)
        graph += b"".join(_message(11, value) for value in self._inputs)
        graph += b"".join(_message(12, value) for value in self._outputs)
        standard = _message(8, _text(1, "") + _number(2, OPSET))
        microsoft = _message(8, _text(1, "com.microsoft") + _number(2, MICROSOFT_OPSET))
        return _number(1, IR_VERSION) + _message(7, graph) + standard + microsoft


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3 | _VARINT) + _varint(value)


def _message(field: int, body: bytes) -> bytes:
    return _varint(field << 3 | _BYTES) + _varint(len(body)) + body


def _text(field: int, value: str) -> bytes:
    return _message(field, value.encode())


def _dimensions(shape: Sequence[int]) -> bytes:
    return b"".join(_number(1, size) for size in shape)


def _attribute(name: str, value: Attribute) -> bytes:
    if isinstance(value, float):
        body = _varint(2 << 3 | _FIXED32) + struct.pack("<f", value) + _number(20, _ATTRIBUTE_FLOAT)
    else:
        # Negative numbers travel as 64-bit two's complement.
        body = _number(3, value & 0xFFFFFFFFFFFFFFFF) + _number(20, _ATTRIBUTE_INT)
    return _message(5, _text(1, name) + body)


def _declaration(name: str, kind: int, shape: Sequence[int | str]) -> bytes:
    sizes = (_text(2, size) if isinstance(size, str) else _number(1, size) for size in shape)
    tensor = _number(1, kind) + _message(2, b"".join(_message(1, size) for size in sizes))
    return _text(1, name) + _message(2, _message(1, tensor))
