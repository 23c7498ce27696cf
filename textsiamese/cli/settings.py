"""Settings of a training, on the command line: an option each, or a file of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import typer

from textsiamese.errors import InputError

LEFT_ENCODER = typer.Option(
    None,
    "--left-encoder",
    metavar="E",
    help='For two different encoders, that of the left side: "lstm" or "cnn" for a new one; or '
    "what to begin from, as --encoder.",
)
RIGHT_ENCODER = typer.Option(
    None, "--right-encoder", metavar="E", help="That of the right side; cnn reads pictures."
)
EPOCHS = typer.Option(None, "--epochs", metavar="N", help="Times through PAIRS.")
BATCH_SIZE = typer.Option(None, "--batch-size", metavar="N", help="Rows of a batch.")
LEARNING_RATE = typer.Option(None, "--learning-rate", metavar="X", help="At its peak.")
HEAD_LEARNING_RATE = typer.Option(
    None,
    "--head-learning-rate",
    metavar="X",
    help="Of weights outside the encoder; the same if left out.",
)
ACCUMULATION = typer.Option(
    None, "--accumulation", metavar="N", help="Batches of which a step is made."
)
LORA = typer.Option(
    None, "--lora", metavar="RANK", help="Learn changes of a transformer's matrices, such as 8."
)
GRADIENT_CHECKPOINTING = typer.Option(
    False, "--gradient-checkpointing", help="Less memory, more time; for transformers."
)
SEED = typer.Option(None, "--seed", metavar="N", help="Of all that is drawn.")
CONFIG = typer.Option(
    None, "--config", metavar="FILE", help="JSON with settings of ts.FitConfig by name."
)


def given_settings(file: Path | None, flags: dict[str, Any]) -> dict[str, Any]:
    """The settings that a file holds, and over them those that were given as options.

    Args:
        file: JSON, an object; None for none.
        flags: by the names of `FitConfig`; None for an option that was left out.

    Raises:
        InputError: the file cannot be read, or holds no settings.
    """
    given = {name: value for name, value in flags.items() if value is not None}
    return _settings_in(file) | given


def _settings_in(file: Path | None) -> dict[str, Any]:
    if file is None:
        return {}
    try:
        settings = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{file} cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise InputError(f"{file} is no JSON: {error}") from None
    if not isinstance(settings, dict):
        raise InputError(f'{file} holds no settings; give an object such as {{"epochs": 5}}')
    return settings
