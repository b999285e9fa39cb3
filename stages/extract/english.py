"""What the extractive summary knows of English: small words, and whether a text is English at all."""

import re
from collections.abc import Iterable

SMALL = frozenset(
    """a about actually after again ago ah all almost alright also although always am an and another any anybody anyone anything
    anyway are aren't around as at away back basically be because been before being bit both but by bye call can can't cannot
    cause come comes could couldn't did didn't do does doesn't doing don't done down each either else enough even ever every
    everybody everyone everything exactly few fine first for from further get gets getting give go goes going gone gonna good
    got great had has hasn't have haven't having he he's hello her here here's hers hey hi him his hmm how however i i'd i'll
    i'm i've if in instead into is isn't it it's its itself just keep kind know last later least less let let's like little look
    lot lots made make makes many maybe me mean might mine more most much must my myself need needs never new next nice no
    nobody none nope not nothing now of off oh ok okay on once one ones only onto or other others our ours out over own perhaps
    please pretty probably put quite rather really right said same saw say says see seem seems shall she she's should shouldn't
    since so some somebody someone something sometimes somewhere soon sorry sort still stuff such sure take takes tell than
    thank thanks that that's the their them then there there's these they they'd they'll they're they've thing things think
    this those though thought three through till to today together told tomorrow too took true try two uh um under until up us
    use used very wait want wants was wasn't way we we'd we'll we're we've week weeks well went were weren't what what's when
    where where's whether which while who who's whole whom whose why will with within without won't would wouldn't wow yeah
    year years yep yes yesterday yet you you'd you'll you're you've your yours
    ask asked bad best better big day days end else's far feel find four five six guess hear hope idea left long love
    month months morning people point question second side start talk ten thousand time times today's hundred half able
    else end idea part place already ahead bring exactly honestly monday tuesday wednesday thursday friday saturday
    sunday okay's can't ain't absolutely agreed agree anymore done""".split()
)
"""Words that say little about what a sentence is about: grammar, and the small coin of meetings."""

_GRAMMAR = frozenset(
    """the a an and or but of to in on at for with is are was were be been it it's this that these those i you he she we they
    i'm we're not don't have has had do does did will would can could should what when where who how so if then there my your
    our their as from by about just""".split()
)

ENGLISH_SHARE = 0.3
"""Share of grammar words from which a text counts as English; talk has 0.4 to 0.6 of them, other languages under 0.15."""

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
