"""The one training path: a twin, labelled pairs and a loss in; a bundle out."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

from safetensors.torch import load_file

from textsiamese.errors import InputError
from textsiamese.inputs.pairs import Pairs
from textsiamese.learning.batches import PairBatches
from textsiamese.learning.checkpoints import (
    Checkpoints,
    differences,
    last_whole_checkpoint,
    refuse_other_run,
)
from textsiamese.learning.config import FitConfig
from textsiamese.learning.defaults import config_for, losses_for
from textsiamese.learning.explaining import lost_process_explained, memory_explained
from textsiamese.learning.miners import TripletMiner
from textsiamese.learning.module import TwinModule
from textsiamese.learning.named import losses_named
from textsiamese.learning.objectives import Loss, Objective, WeightedLoss
from textsiamese.learning.processes import by_the_first, join
from textsiamese.learning.runs import describe_run
from textsiamese.learning.teachable import check_teachable
from textsiamese.learning.trainer import PairTrainer, chosen_by, dev_metrics
from textsiamese.twins.bundle import load, save
from textsiamese.twins.decision import Decision
from textsiamese.twins.info import TwinInfo
from textsiamese.twins.sealed import check_target, is_sealed
from textsiamese.twins.siamese import Siamese


def fit(
    twin: Siamese,
    train: Pairs,
    dev: Pairs,
    *,
    loss: str | Loss | list[WeightedLoss] | None = None,
    out: str | os.PathLike[str],
    config: FitConfig | None = None,
    decide_on: Pairs | None = None,
    resume: bool = False,
    tensorboard: bool = False,
) -> Siamese:
    """Train ``twin`` and leave it in ``out`` as a bundle.

    The epoch with the highest average precision on ``dev`` is kept (on graded pairs: the highest
    rank correlation), and of a twin that was trained before its first weights if no epoch is
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
        resume: go on from the last whole checkpoint, if there is one; a run that is finished is
            only opened.
        tensorboard: whether event files for TensorBoard are written beside the checkpoints, in
            ``out`` + ".tensorboard".

    Returns:
        the trained twin, opened from its bundle; ``info.training`` holds its epochs.

    Raises:
        InputError: before anything is trained, if the tables or losses cannot teach this twin, a
            setting does not suit its encoder, or a run is to be resumed that was another one.
        OutputError: likewise, if ``out`` holds something else than a twin; or if checkpoints of an
            earlier run are in the way and ``resume`` is not asked for; or if a checkpoint cannot
            be written.
        MissingPackageError: if ``config.lora`` is asked for and peft is not installed.
        TrainingError: if the loss is no number any more, the memory does not suffice, or another
            process of the training ended early.
    """
    held = decide_on or dev
    losses = _weighted(losses_for(twin.measure, train) if loss is None else loss)
    config = config or config_for(len(train), twin)
    check_teachable(twin, train, dev, held, losses)
    check_target(Path(out))
    run = describe_run(twin, train, dev, held, losses, config)
    checkpoints = Checkpoints(out)
    if resume and not checkpoints.begun() and is_sealed(Path(out)):
        finished = load(out)
        refuse_other_run(os.fspath(out), finished.info.training, run)
        return finished
    share = join()
    module = TwinModule(twin, Objective(losses, TripletMiner(config.miner)), share)
    if config.lora:
        module.add_lora(config.lora, config.seed)
    if config.gradient_checkpointing:
        module.checkpoint_activations()
    with lost_process_explained(checkpoints.folder):
        _check_alike(by_the_first(lambda: run), run)
        checkpoint = by_the_first(lambda: checkpoints.begin(run, resume=resume))
        if not (checkpoint and _is_over(Path(checkpoint))):
            with memory_explained(config):
                batches = PairBatches(train, module.encoder, share)
                events = Path(f"{os.fspath(out)}.tensorboard") if tensorboard else None
                trainer = PairTrainer(module, batches, dev, config, checkpoints.folder, events)
                trainer.train(resume_from_checkpoint=checkpoint)

        def finish() -> None:
            epochs = _keep_best(module, twin, dev, checkpoints.folder, lora=bool(config.lora))
            info = replace(_named(twin, Path(out), train), training={**run, "epochs": epochs})
            save(_decide(module, held, config).with_parts(info=info), out)
            if not config.keep_checkpoints:
                checkpoints.remove()

        by_the_first(finish)
    return load(out)


def _weighted(loss: str | Loss | list[WeightedLoss]) -> list[WeightedLoss]:
    if isinstance(loss, str):
        return losses_named(loss)
    return loss if isinstance(loss, list) else [(1.0, loss)]


def _check_alike(first: dict[str, Any], run: dict[str, Any]) -> None:
    """Refuse to train together with processes that were given something else."""
    changes = differences(first, run)
    if changes:
        raise InputError(
            f"the processes are not on the same run: in the first one {changes} in another one; "
            "give all of them the same tables and options"
        )


def _is_over(checkpoint: Path) -> bool:
    """Whether nothing was left to train when the checkpoint was written: all done, or no better."""
    control = _state(checkpoint)["stateful_callbacks"]["TrainerControl"]["args"]
    return bool(control["should_training_stop"])


def _keep_best(
    module: TwinModule, twin: Siamese, dev: Pairs, folder: Path, *, lora: bool
) -> list[dict[str, float]]:
    """Give the module the best weights that there were; returns what each epoch came to."""
    epochs = _take_best(module, folder)
    if lora:
        module.merge_lora()
    return _unless_it_was_better(module, twin, dev, epochs) if twin.fingerprint else epochs


def _decide(module: TwinModule, held: Pairs, config: FitConfig) -> Siamese:
    """The trained twin, with a decision that is fitted on pairs that trained nothing."""
    if config.half_weights:
        module.round_to_half()
    trained = module.twin()
    similarity = trained.similarity(held.left, held.right)
    decision = Decision.fit(similarity, held.labels, calibrator=config.calibrator)
    return trained.with_parts(decision=decision)


def _take_best(module: TwinModule, folder: Path) -> list[dict[str, float]]:
    """Give the module the weights of the best epoch; returns what each epoch came to."""
    last = Path(last_whole_checkpoint(folder) or folder)
    state = _state(last)
    best = last.with_name(f"checkpoint-{state['best_global_step']}")
    module.load_state_dict(load_file(best / "model.safetensors"))
    epochs = state["stateful_callbacks"]["History"]["attributes"]["epochs"]
    steps = state["max_steps"] / state["num_train_epochs"]
    return [{**each, "kept": each["epoch"] * steps == state["best_global_step"]} for each in epochs]


def _unless_it_was_better(
    module: TwinModule, twin: Siamese, dev: Pairs, epochs: list[dict[str, float]]
) -> list[dict[str, float]]:
    """Give the module its first weights back if no epoch was better than they are.

    Few pairs can spoil what a trained twin knows; then only the decision is fitted to them.
    """
    before, named = {"epoch": 0, **dev_metrics(twin, dev)}, chosen_by(dev)
    kept = before[named] >= max(each[named] for each in epochs)
    if kept:
        first = TwinModule(twin, module.objective)
        module.load_state_dict(first.state_dict())
        epochs = [{**each, "kept": False} for each in epochs]
    return [{**before, "kept": kept}, *epochs]


def _state(checkpoint: Path) -> dict[str, Any]:
    return json.loads((checkpoint / "trainer_state.json").read_text(encoding="utf-8"))


def _named(twin: Siamese, out: Path, train: Pairs) -> TwinInfo:
    """What is known of the twin that comes out; what the one that went in says of itself stays."""
    if twin.fingerprint:
        return replace(
            twin.info,
            name=out.name,
            description="",
            trained_on=f"{train.name} ({len(train):,} pairs), begun from {twin.info.name}",
            recipe="",
            base=twin.info.name,
            scores={},
        )
    if twin.info.trained_on:
        return twin.info
    name = out.name if twin.info == TwinInfo() else twin.info.name
    return replace(twin.info, name=name, trained_on=f"{train.name} ({len(train):,} pairs)")
