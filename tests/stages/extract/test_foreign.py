"""Meetings in other languages: what few cues know, and what needs none."""

from collections.abc import AsyncIterator
from datetime import date

import pytest

from stages.engine import EngineHost
from stages.engines.minilm import MiniLM
from stages.extract import Extractive
from stages.extract.foreign_due import in_english
from stages.extract.tongues import small_words, tongue
from stages.speech import Utterance
from stages.summarize import About, Embedder, SummaryWish
from stages.summary import Summary
from tests.bench.summaries import Score, score
from tests.bench.transcripts import TONGUES, Kind, every, read
from tests.pipeline.writing import GARDEN, talk

pytestmark = pytest.mark.anyio

FRENCH = talk(
    "S1: Bonjour à tous, aujourd'hui nous parlons de la clôture du jardin et du budget pour le printemps.",
    "S2: La clôture est pourrie près du portail, il faut la remplacer cette année sans attendre.",
    "S1: Si nous faisons les travaux nous-mêmes, cela coûte deux mille euros, sinon presque cinq mille.",
    "S3: Je préfère que nous le fassions nous-mêmes, pendant deux week-ends du mois d'avril.",
    "S1: Alors c'est décidé, la clôture sera remplacée en avril par nos propres moyens.",
    "S2: Je m'occupe du bois et je commande les planches avant vendredi.",
    "S3: Qui est-ce qui parle du bruit avec les voisins de la rue du Moulin ?",
    "S1: Je ne sais pas, il faudra voir avec la mairie.",
)
GERMAN = talk(
    "S1: Guten Morgen, wir sprechen heute über den Zaun am Garten und über das Geld für das Frühjahr.",
    "S2: Der Zaun ist am Tor ganz morsch und muss in diesem Jahr ersetzt werden.",
    "S1: Wenn wir es selbst machen, kostet es zweitausend Euro, sonst fast fünftausend.",
    "S3: Das Wetter im April ist meistens gut genug für solche Arbeiten.",
    "S1: Dann machen wir den Zaun im April selbst, an zwei Wochenenden.",
    "S2: Ich bestelle die Bretter bis Freitag bei der Sägerei.",
    "S3: Wer spricht eigentlich mit den Nachbarn über den Lärm?",
    "S1: Das weiß ich noch nicht, da müssen wir jemanden fragen.",
)
SPANISH = talk(
    "S1: Buenos días a todos, hoy hablamos de la valla del jardín y del dinero para la primavera.",
    "S2: La valla está podrida junto a la puerta y hay que cambiarla este año.",
    "S1: Cuesta dos mil euros con nuestro trabajo, y casi cinco mil con una empresa.",
    "S3: El tiempo en abril es bastante bueno para este tipo de trabajos.",
    "S1: Queda decidido que cambiamos la valla en abril con nuestras propias manos.",
    "S2: Yo me encargo de la madera y llamo al aserradero antes del viernes.",
    "S3: ¿Quién habla con los vecinos sobre el ruido de las obras?",
    "S1: No lo sé, hay que preguntarlo en el ayuntamiento.",
)
FINNISH = talk(
    "S1: Hyvää huomenta kaikille, tänään puhumme puutarhan aidasta ja kevään rahoista.",
    "S2: Aita on portin kohdalta aivan laho ja se täytyy uusia tänä vuonna.",
    "S1: Aita maksaa kaksituhatta euroa, jos teemme työn itse huhtikuussa.",
    "S3: Huhtikuussa sää on yleensä hyvä, ja puutarhan töihin on aikaa.",
)


@pytest.fixture(scope="module")
async def embedder() -> AsyncIterator[EngineHost[Embedder]]:
    host: EngineHost[Embedder] = EngineHost(MiniLM())
    yield host
    await host.close()


async def of(embedder: EngineHost[Embedder], said: list[Utterance], **wish: str) -> Summary:
    return await Extractive(embedder).summarise(said, SummaryWish(language=wish.get("language")))


