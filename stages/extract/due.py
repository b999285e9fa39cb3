"""Sentence -> the date in it, as it was said. English only."""

import re

_DAY = r"(?:monday|tuesday|wednesday|thursday|friday|saturday|sunday)"
_MONTH = r"(?:january|february|march|april|may|june|july|august|september|october|november|december)"
_PART = r"(?:morning|noon|lunchtime|afternoon|evening|night)"
_NUMBER = (
    r"(?:\d{1,2}(?:st|nd|rd|th)?|\w+(?:teenth|tieth)|tenth|eleventh|twelfth|(?:twenty |thirty )?(?:first|second|"
    r"third|fourth|fifth|sixth|seventh|eighth|ninth))"
)
_DATE = rf"(?:(?:the )?{_NUMBER}(?: of)? {_MONTH}|{_MONTH} (?:the )?{_NUMBER}|the {_NUMBER}\b|{_MONTH}\b)"
_UNIT = r"(?:day|week|month|quarter|year|sprint|semester|term|season)"
_SPAN = r"(?:(?:a|an|one|two|three|four|five|six|ten|\d+|a few|a couple of) (?:hour|day|week|month|minute)s?)"
_THEN = (
    rf"(?:(?:the )?(?:end|beginning|start|middle) of (?:the |this |next )?(?:{_UNIT}|{_MONTH}|{_DAY}|business)|"
    rf"(?:this |next |coming |the following |early |late |first thing |{_DAY} )*(?:{_DAY}|tomorrow|{_UNIT}(?= |$|"
    rf"[,.?!]))(?: {_PART})?(?: at \w+)?|(?:this|tomorrow|later this) (?!morning){_PART}|today|tonight|"
    rf"tomorrow(?: {_PART})?|eod|close of business|noon|midnight|lunch(?:time)?|{_DATE}|next time|(?:christmas|"
    rf"easter|the holidays?|summer|winter|spring|autumn)|(?:\d{{1,2}}|\w+) (?:o'clock|[ap]\.?m\.?)(?!\w))"
)
_CLAUSE = (
    r"(?:before|after|as soon as|once) (?!that\b|again\b|more\b|or\b|upon\b|all\b)(?:[\w']+)(?: (?!and\b|but\b|so\b|"
    r"because\b|if\b|then\b)[\w']+){0,5}"
)
_WHEN = (
    rf"(?:by|until|till|before|no later than|not later than) (?:the )?(?:latest )?{_THEN}",
    rf"(?:on|at|in|over|during|first thing|later|sometime)? ?(?:the |this |next )*{_THEN}(?: at the latest)?",
    rf"(?:in|within) (?:the next )?{_SPAN}",
    r"(?:right |straight )away|immediately|asap|as soon as possible|(?:over|on|at|this) (?:the )?weekend",
    _CLAUSE,
)
"""In the order in which they are believed."""
_DUE = tuple(re.compile(rf"(?<![\w'])(?:{pattern})(?![\w'])", re.IGNORECASE) for pattern in _WHEN)
_LOOSE = re.compile(
    r"^(?:for|in|at) ?(?:the )?(?:day|year|may|march|week|month)$|^(?:the )?(?:second|first|third)$|^(?:day|week|"
    r"month|year|quarter|lunch|term|season|sprint|may|march)$"
)


def due(text: str, *, clauses: bool = True) -> str | None:
    """Return the date by which something is to be done, as said; None where none was said.

    Without `clauses`, only dates count, not "before the board meets".
    """
    for pattern in _DUE if clauses else _DUE[:-1]:
        for match in pattern.finditer(text):
            found = match[0].strip()
            if not _LOOSE.match(found.lower()):
                return found
    return None
