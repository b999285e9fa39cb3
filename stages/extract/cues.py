"""Sentence -> what it sounds like: a promise, a request, a decision, its withdrawal, an answer. English only.

A cue is a hint, not a proof: `decisions`, `actions` and `questions` look at who answers what before they believe one.
"""

import re

from stages.extract.english import plain
from stages.extract.sentences import Sentence

_DO = """send|e-?mail|mail|write|draft|prepare|call|phone|ring|ask|check|double[- ]check|look (?:into|at|for|after|
over|up)|find|finish|
complete|fix|set up|schedule|reschedule|book|reserve|order|buy|pay|contact|reach out|get|follow up|talk|speak|discuss|
review|update|
upload|share|circulate|forward|post|publish|print|bring|pick|organi[sz]e|arrange|plan|make|create|build|test|measure|
install|deploy|
ship|release|move|migrate|add|remove|delete|change|clean|document|translate|sketch|design|draw|collect|gather|compile|
calculate|run|
do|take|handle|sort|chase|remind|tell|let \\w+(?: \\w+)? know|inform|notify|invite|meet|visit|sign|submit|apply|
register|cancel|confirm|
correct|investigate|try|put|start|work on|present|hire|interview|transfer|export|import|summari[sz]e|file|open|close|
drop|deliver|
proofread|edit|record|research|compare|list|verify|validate|ping|push|merge|redo|rewrite|reply|answer|respond|
negotiate|propose|
figure out|dig|pull|report|turn|disable|enable|switch|replace|repair|renew|return|approach|announce|assign|estimate|
evaluate|examine|
fill|fetch|hand|help|host|implement|improve|keep|lead|learn|monitor|order|own|pass|persuade|promise|provide|query|
raise|refactor|
reserve|revise|scan|search|secure|sell|show|swap|track|train|type|water|weigh|wrap|drive|cook|bake|pack|label|paint|
count|enter|
coordinate|clear up|clarify|go (?:to|through|over|and)|come (?:up with|by)|have a (?:look|word|chat)|give|leave|stay|
dispatch|
recruit|rent|hang|hold|cover|carry|store|ask around|consult|copy|cut|convert|configure|charge|bill|back up|archive|
adjust"""
_SMALL_TALK = """be|see|say|admit|never|always|miss|love|hate|believe|assume|know|need|want|think|bet|guess|give up|
go first|begin|stop|
repeat|explain|skip|wait|leave it (?:there|at that)|let you|hand (?:over|it)|pass (?:over|it|on to)|mute|unmute|read|
jump|
keep (?:it|this) (?:short|brief|quick)|get to (?:that|it)|come (?:back )?to (?:that|it)|move on|take your word|
share my screen|
show you|start (?:with|by|off|us)|start$|die|regret|understand|like|hope|remember|forget|walk you|tell you (?:what|
why|how)|come back|
get back to (?:that|this)|sound|look like|stick with|go with|take (?:that|it) (?:as|back)|have (?!to\\b)|feel|
live with|get (?:there|it)|
try (?:to )?(?:be|keep)|just say|ask (?:you|again|one)|do my best"""
_SOFT = (
    r"(?:(?:also|just|then|definitely|probably|certainly|quickly|personally|gladly|happily|still|try to|have to|"
    r"need to|"
    r"make sure (?:to|that i)?|go ahead and|be able to|be) )*+"
)


def _cue(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern.replace("\n", ""))


