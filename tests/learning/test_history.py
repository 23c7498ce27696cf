from __future__ import annotations

import json
import math

from textsiamese.learning.history import History


def test_epochs_are_closed_with_their_mean_loss() -> None:
    history = History()
    for loss in (3.0, 1.0):
        history.add(loss)
    assert history.close_epoch({"accuracy": 0.5}) == {"epoch": 1, "loss": 2.0, "accuracy": 0.5}
    history.add(0.5)
    assert history.close_epoch({"accuracy": 0.6})["loss"] == 0.5
    assert [each["epoch"] for each in history.epochs] == [1, 2]
    assert math.isnan(history.close_epoch({})["loss"])


def test_a_restored_history_goes_on_within_its_epoch() -> None:
    whole, begun = History(), History()
    for loss in (0.1, 0.7):
        whole.add(loss)
        begun.add(loss)
    whole.close_epoch({"accuracy": 0.5})
    begun.close_epoch({"accuracy": 0.5})
    whole.add(0.3)
    begun.add(0.3)
    restored = History.from_state(json.loads(json.dumps(begun.state())))
    for history in (whole, restored):
        history.add(0.2)
        history.close_epoch({"accuracy": 0.6})
    assert restored.epochs == whole.epochs
