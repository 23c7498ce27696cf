"""The one training path: a twin, labelled pairs and a loss in; a bundle out."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar, cast

from textsiamese.errors import InputError
from textsiamese.inputs.pairs import Pairs
from textsiamese.learning.batches import PairBatches
from textsiamese.learning.best import is_over, take_best, unless_it_was_better
from textsiamese.learning.checkpoints import Checkpoints, differences, refuse_other_run
from textsiamese.learning.config import FitConfig
from textsiamese.learning.credits import trained_info
from textsiamese.learning.defaults import config_for, losses_for
from textsiamese.learning.explaining import lost_process_explained, memory_explained
from textsiamese.learning.miners import TripletMiner
from textsiamese.learning.module import TwinModule
from textsiamese.learning.named import losses_named
from textsiamese.learning.objectives import Loss, Objective, WeightedLoss
from textsiamese.learning.processes import by_the_first, join
from textsiamese.learning.runs import describe_run
from textsiamese.learning.teachable import check_teachable, check_teacher, check_towers
from textsiamese.learning.teaching import check_vectors, teach
from textsiamese.learning.trainer import PairTrainer
from textsiamese.twins.bundle import load
from textsiamese.twins.decision import Decision
from textsiamese.twins.sealed import check_target, is_sealed
from textsiamese.twins.twin import Twin

AnyTwin = TypeVar("AnyTwin", bound=Twin)


def fit(
    twin: AnyTwin,
    train: Pairs,
    dev: Pairs,
    *,
    loss: str | Loss | list[WeightedLoss] | None = None,
    out: str | os.PathLike[str],
    config: FitConfig | None = None,
    decide_on: Pairs | None = None,
    teacher: Twin | None = None,
    teacher_vectors: str | os.PathLike[str] | None = None,
    resume: bool = False,
    tensorboard: bool = False,
) -> AnyTwin:
    """Train ``twin`` and leave it in ``out`` as a bundle.

    The epoch with the highest average precision on ``dev`` is kept (on graded pairs: the highest
    rank correlation; where ``dev`` has random different pairs: the highest mean reciprocal rank of
    what belongs together), and of a twin that was trained before its first weights if no epoch is
    better than they are; the decision is then fitted on ``decide_on``. Checkpoints lie in ``out`` +
    ".checkpoints" until the twin is saved. A run that was killed at any moment and resumed ends
    with the same weights as one that was not (same machine, threads and settings).

    Started by torchrun or accelerate, the processes train one twin together: each encodes a part of
    every batch, losses see the whole batch, the first process writes and speaks, and all return the
    same twin. ``out`` is then a folder that all of them can read.

    Args:
        twin: the twin to start from; it stays as it is.
        train: pairs to learn from.
        dev: pairs that choose the epoch; none of them in ``train``.
        loss: a loss, its name ("contrastive", "cross-entropy+0.3*multiple-negatives"), or several
            with their weights; what suits twin and table if None.
        out: the folder of the bundle.
        config: settings; what suits the size of the table if None.
        decide_on: pairs that trained nothing, for calibration and threshold; ``dev`` if None.
        teacher: a twin whose vectors are learnt (`VectorDistillationLoss`); it encodes each
            distinct text of ``train`` once, before the training begins.
        teacher_vectors: a folder in which they stay, to be used by other trainings too; not in
            ``out``; in that of the checkpoints, which is removed at the end, if None.
        resume: go on from the last whole checkpoint, if there is one; a run that is finished is
            only opened.
        tensorboard: whether event files for TensorBoard are written beside the checkpoints, in
            ``out`` + ".tensorboard".

    Returns:
        the trained twin, opened from its bundle; ``info.training`` holds its epochs.

    Raises:
        InputError: before anything is trained, if the tables, losses or teacher cannot teach this
            twin, a setting does not suit its encoder, or a run is to be resumed that was another.
        OutputError: likewise, if ``out`` holds something else than a twin; or if checkpoints of an
            earlier run are in the way and ``resume`` is not asked for; or if a checkpoint cannot
            be written.
        MissingPackageError: if ``config.lora`` is asked for and peft is not installed.
        TrainingError: if the loss is no number any more, the memory does not suffice, or another
            process of the training ended early.
    """
    held = decide_on or dev
    config = config or config_for(len(train), twin)
    losses = _weighted(losses_for(twin.measure, train, teacher) if loss is None else loss)
    check_teachable(twin, train, dev, held, losses)
    wise = check_teacher(twin, train, losses, teacher)
    check_towers(twin, config)
    check_target(Path(out))
    if wise and teacher_vectors:
        check_vectors(wise, teacher_vectors, Path(out))
    run = describe_run(twin, train, dev, held, losses, config, teacher)
    checkpoints = Checkpoints(out)
    if resume and not checkpoints.begun() and is_sealed(Path(out)):
        finished = load(out)
        refuse_other_run(os.fspath(out), finished.info.training, run)
        return cast("AnyTwin", finished)
    module = _module(twin, losses, config)
    with lost_process_explained(checkpoints.folder):
        _check_alike(by_the_first(lambda: run), run)
        checkpoint = by_the_first(lambda: checkpoints.begin(run, resume=resume))
        if not is_over(checkpoint):
            with memory_explained(config):
                kept = Path(teacher_vectors or checkpoints.vectors)
                vectors = teach(wise, train, kept) if wise else None
                batches = PairBatches(
                    train, module.encoder, module.share, vectors, room=config.augmentation.room
                )
                events = Path(f"{os.fspath(out)}.tensorboard") if tensorboard else None
                trainer = PairTrainer(module, batches, dev, config, checkpoints.folder, events)
                trainer.train(resume_from_checkpoint=checkpoint)

        def finish() -> None:
            epochs = _keep_best(module, twin, dev, checkpoints.folder, lora=bool(config.lora))
            info = trained_info(Path(out).name, twin, train, teacher)
            trained = _decided(module, held, config)
            trained.with_parts(info=replace(info, training={**run, "epochs": epochs})).save(out)
            if not config.keep_checkpoints:
                checkpoints.remove()

        by_the_first(finish)
    return cast("AnyTwin", load(out))


def _weighted(loss: str | Loss | list[WeightedLoss]) -> list[WeightedLoss]:
    if isinstance(loss, str):
        return losses_named(loss)
    return loss if isinstance(loss, list) else [(1.0, loss)]


def _module(twin: Twin, losses: list[WeightedLoss], config: FitConfig) -> TwinModule:
    """What is trained, in this process of all that have met."""
    module = TwinModule(
        twin, Objective(losses, TripletMiner(config.miner)), join(), config.augmentation
    )
    if config.lora:
        module.add_lora(config.lora, config.seed)
    if config.gradient_checkpointing:
        module.checkpoint_activations()
    return module


def _check_alike(first: dict[str, Any], run: dict[str, Any]) -> None:
    """Refuse to train together with processes that were given something else."""
    changes = differences(first, run)
    if changes:
        raise InputError(
            f"the processes are not on the same run: in the first one {changes} in another one; "
            "give all of them the same tables and options"
        )


def _keep_best(
    module: TwinModule, twin: Twin, dev: Pairs, folder: Path, *, lora: bool
) -> list[dict[str, float]]:
    """Give the module the best weights that there were; returns what each epoch came to."""
    epochs = take_best(module, folder)
    if lora:
        module.merge_lora()
    return unless_it_was_better(module, twin, dev, epochs) if twin.fingerprint else epochs


def _decided(module: TwinModule, held: Pairs, config: FitConfig) -> Twin:
    """The trained twin, with a decision that is fitted on pairs that trained nothing."""
    if config.half_weights:
        module.round_to_half()
    trained = module.twin()
    similarity = trained.similarity(held.left, held.right)
    decision = Decision.fit(similarity, held.labels, calibrator=config.calibrator)
    return trained.with_parts(decision=decision)
