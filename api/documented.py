"""Docstrings under the fields of a shape -> descriptions in the OpenAPI document: said once, read by both."""

import ast
import functools
import inspect
import textwrap
from collections.abc import Mapping

import msgspec


@functools.cache
def fields(shape: type[msgspec.Struct]) -> Mapping[str, str]:
    """Return the docstring of each field of a shape, by its name on the wire."""
    told: dict[str, str] = {}
    for kind in reversed(shape.__mro__):
        if kind is not msgspec.Struct and issubclass(kind, msgspec.Struct):
            told |= _written(kind)
    return {field.encode_name: told[field.name] for field in msgspec.structs.fields(shape) if field.name in told}


def _written(kind: type) -> dict[str, str]:
    (tree,) = ast.parse(textwrap.dedent(inspect.getsource(kind))).body
    if not isinstance(tree, ast.ClassDef):
        return {}
    told = {}
    for statement, following in zip(tree.body, tree.body[1:], strict=False):
        if (
            isinstance(statement, ast.AnnAssign)
            and isinstance(statement.target, ast.Name)
            and isinstance(following, ast.Expr)
            and isinstance(following.value, ast.Constant)
            and isinstance(following.value.value, str)
        ):
            told[statement.target.id] = inspect.cleandoc(following.value.value)
    return told
