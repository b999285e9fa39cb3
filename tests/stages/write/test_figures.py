"""Figures of a point, held against what was said."""

import pytest

from stages.write.figures import figures_agree


@pytest.mark.parametrize(
    ("text", "said", "language", "agrees"),
    [
        ("It costs 2,000.", "It is 2000 in all.", "en", True),
        ("It costs 9000.", "It is 2000 in all.", "en", False),
        ("It costs 9000.", "It is nine thousand.", "en", True),
        ("S2 pays.", "I pay.", "en", True),
        ("Le loyer est de 900 euros.", "On paie neuf cents euros.", "fr", True),
        ("Le loyer est de 900 euros.", "On paie trop, je trouve.", "fr", False),
        ("Der Satz kostet 560 Euro.", "Das sind fünfhundertsechzig Euro.", "de", True),
        ("Am 23. Juni ist das Fest.", "Dann lieber den dreiundzwanzigsten.", "de", True),
        ("Der Satz kostet 560 Euro.", "Das ist ganz schön teuer für ein paar Hemden.", "de", False),
        ("Salen 250 euros por piso.", "Son doscientos cincuenta por piso.", "es", True),
        ("Salen 250 euros por piso.", "Eso no lo paga nadie.", "es", False),
    ],
)
def test_a_figure_was_said_or_may_have_been(text: str, said: str, language: str, *, agrees: bool) -> None:
    assert figures_agree(text, said, language) is agrees