PROMISE = _cue(
    rf"\b(?:i'll|i will|i'm going to|i am going to|i'm gonna|i shall) {_SOFT}(?!not\b|{_SMALL_TALK})(?P<task>\w.*)"
    rf"|\byou(?:'ll| will) (?P<give>(?:have|get|receive|hear) .*)|\bwe(?:'ll|"
    rf" will) {_SOFT}(?P<us>(?:{_DO}) (?:\w+ ){{0,3}}?you\b.*)"
)
"""The speaker takes something on, in so many words."""
OFFER = _cue(
    rf"\b(?:i can|i could|let me|i'd be (?:glad|happy) to|i'm happy to|happy to|i want to|i need to|i have to|"
    rf"i've got to|i should|"
    rf"i must|i plan to|i'm planning to|i intend to|i'd like to|i'm (?=\w+ing\b)) ?{_SOFT}(?!not\b|{_SMALL_TALK})"
    rf"(?P<task>(?:{_DO}|\w+ing)\b.*)"
)
"""The speaker may take something on: believed when a date is named, it was asked for, or it is welcomed."""
LEAVE_IT = _cue(
    r"\b(?:leave (?:it|that) (?:with|to) me|i'm on it|i'll take (?:that|it|this|care)|consider it done|i'll do (?:it|"
    r"that|so|this)|"
    r"i can do (?:it|that|this)|i can take (?:it|that|this)|that's on me|put me down|i'll handle (?:it|that))\b"
)
"""The speaker takes on what was just asked for."""
POINTS_BACK = _cue(
    r"^(?:\w+[,.]? ){0,4}?(?:i'll|i will|i can|i could|i'd|let me) (?:\w+ ){1,3}?(?:it|that|this|them|him|her|those|"
    r"so)\b"
)
"""A promise that says what by a pronoun."""
ASK = _cue(
    rf"\b(?:(?:can|could|would|will) you (?:please |maybe |perhaps |also |just |quickly |be so kind (?:as )?to |"
    rf"(?:be able|manage) to )*|would you mind |"
    rf"i(?:'d| would)? (?:need|want|like) you to |i'd appreciate it if you (?:could |would )?|you(?:'ll|"
    rf" will)? (?:need|have) to |"
    rf"make sure (?:that )?you |don't forget to |remember to |please )(?P<task>(?:{_DO}|\w+ing)\b.*)"
)
"""Somebody is asked to do something."""
CHAT = _cue(
    r"\b(?:(?:can|could|would|will) (?:you|everyone|everybody|anyone|anybody) (?:all |still |just |please )*(?:hear|"
    r"see|say|repeat|imagine|believe|"
    r"explain|elaborate|tell (?:me|us)|remind (?:me|us) (?:what|who|when|where|how|again)|walk (?:me|us)|give (?:me|"
    r"us) (?:a|an|some)"
    r" (?:sense|idea|example|second|minute|moment|hint)|go (?:first|next|ahead|on|back)|speak up|share your screen|"
    r"mute|unmute|"
    r"take (?:me|us)|start)|please (?:go ahead|go on|do\b|continue|don't|mute|unmute|welcome|feel free|hold|wait|"
    r"start)|"
    r"yes,? please|excuse me)"
)
"""Asking that ends with the conversation itself."""
THIRD = _cue(
    rf"^(?:(?:so|and|then|okay|ok|right|great|good|well|maybe|"
    rf"perhaps)[, ]+)*(?P<name>[a-z][\w'-]+(?: [a-z][\w'-]+)?),? "
    rf"(?:will|is going to|to|has to|needs to|has agreed to|should|please|is to) (?P<task>(?:{_DO})\b.*)"
)
"""Somebody is named as the one who does it."""
NEED = _cue(
    rf"\b(?:(?:somebody|someone|anybody|anyone|one of (?:us|you)) (?:really )?(?:has to|needs to|should|ought to|must|"
    rf"will have to|could|to)|"
    rf"(?:can|could|would|will) (?:somebody|someone|anybody|anyone|one of (?:us|you))|"
    rf"(?:i|we|that|this|it)(?:'ll)? needs? (?:somebody|someone)(?: who can| to)?|"
    rf"we (?:still |really )?(?:need|have) to make sure(?: that)?) (?:please |also |then )*(?P<task>(?:{_DO})\b.*)"
)
"""Something has to be done and nobody is named."""
ACCEPT = _cue(
    r"^(?:(?:oh|ah|um|uh|hmm|well)[, ]+)*(?:yes|yeah|yep|yup|sure|okay|ok|will do|of course|no problem|happy to|"
    r"absolutely|certainly|gladly|"
    r"consider it|on it|i can|i will|i'll|got it|leave it|alright|all right|fine|my pleasure|with pleasure|right away|"
    r"i'm on|"
    r"definitely|you'll have|you got it|noted|a rough one|as soon as|great|perfect|i'd love to|i'd be)\b"
)
REFUSE = _cue(
    r"^(?:(?:oh|ah|um|uh|hmm|well|yeah|yes)[, ]+)*(?:no\b(?! problem| worries)|sorry|i can't|i cannot|i won't|"
    r"i'd rather not|i wish|i don't think i|"
    r"unfortunately|not me|i'd do (?:it|that) but|i'm afraid)"
)
WELCOME = _cue(
    r"^(?:(?:oh|ah|wow)[, ]+)*(?:that would be|that'd be|please|yes,? please|thank|thanks|brilliant|perfect|great|"
    r"wonderful|lovely|excellent|"
    r"good|okay|ok|cool|super|amazing|nice|do that)\b"
)
"""An offer is taken up."""

