"""Pictures encoded with the CNN of a twin; prints the seconds that it took, as JSON."""

import json
import sys
import time
from pathlib import Path

import textsiamese as ts

twin = ts.load(sys.argv[1])
paths = sorted(Path(sys.argv[2]).iterdir())
twin.encode(paths[:64], side="right")  # the encoder is opened when it is first used
start = time.perf_counter()
twin.encode(paths, side="right")
print(json.dumps({"right": time.perf_counter() - start}))
