"""Sentences in French, German or Spanish -> what was decided, taken on and left open, by plain cue phrases.

Much less is looked at than for English: a sentence counts by its own words, and by an answer that does not know.
"""

import re
from typing import NamedTuple

from stages.extract.actions import SURE, Task
from stages.extract.english import plain
from stages.extract.quote import quoted
from stages.extract.talk import Found, Talk

REPLIES = 3
"""Utterances in which "I don't know" is looked for."""


class Cues(NamedTuple):
    """What decisions, promises and ignorance sound like in a language."""

    decided: re.Pattern[str]
    """Somebody says what holds for all."""
    promised: re.Pattern[str]
    """The speaker takes something on."""
    unknown: re.Pattern[str]
    """Nobody knows."""
    unsure: re.Pattern[str]
    """Not said as a settled thing, or taken back."""
    due: re.Pattern[str]
    """By when."""


CUES = {
    "fr": Cues(
        re.compile(
            r"\b(?:(?:on|nous) (?:a|avons) (?:donc |tous )?(?:décidé|convenu|choisi)|c'est (?:décidé|entendu|"
            r"convenu|réglé)|"
            r"il est (?:décidé|convenu)|(?:on|nous) (?:part|partons|reste|restons) sur|(?:donc|alors),? (?:on|nous) "
            r"(?:garde|gardons|prend|prenons|fait|faisons|annule|annulons|repousse|repoussons|commence|commençons)|"
            r"la décision est|à partir de maintenant)\b"
        ),
        re.compile(
            r"\b(?:je (?:m'en occupe|vais (?!voir\b|dire\b|être\b)\w+|m'occupe|me charge|prépare|prends|t'envoie|"
            r"vous envoie)|"
            r"j'(?:envoie|appelle|écris|organise)|je (?:l')?\w+rai)\b"
        ),
        re.compile(
            r"\b(?:(?:je|on) (?:ne )?(?:le )?sai[st] pas|aucune idée|personne (?:ne )?(?:le )?sait|à voir|"
            r"reste à savoir)\b"
        ),
        re.compile(
            r"\b(?:peut-être|si (?:on|nous|je|tu|vous)|on pourrait|nous pourrions|finalement non|laisse tomber|"
            r"laissez tomber)\b"
        ),
        re.compile(
            r"\b(?:(?:avant|pour|d'ici|jusqu'à|dès) )?(?:la semaine prochaine|le mois prochain|fin du mois|demain|"
            r"(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche)(?: prochain| soir| matin)?)\b"
        ),
    ),
    "de": Cues(
        re.compile(
            r"\b(?:(?:wir haben|haben wir) .*(?:beschlossen|entschieden|vereinbart)|(?:das|es) ist (?:beschlossen|"
            r"entschieden|abgemacht)|(?:dann|also) (?:machen|nehmen|bleiben|behalten|verschieben|streichen|kaufen|"
            r"fangen|starten) wir|(?:wir bleiben|bleiben wir) (?:bei|dabei)|ab (?:sofort|jetzt)|beschluss|"
            r"es bleibt (?:bei|dabei))\b"
        ),
        re.compile(
            r"\b(?:ich (?:kümmere mich|übernehme|schicke|rufe|schreibe|bereite|bestelle|organisiere|erledige|mache|"
            r"besorge|prüfe|kläre|spreche)|(?:das|den|die) (?:mache|übernehme|erledige) ich|"
            r"ich werde (?!sehen\b)\w+)\b"
        ),
        re.compile(
            r"\b(?:(?:weiß|wissen) (?:ich|wir|man|es)? ?(?:leider )?(?:noch )?nicht|das weiß (?:niemand|keiner)|"
            r"keine ahnung|ist (?:noch )?(?:offen|unklar))\b"
        ),
        re.compile(r"\b(?:vielleicht|wenn wir|falls|könnten wir|wir könnten|doch nicht|vergiss es|vergesst das)\b"),
        re.compile(
            r"\b(?:(?:bis|am|vor|ab) )?(?:(?:zum |nächsten |kommenden )?(?:montag|dienstag|mittwoch|donnerstag|"
            r"freitag|"
            r"samstag|sonntag)|morgen(?: früh)?|(?:zum )?monatsende|ende (?:der woche|des monats)|nächste(?:n|"
            r"r)? (?:woche|monat))\b"
        ),
    ),
    "es": Cues(
        re.compile(
            r"\b(?:(?:hemos|se ha) (?:decidido|acordado|quedado)|(?:queda|está) (?:decidido|acordado|aprobado)|"
            r"quedamos en|(?:entonces|pues|así que),? (?:compramos|hacemos|usamos|dejamos|mantenemos|cambiamos|"
            r"cancelamos|"
            r"vamos con|aplazamos|empezamos|nos quedamos)|la decisión es|a partir de ahora)\b"
        ),
        re.compile(
            r"\b(?:(?:yo )?me (?:encargo|ocupo)|(?:yo )?(?:lo |la |les |le |os )?(?:envío|mando|llamo|preparo|"
            r"escribo|"
            r"organizo|reservo|compro|reviso)|voy a (?!ver\b|ser\b|decir\b)\w+|lo hago yo|\w+aré|hablaré)\b"
        ),
        re.compile(
            r"\b(?:no (?:lo )?(?:sé|sabemos)|ni idea|nadie (?:lo )?sabe|(?:está|queda) (?:por ver|pendiente|"
            r"abierto))\b"
        ),
        re.compile(
            r"\b(?:quizás?|tal vez|a lo mejor|si (?:nos|podemos|hay|tenemos)|podríamos|al final no|olvídalo)\b"
        ),
        re.compile(
            r"\b(?:(?:antes del?|para el|para|el|hasta el|este) )?(?:lunes|martes|miércoles|jueves|viernes|sábado|"
            r"domingo|"
            r"mañana|la próxima semana|la semana que viene|fin de mes)(?: que viene| próximo)?\b"
        ),
    ),
}  # fmt: skip
"""By ISO 639-1 code."""


