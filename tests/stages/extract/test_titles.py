"""Terms -> titles: names and nouns as they are written, each thing once."""

import numpy as np

from stages.extract.number_words import number_words
from stages.extract.sentences import sentences
from stages.extract.talk import Talk
from stages.extract.titles import forms_of, title
from tests.pipeline.writing import talk


def test_words_are_written_as_people_write_them() -> None:
    said = sentences(talk("S1: Tickets are sold at Harbour Street.", "S2: The office at Harbour Street sells tickets."))
    forms = forms_of(Talk(said, np.zeros((len(said), 1), np.float32)))
    assert title(["tickets", "harbour street", "ticket", "streets"], forms) == "Tickets, Harbour Street"
    assert title(["office"], forms) == "Office"
    assert title([], forms) == ""


def test_numbers_in_words_name_nothing() -> None:
    assert number_words("fr", ["Deux cents litres, vingt-huit juin."]) == {"deux", "cents", "vingt-huit"}
    assert number_words("de", ["Fünfhundertsechzig Euro, zwölf Hemden."]) == {"fünfhundertsechzig", "zwölf"}
    assert number_words(None, ["Deux"]) == frozenset()
