"""What decisions, promises and ignorance sound like in French, German and Spanish: plain phrases, by language.

Source: `python -m tests.bench.summaries`; the meetings in tests/bench/tongues that are held out were not looked at.
"""

import re
from typing import NamedTuple


class Cues(NamedTuple):
    """What decisions, promises and ignorance sound like in a language."""

    decided: re.Pattern[str]
    """Somebody says what holds for all."""
    closed: re.Pattern[str]
    """Somebody closes what was said just before."""
    promised: re.Pattern[str]
    """The speaker takes something on."""
    speaker: re.Pattern[str]
    """The speaker does something: a promise where it is said by when."""
    unknown: re.Pattern[str]
    """Nobody knows."""
    unsure: re.Pattern[str]
    """Not said as a settled thing, or taken back."""
    due: re.Pattern[str]
    """By when."""


CUES = {
    "fr": Cues(
        decided=re.compile(
            r"\b(?:(?:on|nous) (?:a|avons) (?:donc |tous )?(?:décidé|convenu|choisi)|c'est (?:décidé|entendu|convenu|"
            r"réglé)|il est (?:décidé|convenu)|(?:on|nous) (?:part|partons|reste|restons) sur|la décision est|"
            r"à partir de maintenant)\b|"
            r"^(?:(?:donc|alors|bon|d'accord|très bien|ok|okay|en attendant)[,.]? )+(?:on|nous) "
            r"(?!(?:a|avait|est|va|peut|pourrait|verra|voit|y|commence|continue|passe|laisse|arrête|parle|reparle|attend|"
            r"revient|n'a|en)\b)\w+|"
            r"^(?:(?:donc|alors|bon|d'accord|ok|okay)[,.]? )+(?:l[ae]s? |l'|ce |cette )\w.* "
            r"(?:aura lieu|auront lieu|passe à|reste|restent|sera|seront)\b"
        ),
        closed=re.compile(
            r"^(?:adopté|approuvé|accordé|entendu|c'est (?:adopté|d'accord|bon|voté|entendu|décidé|réglé))\b"
        ),
        promised=re.compile(
            r"\b(?:je (?:m'en (?:occupe|charge)|vais (?!voir\b|dire\b|être\b)\w+|m'occupe|me charge|prépare|prends|"
            r"t'envoie|vous envoie|(?:l[ae]s? )(?:commande|appelle|corrige|lis|relis|signe|note|fais|achète|apporte)|"
            r"(?:leur|lui) (?:téléphone|écris|demande|parle|envoie))|"
            r"j'(?:envoie|appelle|écris|organise|irai|apporte|achète|imprime)|je (?:l')?\w+rai)\b"
        ),
        speaker=re.compile(
            r"\b(?:je (?!suis\b|pense\b|crois\b|sais\b|propose\b|préfère\b|préférerais\b|trouve\b|voudrais\b|dois\b|"
            r"vois\b|pars\b|ne\b|n'|l'avais\b)|j'(?!ai\b|avais\b|étais\b|aime\b|aimerais\b|espère\b))\w+"
        ),
        unknown=re.compile(
            r"\b(?:(?:je|on) (?:ne )?(?:le |l')?(?:sai[st]|ignore) pas|(?:je|on) (?:n'en |en )?sai[st] (?:pas|rien)|"
            r"aucune idée|personne (?:ne |n'en )?(?:le )?sait|à voir|reste à savoir)\b"
        ),
        unsure=re.compile(
            r"\b(?:peut-être|si (?:on|nous|je|tu|vous)|on pourrait|nous pourrions|finalement non|laisse tomber|"
            r"laissez tomber|on avait dit|j'aurais|il faudrait)\b"
        ),
        due=re.compile(
            r"\b(?:(?:avant|pour|d'ici|jusqu'à|dès) )?(?:la semaine prochaine|cette semaine|le mois prochain|"
            r"(?:la )?fin (?:du mois|de la semaine)|ce soir|cet après-midi|aujourd'hui|demain(?: matin| soir)?|"
            r"(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche)(?: prochain| soir| matin| après-midi)?)\b"
        ),
    ),
    "de": Cues(
        decided=re.compile(
            r"\b(?:(?:wir haben|haben wir) .*(?:beschlossen|entschieden|vereinbart)|(?:das|es) ist (?:beschlossen|"
            r"entschieden|abgemacht)|(?:wir bleiben|bleiben wir) (?:bei|dabei)|ab (?:sofort|jetzt)|beschluss|"
            r"(?:es )?bleibt (?:es )?(?:bei|dabei)|das machen wir (?:so|auf jeden fall|auch))\b|"
            r"^(?:(?:dann|also|gut|okay|ok|so|ja|prima|super)[,.]? )*(?:dann|also) "
            r"(?!(?:fangen|kommen|gehen|schauen|sehen|reden|sprechen|hören|brauchen|haben|hatten|sind|wollen|müssen|müssten|"
            r"können|könnten|würden|sollten|wären|wissen|lassen|warten|denken|reichen)\b)\w+n (?:wir|die|das|sie)\b|"
            r"^gut[,.]? dann (?!(?:los|auf|zu|zum|zur|weiter|kommen|haben)\b)|"
            r"\b(?:wird|werden) (?:\w+ ){0,4}(?:gestrichen|gekauft|verschoben|bestellt|geändert|eingestellt|"
            r"abgeschafft)\b"
        ),
        closed=re.compile(
            r"^(?:(?:gut|ja|okay|dann)[,.]? )*(?:beschlossen|angenommen|abgemacht|einverstanden|"
            r"(?:es )?bleibt es dabei|das ist (?:beschlossen|abgemacht))\b"
        ),
        promised=re.compile(
            r"\b(?:ich (?:kümmere mich|übernehme|schicke|rufe|schreibe|bereite|bestelle|organisiere|erledige|mache|"
            r"besorge|prüfe|kläre|spreche|unterschreibe|ändere|bringe|drucke|frage|sage)|(?:das|den|die) (?:mache|"
            r"übernehme|erledige) ich|mach(?:e)? ich|"
            r"dann (?!wünsche|habe|hätte|würde|wäre|glaube|verstehe|sehe)\w+e ich|ich werde (?!sehen\b)\w+)\b"
        ),
        speaker=re.compile(
            r"\b(?:ich (?!habe\b|hatte\b|hätte\b|würde\b|glaube\b|denke\b|meine\b|finde\b|sehe\b|gehe\b|fahre\b|wäre\b|"
            r"möchte\b|wollte\b|sollte\b|könnte\b|warte\b|wohne\b)\w+e|"
            r"(?!habe\b|hätte\b|würde\b|glaube\b|denke\b|finde\b|sehe\b|gehe\b|fahre\b|wäre\b|werde\b)\w+e ich)\b"
        ),
        unknown=re.compile(
            r"\b(?:(?:weiß|wissen) (?:ich|wir|man|es)? ?(?:leider )?(?:noch )?nicht|das weiß (?:niemand|keiner)|"
            r"keine ahnung|ist (?:noch )?(?:offen|unklar))\b"
        ),
        unsure=re.compile(
            r"\b(?:vielleicht|wenn wir|falls|könnten wir|wir könnten|doch nicht|vergiss es|vergesst das|nichts wie)\b"
        ),
        due=re.compile(
            r"\b(?:(?:noch )?diese woche|heute(?: (?:nachmittag|abend|noch))?|"
            r"(?:(?:bis|am|vor|ab) )?(?:(?:zum |nächsten |kommenden )?(?:montag|dienstag|mittwoch|donnerstag|freitag|"
            r"samstag|sonntag)|morgen(?: früh)?|(?:zum )?monatsende|ende (?:der woche|des monats)|nächste(?:n|"
            r"r)? (?:woche|monat)))\b"
        ),
    ),
    "es": Cues(
        decided=re.compile(
            r"\b(?:(?:hemos|se ha) (?:decidido|acordado|quedado)|(?:queda|está) (?:decidido|acordado|aprobado)|"
            r"(?:nos )?quedamos (?:en|con)|así lo hacemos|lo dejamos (?:para|así)|la decisión es|a partir de ahora)\b|"
            r"^(?:(?:entonces|pues|así que|vale|bueno|bien|muy bien)[,.]? )+(?:no |lo |la |los |las |nos )*"
            r"(?!(?:vemos|tenemos|hemos|vamos|estamos|somos|podemos|podríamos|queremos|debemos|empezamos|"
            r"seguimos hablando|pasamos|sabemos|hablamos|necesitamos)\b)\w+(?:amos|emos|imos)\b|"
            r"^(?:(?:entonces|pues|así que|vale|bueno)[,.]? )+(?:el|la|los|las) \w.* (?:va|van|queda|quedan|será|serán|"
            r"abre|cierra|se \w+n?)\b|"
            r"^no \w+(?:amos|emos|imos) nada hasta\b"
        ),
        closed=re.compile(
            r"^(?:(?:pues|muy bien|vale|bueno|entonces)[,.]? )*(?:queda aprobado|aprobado|acordado|así lo hacemos|"
            r"de acuerdo entonces|lo dejamos así|quedamos en eso)\b"
        ),
        promised=re.compile(
            r"\b(?:(?:yo )?me (?:encargo|ocupo)|(?:yo )?(?:lo |la |los |las |les |le |os |se lo |se la )?(?:envío|"
            r"mando|llamo|preparo|escribo|organizo|reservo|compro|reviso|pido|encargo|aviso|pregunto|instalo|busco|imprimo|firmo)|"
            r"voy a (?!ver\b|ser\b|decir\b)\w+|lo hago yo|\w+aré|hablaré|\w+o yo|"
            r"yo (?:se lo |les |le |lo |la )?(?:hablo|digo|hago|llevo|traigo|miro))\b"
        ),
        speaker=re.compile(
            r"\b(?:yo (?:\w+ ){0,2}?(?!creo\b|quiero\b|quería\b|tampoco\b|no\b|había\b|digo que\b)\w+o|"
            r"mi \w+ y yo (?:\w+ )?\w+(?:amos|emos|imos))\b"
        ),
        unknown=re.compile(
            r"\b(?:no (?:lo )?(?:sé|sabemos)|ni idea|nadie (?:lo )?sabe|(?:está|queda) (?:por ver|pendiente|"
            r"abierto))\b"
        ),
        unsure=re.compile(
            r"\b(?:quizás?|tal vez|a lo mejor|si (?:nos|podemos|hay|tenemos)|podríamos|al final no|olvídalo)\b"
        ),
        due=re.compile(
            r"\b(?:(?:antes del?|para el|para|el|hasta el|este) )?(?:lunes|martes|miércoles|jueves|viernes|sábado|"
            r"domingo)(?: que viene| próximo)?|\b(?:hoy(?: mismo)?|esta (?:tarde|noche|semana|mañana)|mañana|"
            r"la próxima semana|la semana que viene|(?:a )?fin(?:ales)? de mes)\b"
        ),
    ),
}  # fmt: skip
"""By ISO 639-1 code."""
