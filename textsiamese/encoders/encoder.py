"""What an encoder is to the rest of the package: any of those that a twin can be made of.

Each has ``config`` (with ``dim``, ``max_length``, ``normalize``), ``vocabulary``, ``group_size``,
``tokens(texts)``, and is called with groups of texts of like length.
"""

from textsiamese.encoders.lstm import LstmEncoder
from textsiamese.encoders.transformer import TransformerEncoder

Encoder = LstmEncoder | TransformerEncoder