@pytest.mark.parametrize(
    ("said", "code", "due"),
    [(FRENCH, "fr", "avant vendredi"), (GERMAN, "de", "bis Freitag"), (SPANISH, "es", "antes del viernes")],
    ids=["fr", "de", "es"],
)
async def test_what_few_cues_know(embedder: EngineHost[Embedder], said: list[Utterance], code: str, due: str) -> None:
    made = await of(embedder, said)
    assert made.language == code
    assert [point.evidence for point in made.decisions] == [(said[4].id,)]
    assert [(action.owner, action.due, action.evidence) for action in made.actions] == [("S2", due, (said[5].id,))]
    assert [point.evidence for point in made.questions] == [(said[6].id, said[7].id)]
    words = set(made.title.lower().replace(",", "").split())
    assert words and not words & small_words(code, []), "a title is made of words that say something"
    assert (await of(embedder, said, language="en")).language == code, "it says what its sentences are"


async def test_a_closing_word_settles_what_was_said_before_it(embedder: EngineHost[Embedder]) -> None:
    said = talk(
        "S1: Der Beitrag ist seit acht Jahren gleich geblieben, und die Miete für die Halle steigt und steigt.",
        "S2: Wir könnten die Erwachsenen auf zwölf Euro im Monat setzen und die Kinder lassen, wie es ist.",
        "S1: Die Erwachsenen zahlen ab Mai zwölf Euro, die Kinder wie bisher. Sind alle dafür? Gut, beschlossen.",
        "S2: Wer hat eigentlich den Schlüssel von der Hütte am Platz?",
        "S1: Und wer kann mir sagen, ob die Versicherung bezahlt ist?",
        "S2: Keine Ahnung, das müsste im Ordner stehen.",
    )
    made = await of(embedder, said)
    assert [(point.text[:28], point.evidence) for point in made.decisions] == [
        ("Die Erwachsenen zahlen ab Ma", (said[2].id,))
    ]
    assert [point.evidence for point in made.questions] == [(said[4].id, said[5].id)], "the answer is to the last one"


@pytest.mark.parametrize(("kind", "recall", "precision"), [("decision", 0.7, 0.95), ("action", 0.85, 0.9)])
async def test_most_of_what_is_settled_is_found_in_each_language(
    embedder: EngineHost[Embedder], kind: Kind, recall: float, precision: float
) -> None:
    total = Score()
    for name in every(TONGUES):
        meeting = read(name, TONGUES)
        total += score(await of(embedder, meeting.utterances), meeting)[kind]
    assert total.recall >= recall
    assert total.precision >= precision


@pytest.mark.parametrize(
    ("due", "language", "english"),
    [
        ("avant vendredi", "fr", "friday"),
        ("d'ici fin du mois", "fr", "by the end of the month"),
        ("vendredi prochain", "fr", None),
        ("am Samstag", "de", "saturday"),
        ("morgen früh", "de", "tomorrow"),
        ("nächste Woche", "de", None),
        ("esta tarde", "es", "today"),
        ("mañana", "es", "tomorrow"),
        ("by Friday", "en", "by Friday"),
        (None, "de", None),
    ],
)
def test_a_date_means_a_day_where_there_is_no_doubt(due: str | None, language: str, english: str | None) -> None:
    assert in_english(due, language) == english


async def test_an_action_in_german_has_a_day(embedder: EngineHost[Embedder]) -> None:
    made = await Extractive(embedder).summarise(GERMAN, SummaryWish(), About(day=date(2026, 6, 10)))
    assert [action.due_date for action in made.actions] == [date(2026, 6, 12)]


async def test_another_language_has_an_overview_and_topics_and_no_guesses(embedder: EngineHost[Embedder]) -> None:
    assert tongue([said.text for said in FINNISH]) is None
    made = await of(embedder, FINNISH, language="fi")
    assert made.language == "fi"
    assert made.overview and made.title and made.topics
    assert not (made.decisions or made.actions or made.questions)
    assert "ja" not in made.title.lower().split(", ")


def test_languages_are_told_apart() -> None:
    told = {code: tongue([said.text for said in each]) for code, each in (("en", GARDEN), ("fr", FRENCH))}
    told |= {code: tongue([said.text for said in each]) for code, each in (("de", GERMAN), ("es", SPANISH))}
    assert told == {code: code for code in told}
    assert tongue([]) is None
