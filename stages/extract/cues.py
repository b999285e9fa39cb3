"""Sentence -> what it sounds like. English only.

A cue is a hint, not a proof: `decisions`, `actions` and `questions` look at who answers what before they believe one.
"""

import re

from stages.extract.english import plain
from stages.extract.sentences import Sentence


def cue(pattern: str) -> re.Pattern[str]:
    """Compile a pattern over plain text; line breaks in it are layout."""
    return re.compile(pattern.replace("\n", ""))


WITHDRAW = cue(
    r"\b(?:scrap (?:that|it|this)|forget (?:that|it|this|about (?:it|that|this))|never ?mind|strike that|cancel that|"
    r"let's not\b|lets not\b|on second thoughts?|i take (?:that|it) back|changed my mind|not so fast|(?:that|"
    r"it) won't work|that's off|ignore (?:that|what i)|(?:actually|wait|then|hmm|oh|okay|ok|"
    r"well)[, ]+no\b(?! problem| worries| idea))|^(?:no,? (?:wait|hang on|hold on|sorry|that (?:doesn't|won't)|"
    r"not (?:then|that|like)|let's not|scrap|forget))"
)
"""What was just said does not hold."""
_AUXILIARY = r"(?:do|does|did|can|could|would|should|shall|will|is|are|was|were|have|has)"
_SUBJECT = r"(?:i|we|you|he|she|it|they|that|this|there|the|our|your|my|anybody|anyone|somebody|someone|those|these)"
INTERROGATIVE = cue(
    rf"(?:^|[,;:] |\b(?:and|so|but|okay|ok|well|then|or|hmm|know) )(?:{_AUXILIARY}(?:n't)? {_SUBJECT}\b|"
    r"(?:(?:to|at|in|on|for|from|with|by|of|about) )?(?:what|what's|who|who's|whom|whose|when|when's|where|where's|"
    r"why|how|which)\b)|\bor (?:not|a|the|an)\b"
)
"""The form of a question."""
_UNMARKED = cue(
    rf"^(?:(?:and|so|but|okay|ok|well|then|or|hmm|sorry|yes|yeah)[, ]+)*(?:{_AUXILIARY}(?:n't)? {_SUBJECT}\b|(?:what|"
    rf"who|where|why|how|which)\b|when {_AUXILIARY}\b)"
)


def says(cue: re.Pattern[str], text: str) -> bool:
    """Tell whether a sentence carries a cue."""
    return cue.search(plain(text)) is not None


def asks(sentence: Sentence) -> bool:
    """Tell whether a sentence is a question: by its mark, or by its form where punctuation is missing."""
    return sentence.text.rstrip().endswith("?") or (not sentence.closed and says(_UNMARKED, sentence.text))
