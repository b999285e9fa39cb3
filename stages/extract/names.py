"""Request -> the name it calls: "Anna, can you ..." and "can you ..., Anna?". English only."""

import re

from stages.extract.english import NUMBERS, SMALL

_NAME = r"([A-Z][\w'-]+(?: [A-Z][\w'-]+)?)"
_CALLED = (
    re.compile(rf"\b(?:please|could you|can you|would you|will you)(?: please)?, {_NAME}|you, {_NAME}, "),
    re.compile(
        rf"(?:^|[.,;] |\b(?:[Aa]nd|[Ss]o|[Oo]kay|[Rr]ight|[Tt]hen|[Ww]ell|[Aa]lso|[Yy]es|[Ss]ure|"
        rf"[Gg]reat) ){_NAME},? (?:[^.?!]{{0,60}}, )?"
        r"(?:can|could|would|will|please|maybe|do|don't|make sure|I need|I'd|you)\b"
    ),
    re.compile(rf"[, ]{_NAME}(?:,? please)?[?.!]?$"),
    re.compile(rf", {_NAME}, (?:once|when|as soon|before|after|by|until|on|please)\b"),
)
_NO_NAMES = frozenset(
    """
    english german french spanish italian polish danish dutch european american british it hr pr ui ux api ceo cto cfo
    qa may christmas easter""".split()
)


def called(text: str) -> str | None:
    """Return the name that a request calls; None where it calls nobody."""
    for pattern in _CALLED:
        for match in pattern.finditer(text):
            name = next(group for group in match.groups() if group)
            if is_name(name):
                return name
    return None


def is_name(text: str) -> bool:
    """Tell whether words can be somebody's name: written as one, and not known as something else."""
    words = text.split()
    known = any(word.lower() in SMALL | NUMBERS | _NO_NAMES for word in words)
    return bool(words) and not known and all(word[:1].isupper() for word in words)


def without_call(task: str) -> str:
    """Take the name that is called, and a please, out of what is asked."""
    bare = re.sub(rf"(?:, {_NAME}(?=,? (?:please)|, |[?.!]?$))|,? please\b", "", task)
    return bare.rstrip(" ?.!,;") + "." if bare.strip(" ?.!,;") else task
