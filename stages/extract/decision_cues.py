"""What decisions, proposals and the reactions to them sound like. English only."""

from stages.extract.cues import cue

DECIDED = cue(
    r"\b(?:(?:we|we've|we have|we all|everyone|everybody) (?:all |just |now |then |have |has )*(?:agreed|decided|"
    r"settled|concluded|resolved|voted)\b(?! yet)|that settles it|that's settled|(?:it|that)(?:'s| is) (?:settled|"
    r"decided|a deal|agreed|final)|(?:that's|this is) (?:the plan|decided|the decision)|full stop|"
    r"motion (?:is )?(?:carried|passed)|unanimous(?:ly)?|(?:is|are|was) (?:approved|accepted|adopted)|"
    r"final decision|make (?:it|that|this) (?:a|the) rule)|^(?:(?:so|okay|ok|alright|right|and|then|good|"
    r"great)[, ]+)*(?:(?:the |our |my )?decision(?: is|"
    r" then)?[:,.]? |agreed[,:;] )"
)
"""Somebody says that it is decided."""
LETS = cue(
    r"\b(?:let's|let us|lets) (?:all |just |then |please |definitely |simply |maybe )*+(?P<task>(?!not\b|see\b|start|"
    r"go (?:around|through|round|over|on|back)|move on|talk|think|get (?:started|going|back)|come|park|"
    r"take (?:a (?:break|look|minute|second)|five)|look|wrap|continue|begin|say\b(?! \w+)|hope|discuss|decide|jump|"
    r"be (?:honest|clear|fair|careful|real|quick)|hear|call it|assume|imagine|pretend|face|wait and|catch up|"
    r"keep (?:it|this) (?:short|brief|simple|quick)|vote|find out|recap|switch (?:over|gears)|proceed|return|dive|"
    r"pause there|check|ask|try to (?:be|keep)|turn to|have a look|finish here|leave it (?:there|at that)|"
    r"do (?:a )?(?:round|quick)|pick (?:it|this|that) up|focus (?:for|on the next)|meet|stop here|"
    r"find (?:another|a)|figure|review|everyone|"
    r"not)\w.*)"
)
"""Somebody settles on something for all."""
_SETTLE = r"""go|take|use|keep|stick|stay|leave|drop|move|switch|buy|hire|cancel|postpone|delay|skip|start|launch|
wait|pay|change|choose|stop|do|adopt|hold|offer|raise|cut|ship|release|order|open|close|run|put|set|meet|build|make|
remove|add|try|not|limit|split|rent|allow|charge|invite|only|double|reduce|push|pick|swap|bring|give|book|say|replace|
merge|send|accept|reject|sign"""
WE_WILL = cue(
    rf"\b(?:we'll|we will|we shall|we're going to|we are going to|we're gonna) (?:all |just |then |also |definitely |"
    rf"simply |probably )*+(?P<task>(?:{_SETTLE})\b(?! (?:see|find out|talk|know|need to|have to|think)\b).*)"
    r"|\b(?:we're|we are) (?:all |just |now |then |definitely |not )*+(?P<now>(?:going (?:with|for|ahead|forward)|"
    r"taking|keeping|using|dropping|moving|switching|sticking|buying|hiring|cancell?ing|postponing|choosing|skipping|"
    r"leaving|replacing|stopping|delaying)\b.*)"
)
"""Somebody says what all will do."""
FROM_NOW = cue(
    r"\bfrom (?:now|(?:january|february|march|april|may|june|july|august|september|october|november|december|monday|"
    r"tomorrow|today)|next \w+|(?:the )?\w+ of \w+) on(?:wards?)?\b|\bas of (?:today|now|tomorrow|next|monday|"
    r"january)\b|\bwith immediate effect\b"
)
"""Somebody says when something begins to hold."""
WE_NOW = cue(
    rf"^(?:(?:so|then|okay|ok|alright|all right|good|fine|right|great|and|in that case|therefore|agreed|yes|"
    rf"settled)[, ]+)+(?:then )?we (?:then |just |all |only )*+(?:{_SETTLE})\b"
    r"|^(?:(?:so|then|okay|ok|alright|all right|right|good|fine|yes|well)[, ]+)*(?!where|what|how|"
    r"as\b|in\b|on\b|at\b|during\b)(?:\S+ ){1,5}it is(?:,? then)?(?:[.!]?$|, (?:starting|from|until|for|"
    r"with)\b)|\bthen it's (?!possible|fine|okay|ok|true|good|not\b)\w|"
    r"^(?:so )?it's (?!\w+,? then)\w.* then[.!]?$|\bwe (?:keep|drop|stick with|go with|leave) \w"
)
"""Somebody sums up what holds from now on."""
REMAINS = cue(
    r"^(?:(?:so|then|okay|ok|right|good|fine|and)[,. ]+)+(?:\w+ ){1,4}(?:stays?|remains?)\b|"
    r"\b(?:stays?|remains?)\b.*\bthen[.!]?$"
)
"""Somebody sums up what is left as it is."""
ELLIPTIC = cue(
    r"^(?!(?:that|it|this|what|who|where|how|why|when|i|you|he|she|they|there|we|if|but|because|thanks?|thank|see|bye|"
    r"go|come|wait|not|maybe|perhaps|okay|right|good|give|let|try|ask|tell)\b)\S+(?: \S+){2,14}, then[.!]?$"
)
"""Somebody names what it comes to, without a verb: fourteen pounds and twenty-four hours, then."""
CLOSED = cue(
    r"^(?:(?:so|and|then|okay|ok|right|good|great|lovely|fine)[, ]+)*(?:done|sorted|settled|deal|agreed|"
    r"(?:and |then )?that's how (?:we(?:'ll|'re)? (?:do|doing) it|it is|it'll be)|we(?:'ll| will)? do (?:it|that)|"
    r"no exceptions|(?:i see|all|only|everyone's|everybody's) (?:only )?nodding|hands up)[.!]?$|^no exceptions\b"
)
"""Said right after it: what came before is settled."""
FORBID = cue(
    r"^(?:(?:so|then|okay|ok|right|good|and|but)[, ]+)*(?:no (?!one|idea|problem|worries|need|doubt|objection|"
    r"question|way|wonder|rush|matter|news|slack|time|chance|luck|point|sense|surprise|clue)(?:more |further |"
    r"new )?\w+|nobody (?!knows|was|is|has|had)\w+s\b|no one (?!knows|was|is|has|had)\w+s\b|none of)(?:.*\b(?:until|"
    r"before|for now|for the moment|from now on|any ?more|any longer|without|please|full stop|"
    r"ever|at all|under any)\b|(?: \S+){0,2}$)"
)
"""Somebody rules something out."""
CONSENT = cue(
    r"\b(?:any(?:body|one)?(?: else)? (?:objections?|opposed|against|unhappy|disagrees?)|all in favou?r|(?:is|"
    r"are) (?:anybody|anyone|everyone|"
    r"everybody|we all|you all) (?:against|okay|ok|happy|fine|agreed|in favou?r|all right|good|opposed)|every(?:one|"
    r"body) (?:okay|ok|happy|agree[sd]?|fine|good|all right)|(?:okay|ok|all right|alright|fine|good) (?:with|for|"
    r"by) (?:everyone|everybody|all|you all|all of you|the two of you)|(?:do|can|are) we (?:all )?agreed?|"
    r"do we have (?:a )?consensus|shall we (?:agree|vote)|are we agreed)\b|^(?:(?:is )?every(?:one|body)|hands|good|"
    r"agreed|all right)\?$"
)
"""Everybody is asked to agree."""
RULE = cue(
    r"\b(?:moves? (?:back )?to|is moved to|stays? (?:on|in|at|as|where|with|off|out)|goes first|is off the table|"
    r"is out\b|will not be|won't be|is cancelled|is postponed|is dropped|is confirmed|starts? on)\b"
)
"""What somebody in charge lays down; believed only when others agree."""
THAT = cue(
    r"\b(?:let's|let us|we'll|we will|i'd say|then) (?:all |just |then )*(?:do|take|go (?:with|for)|make|use|keep|"
    r"leave|try|have) (?:it|that|this|so|them|those|that one|this one)\b(?! \w+ \w+ \w+)|\bthat settles it|"
    r"\bthat's (?:the plan|settled|decided|agreed)|\bit's (?:settled|decided|agreed|a deal)|^(?:\w+[, ]+)*(?:we're |"
    r"we are )?(?:all )?agreed[.!]?(?: then)?[.!]?$"
)
"""What is settled was said before."""
ASSENT = cue(
    r"^(?:(?:oh|ah|well|yes|yeah|yep|okay|ok|hmm)[, ]+)*(?:agreed|i agree|i(?:'m| am) (?:okay|ok|fine|happy|good|"
    r"all for|in favou?r|with)|same|fine|works|that works|sounds|good|okay|ok|me too|yes|yeah|yep|perfect|great|"
    r"very happy|deal|done|makes sense|that makes sense|i can live|absolutely|exactly|of course|no objections?|"
    r"seconded|second|aye|in favou?r|all right|alright|cool|lovely|nice|brilliant|understood|happy|definitely|sure|"
    r"thank|wonderful|excellent|i like|i'd (?:be|support)|love it|fair enough|right|that's fair|clear|"
    r"\w+(?: \w+)?(?: \w+)? (?:is fine|is good|works|suits|sounds)|so do i|so am i|hear,? hear|let's do (?:it|"
    r"that))\b"
)
UNSURE = cue(
    r"\b(?:maybe|perhaps|might|could|would|if (?:we|you|i|they|it|he|she|the)|not sure|i guess|i think we|possibly|"
    r"unless|should we|shall we|haven't|have not|hasn't|not (?:yet )?(?:decided|agreed)|last (?:time|year|month|"
    r"week)|used to|before we|as long as|in theory|ideally|otherwise|whether|we'd|until we|once we've|when we've|"
    r"when we have)\b"
)
"""Not said as a settled thing."""
REVERSE = cue(
    r"\b(?:after all|instead|change of plan|changed (?:my|our) mind|on reflection|going back (?:on|to)|scrap the|"
    r"forget (?:about )?the|cancel the|not (?:any ?more|any longer)|no longer|we won't|let's not)\b"
)
"""Something said earlier may not hold any longer."""
OBJECT = cue(
    r"^(?:(?:oh|ah|well|hmm|yeah|yes|okay)[, ]+)*(?:but|however|wait|hang on|hold on|not so fast|i disagree|"
    r"i'd be careful|i don't (?:think|like|agree)|i'm (?:not sure|worried|a bit worried|against)|are you sure|"
    r"don't they|isn't that|the problem is|no\b(?! problem| worries| objection))"
)
THEN = cue(
    r"^(?:(?:okay|ok|right|good|all right|alright|great|fine|well|yes|no|and|lovely|perfect)[,.]? )*(?:then|so)\b,? "
    r"(?!what|who|why|how|where|when|is|are|do|does|did|can|that's why|far|much|many|i\b)"
)
"""Somebody draws the conclusion."""
ORDER = cue(
    r"^(?:(?:okay|ok|right|good|all right|alright|great|fine|well|yes|no|and|so|then)[,.]? )*(?:go|take|use|keep|leave|"
    r"drop|move|switch|buy|cancel|skip|start|pay|change|choose|stop|do|hold|offer|raise|cut|order|open|close|put|set|"
    r"make|remove|add|try|cover|get|tell|book|send)\b"
)
"""Somebody says what to do."""
REFUSAL = cue(
    r"^(?:(?:okay|ok|right|good|all right|well|so|then|and)[,.]? )*(?:no|nobody|no one|not|none|nothing|never)\b,? \w"
)
"""Somebody says what not to do."""
AMOUNT = cue(
    r"\d|\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|twenty|thirty|forty|fifty|sixty|"
    r"seventy|eighty|ninety|hundred|thousand|half)\b"
)
"""A figure, or a day of the month."""
REASON = cue(
    r"\b(?:because|since|is that|problem|means?|costs?|thing is|sounds|looks|think|thought|guess|know|see|feel)\b"
)
"""Somebody weighs or explains."""
ADDRESS = cue(r"\b(?:you|you'll|you've|you're|your)\b")
"""It is said to somebody."""
ALL_RIGHT = cue(
    r"\b(?:all right|alright|okay|ok|agreed?|live with|problem with|fix that|settle|against|happy with|is that it|"
    r"everyone|everybody|anyone|anybody|fine|objections?|unhappy|favou?r|say yes|what we want|"
    r"is that (?:clear|fair|a yes))\b|^(?:\w+[, ]+)?(?:yes|right|clear|fair)\?$"
)
"""A question that asks for a yes; believed only of questions."""
SUPPORT = cue(
    r"\b(?:i'd be (?:very |quite )?(?:happy|glad)|happy with|live with|gets my vote|i'd say yes|works for|i'm for|"
    r"(?:i'd|i would) (?:do|take|go|prefer|rather|like|want|say)|i agree|agreed|good idea|great idea|better|fair|"
    r"makes sense|same here|me too|mine too|fine by|suits|in favou?r|true|worth|let's|we could|how about|what if|"
    r"why not|why don't)\b"
)
"""Somebody speaks for something, or brings it up."""
TAKES_ON = cue(r"\b(?:i'll|i will|i can|i'm going to|leave it|will do|i'd (?:book|ask))\b")
"""Somebody sets about what was just said."""
