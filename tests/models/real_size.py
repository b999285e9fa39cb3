"""How large the real networks are, for random weights of their size."""

from tests.models.tiny_canary import SPECIAL, WORDS, Size

VOCABULARY = 16_384
"""Tokens of canary-1b-v2."""
LETTERS = 32
"""Of these, what its tiny sister has beside whole words and control tokens."""

CANARY = Size(
    width=1024,
    heads=8,
    widening=4,
    bands=128,
    channels=256,
    encoder_layers=32,
    decoder_layers=8,
    aligner_layers=24,
    longest=1024,
    unsaid=VOCABULARY - len(SPECIAL) - len(WORDS) - LETTERS,
)
"""Source: the model card of canary-1b-v2: FastConformer of 32 layers, Transformer decoder of 8, 978 million parameters,
beside a CTC aligner of 600 million."""
EOS = -100.0
"""Bias of a sentence's end: these never end by themselves."""
TOKENS_PER_SECOND = 4.0
"""How fast people speak, in tokens of Canary."""
