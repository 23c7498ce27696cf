"""What an encoder is to the rest of the package: any of those that a twin can be made of.

Each has ``config`` (with ``dim`` and ``normalize``), ``group_size`` and ``reads``, which says what
it turns into vectors. One that reads texts has ``vocabulary`` and ``tokens(texts)``, and is called
with groups of texts of like length; one that reads pictures has ``form``, and is called with groups
of pictures as they were decoded, uint8 (n, size, size, channels).
"""

from textsiamese.encoders.backbone import BackboneEncoder
from textsiamese.encoders.cnn import CnnEncoder
from textsiamese.encoders.lstm import LstmEncoder
from textsiamese.encoders.transformer import TransformerEncoder

TextEncoder = LstmEncoder | TransformerEncoder
PictureEncoder = CnnEncoder | BackboneEncoder
Encoder = TextEncoder | PictureEncoder
