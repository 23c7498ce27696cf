"""The command ``textsiamese``: its subcommands, and what holds for all of them."""

from __future__ import annotations

import os

import typer

from textsiamese import __version__
from textsiamese.cli.calibrate import calibrate
from textsiamese.cli.compare import compare
from textsiamese.cli.evaluate import evaluate
from textsiamese.cli.info import info
from textsiamese.cli.match import match
from textsiamese.cli.messages import DEBUG, guard, leave
from textsiamese.cli.mine import mine
from textsiamese.cli.score import score
from textsiamese.cli.train import train

app = typer.Typer(
    name="textsiamese",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(compare)
app.command()(score)
app.command()(match)
app.command()(train)
app.command()(evaluate)
app.command()(calibrate)
app.command()(mine)
app.command()(info)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"textsiamese {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Print the version and exit."
    ),
    debug: bool = typer.Option(
        False, "--debug", help=f"Show a traceback where something fails, as {DEBUG}=1 does."
    ),
) -> None:
    """Do two texts ask the same? Calibrated answers, offline.

    Example:

    \b
        textsiamese compare "How do I learn Python?" "What is the best way to learn Python?"
    """
    if debug:
        os.environ[DEBUG] = "1"


def main() -> None:
    """Run the command line; exit codes are those of `guard`."""
    try:
        with guard():
            app(prog_name="textsiamese")
    except SystemExit as end:
        leave(end)
