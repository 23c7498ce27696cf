"""Pieces of English questions, as regular expressions: what rules of rewriting look for."""

from __future__ import annotations

# Things, and where they end.
NAME = r"(?!I\b)[A-Z][\w+#&-]*(?: [A-Z][\w+#&-]*){0,2}"
"""Up to three capitalised words."""
_NO_NOUN = (
    "I|you|we|they|it|he|she|one|this|that|there|these|those|me|him|her|us|them|who|what|be|not|to"
    "|so|if|is|and|or|a|an|the|each|in|on|for|with|from|at|by|about|as|of"
)
_NOUN = rf"(?:(?:a|an|the) )?(?!(?:{_NO_NOUN})\b)[a-z][\w-]*"
_NO_MORE = "and|or|to|of|in|on|for|with|from|at|by|as|is|are|it|me|you|so|much|far|even"
_GOES_ON = rf"(?!(?:{_NO_MORE})\b)[\w-]+"
THING = rf"(?:{NAME}|{_NOUN}(?: {_GOES_ON})?)"
"""A name, or one or two words that may be a noun, with its article."""
OWN = r"(?:my|your|his|her|our|their)\b"
END = (
    r"(?=\?|$| (?:by|in|for|with|without|using|on|at|when|if|as|through|via|during|while|after"
    r"|before)\b)"
)
"""Where a thing is over: at the end, or before a preposition."""
BOTH_WAYS = r"\b(?:distance|far|differ\w*|compar\w+|between|\w+thing|range|how (?:long|many))\b"
"""Where ends are exchanged, what is asked may stay the same: "how far is it from A to B"."""
CLAUSE = (
    r"\b(?:if|that|who|when|while|which|whose|because|since|as|before|after|than|compared"
    r"|the ones?)\b"
)

# Who does what.
WHO = (
    "I|you|we|they|people|he|she|someone|men|women|boys|girls|students|children|dogs|cats|Indians"
    "|Americans|Muslims|Christians|Hindus|Jews|liberals|conservatives|Republicans|Democrats"
)
VERB = r"(?= (?!(?:from|with|in|of|who|that|on|at|and|or|not|never|always|still|only)\b)[a-z])"
"""Before what may be a verb or adjective."""
AUX = "do|does|did|is|are|was|were|could|should|would|has|have|had"
ASKS = r"^(?:Why|What|How|Which|Who|When|Where)\b"
DOING = (
    "being|having|using|eating|drinking|taking|doing|getting|going|living|working|studying|smoking"
    "|watching|reading|wearing|sleeping|buying|making|joining|playing|leaving|moving|owning|keeping"
)
DO = "eat|drink|take|use|quit|stop|pay|mix|sleep|smoke|sign|touch|wash|clean|vote|exercise"
CONVERT = "convert|turn|translate|transform|change|converting|turning|translating|changing"
PREFER = "use|choose|prefer|buy|learn|pick|using|choosing|buying"
NO_GOAL = r"(?:get|make|use|match|be|become|have|something)\b"
"""After "change ... to" and the like: what comes is a purpose, no outcome."""

# Negations.
NOT = r"\b(?:not|no|never|nor|neither|without|cannot|\w+n['’]?t)\b"
NOT_LONE = (
    rf"{NOT}.*{NOT}|\b(?:or|but|yet|any\w*|either|until|unless|nor)\b|\bat all\b"
    r"|\b(?:if|[Ww]hy) not\b|\bnot (?:only|just|even|so)\b"
    r"|\b(?:don['’]t|not) (?:you )?(?:know|think|care|mind)\b"
)
"""Sentences that a negation cannot be taken out of without more."""
GOOD = "good|bad|safe|okay|ok|OK|normal|healthy|legal|illegal|wrong|right|better|wise|rude"
FACT = "safe|possible|legal|illegal|healthy|normal|necessary"
"""What "is it not ..." asks about, where "is it not better" would only invite a yes."""

# Comparisons.
MORE = r"(?:so |much |far |even )*(?:(?:more|less) \w+|(?!other|rather|over)\w+er|worse)"
OPPOSITE = {
    "more": "less",
    "better": "worse",
    "faster": "slower",
    "stronger": "weaker",
    "taller": "shorter",
    "heavier": "lighter",
    "bigger": "smaller",
    "higher": "lower",
    "warmer": "colder",
    "easier": "harder",
    "richer": "poorer",
    "older": "younger",
}
OPPOSITE |= {less: more for more, less in OPPOSITE.items()}

# Deeds of one to another, and the same suffered.
DONE = {
    "affect": "affected",
    "attack": "attacked",
    "beat": "beaten",
    "betray": "betrayed",
    "block": "blocked",
    "cause": "caused",
    "colonize": "colonized",
    "conquer": "conquered",
    "control": "controlled",
    "defeat": "defeated",
    "destroy": "destroyed",
    "fear": "feared",
    "hate": "hated",
    "influence": "influenced",
    "invade": "invaded",
    "kill": "killed",
    "love": "loved",
    "respect": "respected",
    "support": "supported",
    "trust": "trusted",
}

# Numbers.
NUMBER = r"(?<![\w.,/:#^*+=-])(?:\d{1,3}(?:,\d{3})+|\d+)(?![\w/:^*+=-]|[.,]\d)"
"""A whole number that stands alone."""
NO_AMOUNT = (
    r"[=^*]|\[math\]|\b[Tt]op \d|\d (?:\w+ )?(?:best|most|top|things|ways|tips|reasons|examples)\b"
)
"""Sentences in which another number may ask the same: the top 10 of something, formulas."""
COUNTED = r"(?= (?!am\b|pm\b)[a-z]{3,}(?<!th)\b)"

# Names.
ALIASES = {
    "the USA": "the United States",
    "the US": "the USA",
    "the UK": "the United Kingdom",
    "NYC": "New York City",
    "Bombay": "Mumbai",
    "Bangalore": "Bengaluru",
    "Calcutta": "Kolkata",
    "Madras": "Chennai",
    "Donald Trump": "Trump",
    "Narendra Modi": "Modi",
    "Barack Obama": "Obama",
    "Vladimir Putin": "Putin",
    "Mark Zuckerberg": "Zuckerberg",
    "Elon Musk": "Musk",
    "Albert Einstein": "Einstein",
}
BEFORE_PLACE = (
    r"^((?:Why|What|How|Which|Who|Where|Is|Are|Do|Does|Can|Should)\b[^,.:;()]*"
    r"(?<!interested)(?<!invest)(?<!believe)(?<!live)(?<!involved)(?<!succeed)(?<!stay)(?<!work)"
    r"(?<!study)(?<!settle)(?<!is)(?<!are)(?<!it)(?<!up)(?<!get)(?<!specialize)(?<!major))"
)
"""A question up to a last "in ..." that may as well stand in front of it."""
