"""Meetings in other languages: what few cues know, and what needs none."""

from collections.abc import AsyncIterator

import pytest

from stages.engine import EngineHost
from stages.engines.minilm import MiniLM
from stages.extract import Extractive
from stages.extract.tongues import small_words, tongue
from stages.speech import Summary, Utterance
from stages.summarize import Embedder, SummaryWish
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
