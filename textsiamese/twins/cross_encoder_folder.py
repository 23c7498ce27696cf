"""The folder of a cross-encoder: what sentence-transformers' CrossEncoder reads, and a decision."""

from __future__ import annotations

from pathlib import Path

from textsiamese.encoders.pretrained import open_pair_model, open_tokenizer
from textsiamese.errors import BundleError
from textsiamese.twins.cross_encoder import CrossEncoder
from textsiamese.twins.decision import Decision
from textsiamese.twins.info import TwinInfo
from textsiamese.twins.places import is_cross_encoder
from textsiamese.twins.plain import fingerprint_of
from textsiamese.twins.sealed import check_target, is_sealed, read_sealed, sealed, write_whole
from textsiamese.twins.transformer_tower import model_files

KIND = "cross-encoder"


def load_cross_encoder(folder: Path, name: str) -> CrossEncoder:
    """The cross-encoder in a folder; it has a decision where it was calibrated and saved.

    Args:
        folder: a bundle, or what sentence-transformers or transformers saved.
        name: what to call it where the folder does not say.

    Raises:
        BundleError: if there is none, or a file of a bundle is missing or changed.
    """
    if not is_cross_encoder(folder):
        raise BundleError(f"{name} is no cross-encoder: its model has no head over pairs of texts")
    model, tokenizer = open_pair_model(folder), open_tokenizer(folder)
    if not is_sealed(folder):
        info = TwinInfo(name=name, description="a cross-encoder without a decision (see calibrate)")
        return CrossEncoder(model, tokenizer, None, info, fingerprint_of(folder))
    found = read_sealed(folder)
    decision, info = found.about["decision"], TwinInfo.from_json(found.about["info"])
    return CrossEncoder(
        model,
        tokenizer,
        Decision.from_json(decision) if decision else None,
        info,
        found.fingerprint,
        found.about["max_length"],
    )


def save_cross_encoder(scorer: CrossEncoder, folder: Path) -> None:
    """Write it as a bundle; one that lies there is replaced, once the new one is whole.

    Raises:
        OutputError: if ``folder`` holds something else, or cannot be written.
    """
    check_target(folder)
    about = {
        "kind": KIND,
        "max_length": scorer.max_length,
        "decision": scorer.decision.to_json() if scorer.decision else None,
        "info": scorer.info.to_json(),
    }
    write_whole(folder, sealed(about, model_files(scorer.model, scorer.tokenizer)))
