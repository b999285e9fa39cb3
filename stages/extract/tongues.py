"""Text -> which language it is in, as far as its small words tell, and which of its words say little.

Source: Grefenstette, Comparing Two Language Identification Schemes, 1995 (small words).
"""

from collections import Counter
from collections.abc import Iterable, Sequence

from stages.extract.english import ENGLISH_SHARE, is_english, tokens

SMALL_WORDS = {
    "fr": frozenset(
        """
        à ai alors après as assez au aussi autre aux avait avant avec avez avoir avons beaucoup bien bon bonjour car ce
        cela celle celui ces cet cette ceux chaque chez comme comment contre dans de déjà demain depuis des deux doit
        donc dont du elle elles en encore entre es est et été être eu eux faire fait fallait faut il ils jamais je juste
        la là le les leur leurs lui ma mais me même merci mes moi moins mon ne ni non nos notre nous nouveau on ont ou
        où oui par parce pas pendant peu peut peux plus pour pourquoi pourrait pouvez pouvons pourra quand que quel
        quelle quelqu'un quelque quels qu'est qui quoi rien sa sans se sera serait ses si soit son sont sous sur ta te
        tes toi ton toujours tous tout toute toutes très trop tu un une va vais vas vers veut veux voici voilà vont
        vos votre voulez vous vraiment y c'est j'ai d'accord l'on n'est qu'il qu'on ça etre suis semaine jour jours
        lundi mardi mercredi jeudi vendredi samedi dimanche""".split()
    ),
    "de": frozenset(
        """
        aber alle allem allen aller alles als also am an ander andere anderen auch auf aus bei beim bin bis bist bitte
        da dabei dafür damit dann daran darauf das dass davon dazu dein dem den denn der des deshalb dich die dies diese
        diesem diesen dieser dieses dir doch dort du durch eben ein eine einem einen einer eines einfach einmal er es
        etwas euch eure für ganz gar gegen gehen geht genau gerade gern gibt gut guten habe haben hat hatte hatten heute
        hier hin hinter ich ihm ihn ihnen ihr ihre ihren im immer in ins ist ja jede jeden jeder jetzt kann kannst kein
        keine keinen könnte können könnten machen mal man mehr mein meine mich mir mit morgen muss müssen nach nicht
        nichts noch nun nur ob oder ohne okay schon sehr sein seine seit sich sie sind so soll sollen sollte sollten
        sonst über um und uns unser unsere unter viel vielleicht vom von vor war waren warum was weil weiter welche
        wenn wer werde werden wie wieder will willst wir wird wirklich wo woche wohl wollen wollte wollten wurde würde
        würden zu zum zur zwei zwischen montag dienstag mittwoch donnerstag freitag samstag sonntag danke""".split()
    ),
    "es": frozenset(
        """
        a acuerdo ahí ahora al algo alguien algún alguna algunos allí antes aquí así aún aunque bien bueno buenos cada
        casi como cómo con contra creo cual cuál cuando cuándo cuánto cuanto de del desde después donde dónde dos
        durante e el él ella ellas ellos en entonces entre era es esa ese eso esos esta está están estamos estar este
        esto estos estoy fue gracias ha había hace hacer hacia haga han has hasta hay he hemos hola hoy igual la las
        le les lo los
        luego mañana más me mejor menos mi mis mismo mucho muchos muy nada nadie ni no nos nosotros nuestra nuestro o
        otra otro otros para pero poco podemos podría por porque pues puede pueden puedo que qué quién quien quiere
        quiero sea ser será si sí sido sin sobre solo sólo somos son soy su sus también tampoco tan tanto te tenemos
        tener tengo ti tiene tienen toda todas todavía todo todos tu tú un una unas uno unos usted va vale vamos van
        vez voy ya yo semana día días lunes martes miércoles jueves viernes sábado domingo""".split()
    ),
}
"""Words that say little: grammar, and the small coin of meetings."""
COMMON_SHARE = 0.02
"""Share of all words from which a word of an unknown language is taken for a small one."""
SHORT = 3
"""Letters up to which a word of an unknown language is."""


def tongue(texts: Sequence[str]) -> str | None:
    """Return the ISO 639-1 code of the language that texts are in; None where it is none that is known here."""
    if is_english(texts):
        return "en"
    said = [token for text in texts for token in tokens(text)]
    if not said:
        return None
    shares = {code: sum(token in words for token in said) / len(said) for code, words in SMALL_WORDS.items()}
    best = max(shares, key=lambda code: shares[code])
    return best if shares[best] >= ENGLISH_SHARE else None


def small_words(code: str | None, texts: Iterable[str]) -> frozenset[str]:
    """Return the words that say little, in a language or, where it is unknown, among these texts."""
    if code in SMALL_WORDS:
        return SMALL_WORDS[code]
    counts = Counter(token for text in texts for token in tokens(text))
    least = max(2, COMMON_SHARE * sum(counts.values()))
    return frozenset(word for word, count in counts.items() if len(word) <= SHORT or count >= least)
