from __future__ import annotations

from typing import get_args

import textsiamese as ts
from textsiamese.inputs.left_right import SIDES, Reads, Side


def test_all_sides_are_listed_the_left_one_first() -> None:
    assert get_args(Side) == SIDES


def test_what_encoders_read_is_among_what_may_stand_there() -> None:
    encoders = (ts.LstmEncoder, ts.TransformerEncoder, ts.CnnEncoder, ts.BackboneEncoder)
    assert {encoder.reads for encoder in encoders} == set(get_args(Reads))
