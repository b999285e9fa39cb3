"""Sentence as spoken -> sentence as quoted: the words stay, only lead-ins at the start go."""

import re

_LEAD_IN = re.compile(
    r"^(?:(?:so|okay|ok|alright|all right|right|well|yeah|yes|yep|and|but|then|um+|uh+|hmm+|ah|oh|now|great|good|"
    r"perfect|cool|sure|nice|anyway|actually|basically|honestly|you know|i mean|by the way)(?:[,.!]+ | (?=(?:so|okay|"
    r"ok|well|yeah|um|uh|and|but|"
    r"i|we|you|they|he|she|it|the|that|this|there|let's|i'[a-z]+|we'[a-z]+|it's|that's|there's|they'[a-z]+)\b)))+",
    re.IGNORECASE,
)


def quoted(text: str) -> str:
    """Return a sentence as it is shown: without lead-ins, with a capital and a full stop."""
    bare = _LEAD_IN.sub("", text.strip()).strip(" ,;:-") or text.strip(" ,;:-")
    bare = bare[:1].upper() + bare[1:]
    return bare if not bare or bare[-1] in ".!?…。！？" else f"{bare}."
