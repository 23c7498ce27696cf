"""From prepared tables to a judged twin, with what suits the table where nothing was asked for."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from textsiamese.encoders.encoder import Encoder
from textsiamese.errors import InputError, OutputExistsError
from textsiamese.judging.evaluation import Evaluation, Judged
from textsiamese.learning.beginning import NEW, beginning_for, first_twin
from textsiamese.learning.checkpoints import Checkpoints
from textsiamese.learning.config import FitConfig
from textsiamese.learning.defaults import config_for, losses_for
from textsiamese.learning.fit import fit
from textsiamese.learning.hard_negatives import mine_hard_negatives
from textsiamese.learning.named import losses_as_typed, losses_named
from textsiamese.learning.objectives import WeightedLoss
from textsiamese.learning.processes import by_the_first, how_many
from textsiamese.learning.tables import Tables
from textsiamese.learning.towers import Towers
from textsiamese.twins.bundle import load
from textsiamese.twins.evaluate import judge
from textsiamese.twins.pseudo_siamese import PseudoSiamese
from textsiamese.twins.sealed import check_target, is_sealed
from textsiamese.twins.siamese import Siamese
from textsiamese.twins.twin import Twin
from textsiamese.twins.two_towers import towers_of


@dataclass(frozen=True)
class Trained:
    """A finished training.

    Attributes:
        twin: the trained twin, as it lies in its folder.
        role: what it was judged on: "test", or "dev" where there is no test.
        judged: its scores on those pairs, and what they come to.
    """

    twin: Twin
    role: str
    judged: Judged


def train_twin(
    tables: Tables,
    out: str | os.PathLike[str],
    *,
    encoder: str | Towers | None = None,
    loss: str | None = None,
    settings: Mapping[str, Any] | None = None,
    hard_negatives: int = 0,
    teacher: Twin | None = None,
    teacher_vectors: str | os.PathLike[str] | None = None,
    resume: bool = False,
    overwrite: bool = False,
    tensorboard: bool = False,
    tell: Callable[[str], None] = lambda _: None,
) -> Trained:
    """Train a twin on prepared tables, and judge it on test; on dev where there is no test.

    Args:
        tables: what `prepare_tables` made.
        out: the folder of the twin.
        encoder: where to begin; see `first_twin`.
        loss: names of losses; see `losses_named`. None: what suits twin and table.
        settings: of `FitConfig`, where they shall not be what suits the table.
        hard_negatives: how many different pairs each question of a same pair gets in train, mined
            with the twin that the training begins from; see `mine_hard_negatives`.
        teacher, teacher_vectors: a twin whose vectors are learnt, and where they stay; see `fit`.
        resume: go on with a run that was stopped; see `fit`.
        overwrite: replace a twin in ``out``, and what an earlier run left there.
        tensorboard: write event files.
        tell: is handed what happens, a line each.

    Raises:
        OutputExistsError: if a twin lies in ``out``, and neither option says what to do with it.
        InputError, OutputError, TrainingError, BundleError: as `fit`, `first_twin` and
            `mine_hard_negatives`; and if negatives are to be mined with a new encoder.
    """
    check_out(out, resume=resume, overwrite=overwrite)
    encoder = encoder or beginning_for(tables.train, teacher)
    if hard_negatives:
        tables = _with_hard_negatives(tables, encoder, hard_negatives, tell)
    if overwrite and not resume:
        by_the_first(Checkpoints(out).remove)
    asked = None if loss is None else losses_named(loss)
    chosen = dict(settings or {})
    seed = int(chosen.get("seed", 0))
    twin = first_twin(encoder, tables.train, asked, teacher=teacher, seed=seed)
    losses = asked or losses_for(twin.measure, tables.train, teacher)
    suits = config_for(len(tables.train), twin, lora=bool(chosen.get("lora")))
    config = suits.with_settings(chosen)
    for line in filter(None, (_begins(twin), _taught(teacher), _goes(tables, losses, config))):
        tell(line)
    trained = fit(
        twin,
        tables.train,
        tables.dev,
        loss=losses,
        out=out,
        config=config,
        teacher=teacher,
        teacher_vectors=teacher_vectors,
        resume=resume,
        tensorboard=tensorboard,
    )
    role, pairs = ("dev", tables.dev) if tables.test is None else ("test", tables.test)
    judged = judge(trained, pairs)
    info = replace(trained.info, scores=_scores(judged.evaluation, role))
    by_the_first(lambda: trained.with_parts(info=info).save(out))
    return Trained(load(out), role, judged)


def check_out(out: str | os.PathLike[str], *, resume: bool, overwrite: bool) -> None:
    """Refuse a folder that cannot take the twin; asked again before a long table is read.

    Raises:
        OutputExistsError: if a twin lies there, and neither option says what to do with it.
        OutputError: if something else does.
    """
    check_target(Path(out))
    if is_sealed(Path(out)) and not (resume or overwrite):
        raise OutputExistsError(
            f"{out} holds a twin already: replace it with --overwrite (overwrite=True), go on with "
            "--resume (resume=True), or choose another folder"
        )


def _with_hard_negatives(
    tables: Tables, encoder: str | Towers, per_text: int, tell: Callable[[str], None]
) -> Tables:
    if isinstance(encoder, Towers):
        raise InputError(
            "hard negatives are mined among texts of one kind, with the one encoder that reads "
            "them, and here there are two: leave them out (--hard-negatives)"
        )
    if encoder == NEW:
        raise InputError(
            "hard negatives are mined with the twin that the training begins from, and a new "
            "encoder knows nothing yet: train without them first and go on from that twin "
            "(--encoder DIR), or begin from the bundled one (--encoder lstm-quora)"
        )
    twin = load(encoder)
    if not isinstance(twin, Siamese):
        raise InputError(
            f"hard negatives are mined among texts of one kind, and {twin.info.name} has two "
            "towers: leave them out (--hard-negatives)"
        )
    mined = mine_hard_negatives(twin, tables.train, per_text=per_text, tell=tell)
    return replace(tables, train=mined)


def _begins(twin: Twin) -> str:
    begun = twin.info.name if twin.fingerprint else twin.info.base
    said = f"begins from {begun}" if begun else "begins anew"
    if isinstance(twin, PseudoSiamese):
        towers = [_sized(each) for each in towers_of(twin.encoder)]
        said += f", with two towers: {towers[0]} and {towers[1]}"
    elif not begun:
        return f"begins with a new {_sized(twin.encoder)}"
    if not twin.info.terms:
        return said
    return (
        f"{said}; what comes out is under its terms: {twin.info.terms}. "
        '"--encoder lstm" begins with a new encoder, free of them'
    )


def _sized(encoder: Encoder) -> str:
    weights = sum(each.numel() for each in encoder.parameters()) / 1e6
    kind = type(encoder).__name__.removesuffix("Encoder")
    named = kind.upper() if kind in ("Lstm", "Cnn") else kind.lower()
    return f"{named} encoder of {weights:.1f} million weights"


def _taught(teacher: Twin | None) -> str:
    if teacher is None:
        return ""
    said = f"learns the vectors of {teacher.info.name}"
    terms = teacher.info.terms
    return f"{said}, and what comes out is under its terms: {terms}" if terms else said


def _goes(tables: Tables, losses: list[WeightedLoss], config: FitConfig) -> str:
    train = tables.train
    return (
        f"loss {losses_as_typed(losses)}; at most {config.epochs} "
        f"epoch{'' if config.epochs == 1 else 's'} of "
        f"{len(train):,} {'texts' if train.only_texts else 'pairs'}, "
        f"{config.batch_size * config.accumulation} rows a step, "
        f"learning rate {config.learning_rate:.2g}"
        + (f", in {how_many()} processes" if how_many() > 1 else "")
    )


def _scores(evaluation: Evaluation, role: str) -> dict[str, float]:
    """What the twin says of itself; the threshold is its own, fitted on dev."""
    told = ("accuracy", "f1", "average_precision", "roc_auc", "ece")
    scores = {f"{role} pairs": float(evaluation.n)}
    return scores | {f"{role} {name}": getattr(evaluation, name) for name in told}
