"""``textsiamese train``: a table of pairs in, a twin of your own out."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from textsiamese.cli import labelled, settings, teaching
from textsiamese.cli.closing import REPORT, closing_lines
from textsiamese.cli.facts import judging_facts, training_facts
from textsiamese.cli.messages import guard, say
from textsiamese.errors import InputError
from textsiamese.learning.processes import how_many, is_first, join

if TYPE_CHECKING:
    from textsiamese.learning.train import Trained


def train(
    pairs: str = labelled.PAIRS,
    out: Path = typer.Option(..., "--out", "-o", metavar="DIR", help="The folder of the twin."),
    dev: str | None = typer.Option(
        None,
        "--dev",
        metavar="DEV",
        help="Pairs that choose the epoch and fit the decision; else taken from PAIRS.",
    ),
    test: str | None = typer.Option(
        None,
        "--test",
        metavar="TEST",
        help="Pairs to judge the twin on; taken from PAIRS if neither DEV nor TEST is given.",
    ),
    encoder: str | None = typer.Option(
        None,
        "--encoder",
        metavar="E",
        help='"lstm" for a new one; or what to begin from: a bundled twin, a folder, a Hub id. '
        "Left out: what suits the table.",
    ),
    left_encoder: str | None = settings.LEFT_ENCODER,
    right_encoder: str | None = settings.RIGHT_ENCODER,
    loss: str | None = typer.Option(
        None,
        "--loss",
        metavar="L",
        help="contrastive, online-contrastive, triplet, quadruplet, cross-entropy, "
        "multiple-negatives, distillation, vector-distillation, cosent or cosine-similarity; "
        "several as "
        '"cross-entropy+0.3*multiple-negatives". Left out: what suits the table.',
    ),
    left: str | None = labelled.LEFT,
    right: str | None = labelled.RIGHT,
    label: str | None = labelled.LABEL,
    similar_is_zero: bool = labelled.SIMILAR_IS_ZERO,
    graded: str | None = typer.Option(
        None, "--graded", metavar="LOW-HIGH", help="The labels are grades on a scale, such as 0-5."
    ),
    same_from: float | None = typer.Option(
        None, "--same-from", metavar="G", help="The grade from which on a pair counts as the same."
    ),
    positives_only: bool = typer.Option(
        False, "--positives-only", help="The table has no labels: all its pairs are the same."
    ),
    pictures: Path | None = labelled.PICTURES,
    encoding: str | None = labelled.ENCODING,
    strict: bool = labelled.STRICT,
    conflicts: str = typer.Option(
        "drop",
        "--conflicts",
        metavar="POLICY",
        help="Pairs labelled both ways: drop, majority, keep or error.",
    ),
    allow_shared_pairs: bool = typer.Option(
        False, "--allow-shared-pairs", help="Pairs of DEV and TEST may stand in PAIRS too."
    ),
    contrasts: float = typer.Option(
        0.0,
        "--contrasts",
        metavar="SHARE",
        help="Add pairs made of train's own English questions, this share of its pairs: with "
        "order, negation, a number or a name changed, or only the words.",
    ),
    hard_negatives: int = typer.Option(
        0,
        "--hard-negatives",
        metavar="N",
        min=0,
        help="Add N different pairs for each text of a same pair, from the texts that the twin to "
        "begin from finds nearest to it.",
    ),
    teacher_column: str | None = teaching.TEACHER_COLUMN,
    teacher: str | None = teaching.TEACHER,
    teacher_vectors: Path | None = teaching.TEACHER_VECTORS,
    texts: str | None = teaching.TEXTS,
    epochs: int | None = settings.EPOCHS,
    batch_size: int | None = settings.BATCH_SIZE,
    learning_rate: float | None = settings.LEARNING_RATE,
    head_learning_rate: float | None = settings.HEAD_LEARNING_RATE,
    accumulation: int | None = settings.ACCUMULATION,
    lora: int | None = settings.LORA,
    gradient_checkpointing: bool = settings.GRADIENT_CHECKPOINTING,
    seed: int | None = settings.SEED,
    config: Path | None = settings.CONFIG,
    resume: bool = typer.Option(False, "--resume", help="Go on where a stopped run left off."),
    overwrite: bool = typer.Option(False, "--overwrite", help="Replace the twin in DIR."),
    tensorboard: bool = typer.Option(
        False, "--tensorboard", help="Write event files to DIR.tensorboard."
    ),
    no_examples: bool = typer.Option(False, "--no-examples", help="Keep texts out of the report."),
    threads: int | None = typer.Option(
        None, "--threads", metavar="N", min=1, help="Threads to compute with."
    ),
) -> None:
    """Train a twin on your own pairs.

    The table is split so that no question is on two sides; the twin is trained on one side, its
    epoch chosen and its decision fitted on the second, and judged on the third. DIR gets the twin
    and report.html. A table of triplets has the columns anchor, positive and negative.

    Examples:

    \b
        textsiamese train pairs.csv -o my-twin
        textsiamese train train.csv --dev dev.csv --test test.csv -o my-twin --encoder lstm
        textsiamese train stsb.csv -o my-twin --graded 0-5
        textsiamese train scored.csv -o my-twin --teacher-column probability --teacher minilm-quora
        textsiamese train questions.csv -o my-twin --texts question --teacher T --dev dev.csv
        textsiamese train titles.csv -o my-twin --left-encoder lstm --right-encoder lstm
        textsiamese train captions.csv -o my-twin --positives-only --left-encoder lstm \
            --right-encoder cnn --pictures images
        textsiamese train pairs.csv -o my-twin --resume
    """
    with guard(), _only_the_first_speaks():
        from textsiamese.learning.beginning import picture_sides_of
        from textsiamese.learning.tables import prepare_tables
        from textsiamese.learning.towers import towers_named
        from textsiamese.learning.train import check_out, train_twin

        join()
        check_out(out, resume=resume, overwrite=overwrite)
        begins = towers_named(encoder, left_encoder, right_encoder) or encoder
        picture_sides = picture_sides_of(begins)
        if contrasts and picture_sides:
            raise InputError(
                f"--contrasts changes words of questions, and the {picture_sides[0]} side holds "
                "pictures: leave it out"
            )
        flags = {
            "epochs": epochs,
            "batch_size": batch_size,
            "learning_rate": learning_rate,
            "head_learning_rate": head_learning_rate,
            "accumulation": accumulation,
            "lora": lora,
            "gradient_checkpointing": gradient_checkpointing or None,
            "seed": seed,
        }
        chosen = settings.given_settings(config, flags)
        taught = teaching.Teaching(teacher_column, teacher, teacher_vectors, texts, encoding)
        _quieten()
        if threads:
            _use_threads(threads)
        wise = taught.open(threads)
        read = partial(
            labelled.read_labelled,
            left=left,
            right=right,
            label=label,
            similar_is_zero=similar_is_zero,
            encoding=encoding,
            strict=strict,
            quiet=False,
            scale=labelled.scale_of(graded, same_from),
            positives_only=positives_only,
            picture_sides=picture_sides,
            pictures=pictures,
        )
        tables = prepare_tables(
            taught.read(pairs, read),
            read(dev) if dev else None,
            read(test) if test else None,
            conflicts=conflicts,
            allow_shared_pairs=allow_shared_pairs,
            contrasts=contrasts,
            seed=chosen.get("seed", 0),
        )
        for note in tables.notes:
            say(note)
        try:
            trained = train_twin(
                tables,
                out,
                encoder=begins,
                loss=loss,
                settings=chosen,
                hard_negatives=hard_negatives,
                teacher=wise,
                teacher_vectors=teacher_vectors,
                resume=resume,
                overwrite=overwrite,
                tensorboard=tensorboard,
                tell=say,
            )
        except KeyboardInterrupt:
            raise KeyboardInterrupt(
                f"stopped; run the same command with --resume to go on from {out}.checkpoints"
            ) from None
        if is_first():
            _write_report(trained, out, examples=not no_examples)
        scored_or_texts = teacher_column is not None or texts is not None
        for line in closing_lines(trained, out, "PAIRS" if scored_or_texts else pairs):
            say(line)


@contextmanager
def _only_the_first_speaks() -> Iterator[None]:
    """Of several processes, let the first tell what happens; of an error `guard` tells."""
    if how_many() > 1:  # torch, not loaded yet, would warn in each that no weight is idle
        os.environ.setdefault("TORCH_CPP_LOG_LEVEL", "ERROR")
    if is_first():
        yield
        return
    with open(os.devnull, "w", encoding="utf-8") as nowhere, redirect_stderr(nowhere):
        yield


def _write_report(trained: Trained, out: Path, *, examples: bool) -> None:
    from textsiamese.judging.report import write_report

    pairs, twin = trained.judged.pairs, trained.twin
    write_report(
        out / REPORT,
        trained.judged,
        title=f"{out.name} on {pairs.name} ({trained.role})",
        facts=[*judging_facts(out.name, twin, pairs), *training_facts(twin)],
        history=twin.info.training["epochs"],
        examples=examples,
        overwrite=True,
    )


def _quieten() -> None:
    """Leave what is said to us: transformers warns of things that a user cannot change."""
    from transformers.utils.logging import set_verbosity_error

    set_verbosity_error()


def _use_threads(threads: int) -> None:
    import torch

    torch.set_num_threads(threads)
