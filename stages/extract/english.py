"""What the extractive summary knows of English: small words, and whether a text is English at all."""

import re
from collections.abc import Iterable

SMALL = frozenset(
    """
    a able about absolutely actually after again ago agree agreed ah ahead ain't all almost already alright also
    although always am an and another any anybody anymore anyone anything anyway are aren't around as ask asked
    at away back bad basically be because been before being best better big bit both bring but by bye call can
    can't cannot cause come comes could couldn't day days did didn't do does doesn't doing don't done down each
    either else else's end enough even ever every everybody everyone everything exactly far feel few find fine
    first five for four friday from further get gets getting give go goes going gone gonna good got great guess
    had half has hasn't have haven't having he he's hear hello her here here's hers hey hi him his hmm honestly
    hope how however hundred i i'd i'll i'm i've idea if in instead into is isn't it it's its itself just keep
    kind know last later least left less let let's like little long look lot lots love made make makes many
    maybe me mean might mine monday month months more morning most much must my myself need needs never new next
    nice no nobody none nope not nothing now of off oh ok okay okay's on once one ones only onto or other others
    our ours out over own part people per perhaps place please point pretty probably put question quite rather
    really right said same saturday saw say says second see seem seems shall she she's should shouldn't side
    since six so some somebody someone something sometimes somewhere soon sorry sort start still stuff such
    sunday sure take takes talk tell ten than thank thanks that that's the their them then there there's these
    they they'd they'll they're they've thing things think this those though thought thousand three through
    thursday till time times to today today's together told tomorrow too took true try tuesday two uh um under
    until up us use used very wait want wants was wasn't way we we'd we'll we're we've wednesday week weeks well
    went were weren't what what's when where where's whether which while who who's whole whom whose why will
    with within without won't would wouldn't wow yeah year years yep yes yesterday yet you you'd you'll you're
    you've your yours""".split()
)
"""Words that say little about what a sentence is about: grammar, and the small coin of meetings."""

NUMBERS = frozenset(
    """
    april august cent december eight eighteen eighth eighty eleven eleventh february fifteen fifth fifty five
    forty four fourteen fourth half hundred january july june march million nine nineteen ninety ninth november
    october one percent second september seven seventeen seventh seventy six sixteen sixth sixty ten tenth third
    thirteen thirtieth thirty thousand three twelfth twelve twentieth twenty two""".split()
)
"""Numbers and months in words: they matter in a sentence, but name no topic."""

_GRAMMAR = frozenset(
    """
    a about an and are as at be been but by can could did do does don't for from had has have he how i i'm if in
    is it it's just my not of on or our she should so that the their then there these they this those to was we
    we're were what when where who will with would you your""".split()
)

ENGLISH_SHARE = 0.3
"""Share of grammar words from which a text counts as English: talk has 0.4 to 0.6, other languages under 0.15."""

_WORD = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*")


def plain(text: str) -> str:
    """Lower the case and straighten the apostrophes."""
    return text.lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")


def tokens(text: str) -> list[str]:
    """Return the words of a text in lower case, without numbers and punctuation."""
    return _WORD.findall(plain(text))


def content(text: str) -> list[str]:
    """Return the words that say what a text is about."""
    return [token for token in tokens(text) if token not in SMALL and len(token) > 2]


def is_english(texts: Iterable[str]) -> bool:
    """Tell by the share of grammar words whether this is English."""
    said = [token for text in texts for token in tokens(text)]
    return bool(said) and sum(token in _GRAMMAR for token in said) / len(said) >= ENGLISH_SHARE
