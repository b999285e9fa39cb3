"""What promises, requests and their answers sound like. English only."""

from stages.extract.cues import cue

_DO = """send|e-?mail|mail|write|draft|prepare|call|phone|ring|ask|check|double[- ]check|look (?:into|at|for|after|
over|up)|find|finish|complete|fix|set up|schedule|reschedule|book|reserve|order|buy|pay|contact|reach out|get|
follow up|talk|speak|discuss|review|update|upload|share|circulate|forward|post|publish|print|bring|pick|organi[sz]e|
arrange|plan|make|create|build|test|measure|install|deploy|ship|release|move|migrate|add|remove|delete|change|clean|
document|translate|sketch|design|draw|collect|gather|compile|calculate|run|do|take|handle|sort|chase|remind|tell|
let \\w+(?: \\w+)? know|inform|notify|invite|meet|visit|sign|submit|apply|register|cancel|confirm|correct|investigate|
try|put|start|work on|present|hire|interview|transfer|export|import|summari[sz]e|file|open|close|drop|deliver|
proofread|edit|record|research|compare|list|verify|validate|ping|push|merge|redo|rewrite|reply|answer|respond|
negotiate|propose|figure out|dig|pull|report|turn|disable|enable|switch|replace|repair|renew|return|approach|announce|
assign|estimate|evaluate|examine|fill|fetch|hand|help|host|implement|improve|keep|lead|learn|monitor|order|own|pass|
persuade|promise|provide|query|raise|refactor|reserve|revise|scan|search|secure|sell|show|swap|track|train|type|water|
weigh|wrap|drive|cook|bake|pack|label|paint|count|enter|coordinate|clear up|clarify|go (?:to|through|over|and)|
come (?:up with|by)|have a (?:look|word|chat)|give|leave|stay|dispatch|recruit|rent|hang|hold|cover|carry|store|
ask around|consult|copy|cut|convert|configure|charge|bill|back up|archive|adjust"""
_SMALL_TALK = """be|see|say|admit|never|always|miss|love|hate|believe|assume|know|need|want|think|bet|guess|give up|
go first|begin|stop|repeat|explain|skip|wait|leave it (?:there|at that)|let you|hand (?:over|it)|pass (?:over|it|
on to)|mute|unmute|read|jump|keep (?:it|this) (?:short|brief|quick)|get to (?:that|it)|come (?:back )?to (?:that|it)|
move on|take your word|share my screen|show you|start (?:with|by|off|us)|start$|die|regret|understand|like|hope|
remember|forget|walk you|tell you (?:what|why|how)|come back|get back to (?:that|this)|sound|look like|stick with|
go with|take (?:that|it) (?:as|back)|have (?!to\\b)|feel|live with|get (?:there|it)|try (?:to )?(?:be|keep)|just say|
ask (?:you|again|one)|do my best"""
_SOFT = (
    r"(?:(?:also|just|then|definitely|probably|certainly|quickly|personally|gladly|happily|still|try to|have to|"
    r"need to|make sure (?:to|that i)?|go ahead and|be able to|be(?= \w+ing\b)) )*+"
)


