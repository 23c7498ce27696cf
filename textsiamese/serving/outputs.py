"""Where scored rows go: what every output does, and those that are no file."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO, Protocol

from textsiamese.errors import InputError, OutputError
from textsiamese.serving.kinds import Delimited
from textsiamese.serving.scoring import ScoredChunk
from textsiamese.serving.tally import Tally
from textsiamese.writing import told

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa


class Output(Protocol):
    """Takes the scored chunks, in order.

    Attributes:
        done: the counts of the finished chunks; at the start, those of an earlier run.
    """

    done: list[Tally]

    def write(self, chunk: ScoredChunk) -> None:
        """Take the next chunk.

        Raises:
            OutputError: it, or the one before, cannot be written.
        """

    def finish(self) -> None:
        """Make the output whole.

        Raises:
            OutputError: it cannot be written.
        """

    def abandon(self, error: BaseException) -> str:
        """Leave off because of an error; returns what is left and how to go on."""


@contextmanager
def finished_or_left(output: Output) -> Iterator[None]:
    """Finish the output after the work on it; or leave it, and let the error say how to go on.

    Raises:
        KeyboardInterrupt, OutputError: with what is left in the message; any other as it was.
    """
    try:
        yield
        output.finish()
    except KeyboardInterrupt as error:
        raise KeyboardInterrupt(f"stopped; {output.abandon(error)}") from None
    except OutputError as error:
        raise type(error)(f"{error}; {output.abandon(error)}") from error
    except BaseException as error:
        output.abandon(error)
        raise


class StreamOutput:
    """CSV on a stream, a chunk as soon as it is scored."""

    def __init__(self, stream: BinaryIO, schema: pa.Schema, name: str) -> None:
        """Prepare to write.

        Raises:
            InputError: it is no stream of bytes, or a column cannot be written.
        """
        if isinstance(stream, io.TextIOBase) or not hasattr(stream, "write"):
            raise InputError(
                f"the output is a path or a stream of bytes, such as sys.stdout.buffer, not a "
                f"{type(stream).__name__}"
            )
        self.done: list[Tally] = []
        self._stream, self._name = stream, name
        self._kind = Delimited()
        self._kind.check(schema)
        self._head = self._kind.head(schema)

    def write(self, chunk: ScoredChunk) -> None:
        """Write the lines of the chunk, after the header if it is the first one."""
        lines = self._kind.rows(chunk)
        with told(self._name):
            self._stream.write(self._head + lines)
            self._stream.flush()
        self._head = b""

    def finish(self) -> None:
        """Write the header if there was no row to follow it."""
        with told(self._name):
            self._stream.write(self._head)
            self._stream.flush()

    def abandon(self, error: BaseException) -> str:
        """Say that the stream has ended early."""
        return f"{self._name} holds only the rows before"


class FrameOutput:
    """The new columns beside the input's own, as a DataFrame."""

    def __init__(self, source: object, schema: pa.Schema, new: int) -> None:
        """Prepare to collect.

        Args:
            source: the input; if it is a DataFrame, its rows, index and types are kept.
            schema: the columns of the output.
            new: how many of them, the last ones, are new.
        """
        self.done: list[Tally] = []
        self._source, self._schema, self._new = source, schema, new
        self._tables: list[pa.Table] = []

    def write(self, chunk: ScoredChunk) -> None:
        """Keep the chunk."""
        self._tables.append(chunk.table)

    def finish(self) -> None:
        """Nothing is left to do."""

    def abandon(self, error: BaseException) -> str:
        """Nothing stays."""
        return "nothing was left behind"

    def frame(self) -> pd.DataFrame:
        """All rows: predicted is of type Int8, <NA> where a row has a problem."""
        import pandas as pd
        import pyarrow as pa

        table = pa.Table.from_batches([], self._schema)
        table = pa.concat_tables([table, *self._tables])
        new = table.select(range(len(self._schema) - self._new, len(self._schema)))
        types = {pa.int8(): pd.Int8Dtype()}
        if not isinstance(self._source, pd.DataFrame):
            return table.to_pandas(types_mapper=types.get)
        added = new.to_pandas(types_mapper=types.get).set_index(self._source.index)
        return pd.concat([self._source, added], axis=1)