def decisions(talk: Talk, cues: Cues) -> list[Found]:
    """Return what sounds decided, in time order."""
    return [_found(talk, place) for place in _statements(talk, cues) if _has(cues.decided, talk, place)]


def actions(talk: Talk, cues: Cues) -> list[Task]:
    """Return what somebody takes on, in time order."""
    made = []
    for place in _statements(talk, cues):
        if _has(cues.promised, talk, place) and not _has(cues.decided, talk, place):
            sentence = talk.sentences[place]
            when = cues.due.search(plain(sentence.text))
            due = sentence.text[when.start() : when.end()] if when else None
            made.append(Task(place, SURE, quoted(sentence.text), sentence.speaker, due))
    return made


def questions(talk: Talk, cues: Cues) -> list[Found]:
    """Return questions to which somebody says that it is not known, in time order."""
    made = []
    for place, sentence in enumerate(talk.sentences):
        if not sentence.text.rstrip().endswith("?") or len(sentence.text.split()) < REPLIES:
            continue
        sign = next((reply for reply in talk.replies(place, REPLIES) if _has(cues.unknown, talk, reply)), None)
        if sign is not None:
            found = _found(talk, place)
            found.places.append(sign)
            made.append(found)
    return made


def _statements(talk: Talk, cues: Cues) -> list[int]:
    return [
        place
        for place, sentence in enumerate(talk.sentences)
        if not sentence.text.rstrip().endswith("?")
        and len(sentence.text.split()) > REPLIES
        and not cues.unsure.search(plain(sentence.text))
    ]


def _has(cue: re.Pattern[str], talk: Talk, place: int) -> bool:
    return cue.search(plain(talk.sentences[place].text)) is not None


def _found(talk: Talk, place: int) -> Found:
    found = Found(place, 1.0)
    found.text = quoted(talk.sentences[place].text)
    return found