DECIDED = _cue(
    r"\b(?:(?:we|we've|we have|we all|everyone|everybody) (?:all |just |now |then |have |has )*(?:agreed|decided|"
    r"settled|concluded|resolved|voted)\b"
    r"(?! yet)|that settles it|that's settled|(?:it|that)(?:'s| is) (?:settled|decided|a deal|agreed|final)|"
    r"(?:that's|this is) (?:the plan|decided|the decision)|full stop|motion (?:is )?(?:carried|passed)|"
    r"unanimous(?:ly)?|"
    r"(?:is|are|was) (?:approved|accepted|adopted)|final decision)"
    r"|^(?:(?:so|okay|ok|alright|right|and|then|good|great)[, ]+)*(?:(?:the |our |my )?decision(?: is| then)?[:,.]? |"
    r"agreed[,:;] )"
)
"""Somebody says that it is decided."""
LETS = _cue(
    r"\b(?:let's|let us|lets) (?:all |just |then |please |definitely |simply |maybe )*+(?P<task>(?!not\b|see\b|start|"
    r"go (?:around|through|round|over|on|back)|"
    r"move on|talk|think|get (?:started|going|back)|come|park|take (?:a (?:break|look|minute|second)|five)|look|wrap|"
    r"continue|begin|say\b(?! \w+)|"
    r"hope|discuss|decide|jump|be (?:honest|clear|fair|careful|real|quick)|hear|call it|assume|imagine|pretend|face|"
    r"wait and|catch up|"
    r"find out|recap|switch (?:over|gears)|proceed|return|dive|pause there|check|ask|try to (?:be|keep)|turn to|"
    r"have a look|finish here|"
    r"leave it (?:there|at that)|do (?:a )?(?:round|quick)|focus (?:for|on the next)|meet|stop here|find (?:another|"
    r"a)|figure|review|"
    r"everyone|not)\w.*)"
)
"""Somebody settles on something for all."""
_SETTLE = r"""go|take|use|keep|stick|stay|leave|drop|move|switch|buy|hire|cancel|postpone|delay|skip|start|launch|
wait|pay|change|
choose|stop|do|adopt|hold|offer|raise|cut|ship|release|order|open|close|run|put|set|meet|build|make|remove|add|try|
not|limit|
split|rent|allow|charge|invite|only|double|reduce|push|pick|swap|bring|give|book|say|replace|merge|send|accept|reject|
sign"""
WE_WILL = _cue(
    rf"\b(?:we'll|we will|we shall|we're going to|we are going to|we're gonna) (?:all |just |then |also |definitely |"
    rf"simply |probably )*+"
    rf"(?P<task>(?:{_SETTLE})\b(?! (?:see|find out|talk|know|need to|have to|think)\b).*)"
    r"|\b(?:we're|we are) (?:all |just |now |then |definitely |not )*+(?P<now>(?:going (?:with|for|ahead|forward)|"
    r"taking|keeping|using|dropping|"
    r"moving|switching|sticking|buying|hiring|cancell?ing|postponing|choosing|skipping|leaving|replacing|stopping|"
    r"delaying)\b.*)"
)
"""Somebody says what all will do."""
WE_NOW = _cue(
    rf"^(?:(?:so|then|okay|ok|alright|all right|good|fine|right|great|and|in that case|therefore|agreed|yes|"
    rf"settled)[, ]+)+"
    rf"(?:then )?we (?:then |just |all |only )*+(?:{_SETTLE})\b"
    r"|^(?:(?:so|then|okay|ok|alright|all right|right|good|fine|yes|well)[, ]+)*(?!where|what|how|"
    r"as\b)(?:\S+ ){1,5}it is(?:,? then)?[.!]?$"
    r"|\bthen it's \w|^(?:so )?it's \w.* then[.!]?$|\bwe (?:keep|drop|stick with|go with|leave) \w"
)
"""Somebody sums up what holds from now on."""
FORBID = _cue(
    r"^(?:(?:so|then|okay|ok|right|good|and|but)[, ]+)*(?:no (?!one|idea|problem|worries|need|doubt|objection|"
    r"question|way|wonder|rush|matter|news|"
    r"slack|time|chance|luck|point|sense|surprise|clue)(?:more |further |new )?\w+|nobody (?!knows|was|is|has|"
    r"had)\w+s\b|no one (?!knows|was|is|has|had)\w+s\b|none of)"
    r"(?:.*\b(?:until|before|for now|for the moment|from now on|any ?more|any longer|without|please|full stop)\b|"
    r"(?: \S+){0,2}$)"
)
"""Somebody rules something out."""
CONSENT = _cue(
    r"\b(?:any(?:body|one)? (?:objections?|opposed|against)|all in favou?r|(?:is|are) (?:anybody|anyone|everyone|"
    r"everybody|we all|you all) "
    r"(?:against|okay|ok|happy|fine|agreed|in favou?r|all right|good|opposed)|every(?:one|body) (?:okay|ok|happy|"
    r"agree[sd]?|fine|good|all right)|"
    r"(?:okay|ok|all right|alright|fine|good) (?:with|for|by) (?:everyone|everybody|all|you all|all of you|"
    r"the two of you)|"
    r"(?:do|can|are) we (?:all )?agreed?|do we have (?:a )?consensus|shall we (?:agree|vote))\b"
)
"""Everybody is asked to agree."""
OPENER = _cue(r"^(?:okay|ok|fine|right|good|alright|all right|so|then|great|in that case|very well)\b")
"""Somebody closes a discussion, or opens a sentence."""
PLEDGE = _cue(
    r"^(?:(?:oh|ah|well|yes|yeah|yep|okay|ok|hmm)[, ]+)*(?:agreed|i agree|(?:that's |i'm |it's )?(?:fine|okay|ok|good|"
    r"all right) (?:with|by|for) (?:me|us)|works for|"
    r"that works|me too|same here|no objections?|seconded|i can live|i'm (?:in favou?r|for it)|deal|understood|"
    r"so be it|makes sense to me|aye)\b"
)
"""Somebody binds themselves to what was said."""
RULE = _cue(
    r"\b(?:moves? (?:back )?to|is moved to|stays? (?:on|in|at|as|where|with|off|out)|goes first|is off the table|"
    r"is out\b|will not be|won't be|"
    r"is cancelled|is postponed|is dropped|is confirmed|starts? on)\b"
)
"""What somebody in charge lays down; believed only when others agree."""
PROPOSE = _cue(
    r"\b(?:i(?:'d| would)? (?:suggest|propose|recommend|vote|move)(?: that| for)? (?:we|to|that)?|i'd say we|"
    r"my (?:proposal|suggestion|vote) (?:is|would be)|"
    r"how about (?:we|if we)?|why don't we|shall we|should we|we could|what if we|i'd (?:go|vote) (?:for|with)|"
    r"i'm for|i would (?:go|vote) (?:for|with))\b"
)
THAT = _cue(
    r"\b(?:let's|let us|we'll|we will|i'd say|then) (?:all |just |then )*(?:do|take|go (?:with|for)|make|use|keep|"
    r"leave|try|have) "
    r"(?:it|that|this|so|them|those|that one|this one)\b(?! \w+ \w+ \w+)|\bthat settles it|\bthat's (?:the plan|"
    r"settled|decided|agreed)|"
    r"\bit's (?:settled|decided|agreed|a deal)|^(?:\w+[, ]+)*(?:we're |we are )?(?:all )?agreed[.!]?(?: then)?[.!]?$"
)
"""What is settled was said before."""
ASSENT = _cue(
    r"^(?:(?:oh|ah|well|yes|yeah|yep|okay|ok|hmm)[, ]+)*(?:agreed|i agree|i(?:'m| am) (?:okay|ok|fine|happy|good|"
    r"all for|in favou?r|with)|same|fine|"
    r"works|that works|sounds|good|okay|ok|me too|yes|yeah|yep|perfect|great|very happy|deal|done|makes sense|"
    r"that makes sense|i can live|"
    r"absolutely|exactly|of course|no objections?|seconded|second|aye|in favou?r|all right|alright|cool|lovely|nice|"
    r"brilliant|understood|"
    r"happy|definitely|sure|thank|wonderful|excellent|i like|i'd (?:be|support)|love it|fair enough|right|that's fair|"
    r"clear|"
    r"\w+(?: \w+)?(?: \w+)? (?:is fine|is good|works|suits|sounds)|so do i|so am i|hear,? hear|let's do (?:it|that))\b"
)
UNSURE = _cue(
    r"\b(?:maybe|perhaps|might|could|would|if (?:we|you|i|they|it|he|she|the)|not sure|i guess|i think we|possibly|"
    r"unless|should we|shall we|"
    r"haven't|have not|hasn't|not (?:yet )?(?:decided|agreed)|last (?:time|year|month|week)|used to|before we|"
    r"as long as|in theory|ideally|"
    r"otherwise|whether|we'd|until we|once we've|when we've|when we have)\b"
)
"""Not said as a settled thing."""
WITHDRAW = _cue(
    r"\b(?:scrap (?:that|it|this)|forget (?:that|it|this|about (?:it|that|this))|never ?mind|strike that|cancel that|"
    r"let's not\b|lets not\b|"
    r"on second thoughts?|i take (?:that|it) back|changed my mind|not so fast|(?:that|it) won't work|that's off|"
    r"ignore (?:that|what i)|"
    r"(?:actually|wait|then|hmm|oh|okay|ok|well)[, ]+no\b(?! problem| worries| idea))"
    r"|^(?:no,? (?:wait|hang on|hold on|sorry|that (?:doesn't|won't)|not (?:then|that|like)|let's not|scrap|forget))"
)
"""What was just said does not hold."""
REVERSE = _cue(
    r"\b(?:after all|instead|change of plan|changed (?:my|our) mind|on reflection|going back (?:on|to)|scrap the|"
    r"forget (?:about )?the|cancel the|"
    r"not (?:any ?more|any longer)|no longer|we won't|let's not)\b"
)
"""Something said earlier may not hold any longer."""
OBJECT = _cue(
    r"^(?:(?:oh|ah|well|hmm|yeah|yes|okay)[, ]+)*(?:but|however|wait|hang on|hold on|not so fast|i disagree|"
    r"i'd be careful|i don't (?:think|like|agree)|"
    r"i'm (?:not sure|worried|a bit worried|against)|are you sure|don't they|isn't that|the problem is|"
    r"no\b(?! problem| worries| objection))"
)