PROMISE = cue(
    rf"\b(?:i'll|i will|i'm going to|i am going to|i'm gonna|i shall|i promise to|i volunteer to) {_SOFT}(?!not\b|"
    rf"{_SMALL_TALK})(?P<task>\w.*)|\byou(?:'ll| will) (?P<give>(?:have|get|receive|hear) .*)|\bwe(?:'ll|"
    rf" will) {_SOFT}(?P<us>(?:{_DO}) (?:\w+ ){{0,3}}?you\b.*)"
)
"""The speaker takes something on, in so many words."""
OFFER = cue(
    rf"\b(?:i can|i could|let me|i'd be (?:glad|happy) to|i'm happy to|happy to|i want to|i need to|i have to|"
    rf"i've got to|i should|i must|i plan to|i'm planning to|i intend to|i'd like to|"
    rf"i'm (?=\w+ing\b)) ?{_SOFT}(?!not\b|{_SMALL_TALK})(?P<task>(?:{_DO}|\w+ing)\b.*)"
)
"""The speaker may take something on: believed when a date is named, it was asked for, or it is welcomed."""
LEAVE_IT = cue(
    r"\b(?:leave (?:it|that) (?:with|to) me|i'm on it|i'll take (?:that|it|this|care)|consider it done|i'll do (?:it|"
    r"that|so|this)|i can do (?:it|that|this)|i can take (?:it|that|this)|that's on me|put me down|i'll handle (?:it|"
    r"that))\b"
)
"""The speaker takes on what was just asked for."""
POINTS_BACK = cue(
    r"^(?:\w+[,.]? ){0,4}?(?:i'll|i will|i can|i could|i'd|let me) (?:\w+ ){1,3}?(?:it|that|this|them|him|her|those|"
    r"so)\b"
)
"""A promise that says what by a pronoun."""
ASK = cue(
    rf"\b(?:(?:can|could|would|will) you (?:please |maybe |perhaps |also |just |quickly |be so kind (?:as )?to |"
    rf"(?:be able|manage) to )*|would you mind |i(?:'d| would)? (?:need|want|like) you to |"
    rf"i'd appreciate it if you (?:could |would )?|you(?:'ll| will)? (?:need|have) to |make sure (?:that )?you |"
    rf"don't forget to |remember to |please )(?P<task>(?:{_DO}|\w+ing)\b.*)"
)
"""Somebody is asked to do something."""
CHAT = cue(
    r"\b(?:(?:can|could|would|will) (?:you|everyone|everybody|anyone|anybody) (?:all |still |just |please )*(?:hear|"
    r"see|say|repeat|imagine|believe|explain|elaborate|tell (?:me|us)|remind (?:me|us) (?:what|who|when|where|how|"
    r"again)|walk (?:me|us)|give (?:me|us) (?:a|an|some) (?:sense|idea|example|second|minute|moment|hint)|"
    r"go (?:first|next|ahead|on|back)|speak up|share your screen|mute|unmute|take (?:me|us)|start)|"
    r"please (?:go ahead|go on|do\b|continue|don't|mute|unmute|welcome|feel free|hold|wait|start)|yes,? please|"
    r"excuse me)"
)
"""Asking that ends with the conversation itself."""
THIRD = cue(
    rf"^(?:(?:so|and|then|okay|ok|right|great|good|well|maybe|"
    rf"perhaps)[, ]+)*(?P<name>[a-z][\w'-]+(?: [a-z][\w'-]+)?),? (?:will|is going to|to|has to|needs to|"
    rf"has agreed to|should|please|is to) (?P<task>(?:{_DO})\b.*)"
)
"""Somebody is named as the one who does it."""
NEED = cue(
    rf"\b(?:(?:somebody|someone|anybody|anyone|one of (?:us|you)) (?:really )?(?:has to|needs to|should|ought to|"
    rf"must|will have to|could|to)|(?:can|could|would|will) (?:somebody|someone|anybody|anyone|one of (?:us|you))|"
    rf"(?:i|we|that|this|it)(?:'ll)? needs? (?:somebody|someone)(?: who can| to)?|we (?:still |really )?(?:need|"
    rf"have) to make sure(?: that)?) (?:please |also |then )*(?P<task>(?:{_DO})\b.*)"
)
"""Something has to be done and nobody is named."""
WHO_DOES = cue(
    rf"\bwho(?:'s| is|'ll| will| can| could| would| wants| takes|"
    rf" has time)?(?: going)?(?: to)? (?P<task>(?:{_DO})\b.*)"
)
"""Somebody looks for who will do something: a task once it is taken."""
SHALL_I = cue(
    rf"\b(?:shall|should) i (?!share\b|start|begin|go\b|show|read|put|close|open|turn|take over|"
    rf"talk)(?P<task>(?:{_DO})\b.*)|\b(?:do you want|would you like) me to (?P<wanted>(?:{_DO})\b.*)"
)
"""An offer in the form of a question."""
PLEASE = cue(
    rf"^(?:(?:so|and|then|okay|ok|right|good|excellent|well|yes)[,.]? )*please (?:also )?(?:{_DO})\b(?: \S+){{4,}}"
)
"""An order, whoever carries it out."""
ACCEPT = cue(
    r"^(?:(?:oh|ah|um|uh|hmm|well)[, ]+)*(?:yes|yeah|yep|yup|sure|okay|ok|will do|of course|no problem|happy to|"
    r"absolutely|certainly|gladly|consider it|on it|i can|i will|i'll|got it|leave it|alright|all right|fine|"
    r"my pleasure|with pleasure|right away|i'm on|definitely|you got it|noted|great|perfect|i'd love to|i'd be)\b"
)
REFUSE = cue(
    r"^(?:(?:oh|ah|um|uh|hmm|well|yeah|yes)[, ]+)*(?:no\b(?! problem| worries)|sorry|i can't|i cannot|i won't|"
    r"i'd rather not|i wish|i don't think i|unfortunately|not me|i'd do (?:it|that) but|i'm afraid)"
)
WELCOME = cue(
    r"^(?:(?:oh|ah|wow)[, ]+)*(?:that would be|that'd be|please|yes,? please|thank|thanks|brilliant|perfect|great|"
    r"wonderful|lovely|excellent|good|okay|ok|cool|super|amazing|nice|do that)\b"
)
"""An offer is taken up."""