_AUXILIARY = r"(?:do|does|did|can|could|would|should|shall|will|is|are|was|were|have|has)"
_SUBJECT = r"(?:i|we|you|he|she|it|they|that|this|there|the|our|your|my|anybody|anyone|somebody|someone|those|these)"
INTERROGATIVE = _cue(
    rf"(?:^|[,;:] |\b(?:and|so|but|okay|ok|well|then|or|hmm|know) )(?:{_AUXILIARY}(?:n't)? {_SUBJECT}\b|"
    r"(?:(?:to|at|in|on|for|from|with|by|of|about) )?(?:what|what's|who|who's|whom|whose|when|when's|where|where's|"
    r"why|how|which)\b)"
    r"|\bor (?:not|a|the|an)\b"
)
"""The form of a question."""
_UNMARKED = _cue(
    rf"^(?:(?:and|so|but|okay|ok|well|then|or|hmm|sorry|yes|yeah)[, ]+)*(?:{_AUXILIARY}(?:n't)? {_SUBJECT}\b|(?:what|"
    rf"who|where|why|how|which)\b|when {_AUXILIARY}\b)"
)


def says(cue: re.Pattern[str], text: str) -> bool:
    """Tell whether a sentence carries a cue."""
    return cue.search(plain(text)) is not None


def asks(sentence: Sentence) -> bool:
    """Tell whether a sentence is a question: by its mark, or by its form where punctuation is missing."""
    return sentence.text.rstrip().endswith("?") or not sentence.closed and says(_UNMARKED, sentence.text)
