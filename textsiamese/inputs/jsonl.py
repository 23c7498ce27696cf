"""JSON Lines, streamed: one object a line, whose keys may differ from line to line."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from textsiamese.errors import InputError
from textsiamese.inputs.batches import CHUNK_CHARACTERS, CHUNK_ROWS, Batch
from textsiamese.inputs.columns import Columns
from textsiamese.inputs.files import TableFile
from textsiamese.inputs.lines import read_lines

if TYPE_CHECKING:
    import pyarrow as pa

_LARGEST = 2**1023


class JsonlSource:
    """A JSON Lines file.

    Its columns are the keys of the first chunk, each with the type its values have there:
    bool, int64, float64 or string; values of several types are JSON in a string. A later value of
    another type is null in the table, and a later key is not in it; `notes` then tell so. The
    objects themselves are whole in every batch's `records`.
    """

    place = "line"
    unit = "bytes"

    def __init__(self, file: TableFile, encoding: str) -> None:
        """Read the keys of the first rows.

        Raises:
            InputError: the first rows hold no JSON object.
        """
        self._file = file
        self._encoding = encoding
        self.name = file.name
        self.size = file.size
        self.notes: list[str] = []
        self._odd: set[str] = set()
        with file.open() as stream:
            first, lines, faults = _take(read_lines(stream, encoding, self.name), 1, CHUNK_ROWS)
        if not any(first):
            where = f", line {lines[0]}: {faults.get(0, 'an empty object')}" if lines else ""
            raise InputError(f"{self.name} holds no JSON object on a line of its own{where}")
        self.columns = list(dict.fromkeys(key for record in first for key in record))
        self._types = {key: _type_of([record.get(key) for record in first]) for key in self.columns}

    @property
    def schema(self) -> pa.Schema:
        """The columns with the types of the first rows."""
        import pyarrow as pa

        return pa.schema([(key, pa.type_for_alias(kind)) for key, kind in self._types.items()])

    def fingerprint(self) -> str:
        """Digest of the file's bytes; "" for a pipe."""
        return self._file.fingerprint()

    def batches(self, roles: Columns, rows: int, skip: int) -> Iterator[Batch]:
        """Read on in batches; see `Source`."""
        start, next_line = 0, 1
        with self._file.open(last=True) as stream:
            text = read_lines(stream, self._encoding, self.name)
            for index in itertools.count():
                records, lines, faults = _take(text, next_line, rows)
                if not records:
                    return
                if index >= skip:
                    left, right = (
                        [r.get(key) for r in records] for key in (roles.left, roles.right)
                    )
                    label = None if roles.label is None else [r.get(roles.label) for r in records]
                    table = self._table(records, lines)
                    yield Batch(
                        index=index,
                        start=start,
                        table=table,
                        left=left,
                        right=right,
                        label=label,
                        lines=lines,
                        faults=faults,
                        position=stream.position,
                        records=records,
                    )
                start, next_line = start + len(records), lines[-1] + 1

    def _table(self, records: list[dict[str, Any]], lines: list[int]) -> pa.Table:
        import pyarrow as pa

        late = set().union(*records) - self._types.keys() - self._odd
        for key in sorted(late):
            line = next(line for line, record in zip(lines, records, strict=True) if key in record)
            self._note(key, line, f"comes after row {CHUNK_ROWS:,} for the first time")
        columns = [self._column(key, [r.get(key) for r in records], lines) for key in self.columns]
        return pa.Table.from_arrays(columns, schema=self.schema)

    def _column(self, key: str, values: list[Any], lines: list[int]) -> pa.Array:
        import pyarrow as pa

        kind = self._types[key]
        try:
            return pa.array(values, pa.type_for_alias(kind))
        except (pa.ArrowException, UnicodeEncodeError, TypeError, OverflowError):
            fitted = [_fit(value, kind) for value in values]
        for line, value, kept in zip(lines, values, fitted, strict=True):
            if kept is None and value is not None:
                self._note(key, line, f"is {_shown(value)}, where the first rows hold {kind}")
                break
        return pa.array(fitted, pa.type_for_alias(kind))

    def _note(self, key: str, line: int, what: str) -> None:
        if key not in self._odd:
            self._odd.add(key)
            self.notes.append(
                f'{self.name}, line {line}: "{key}" {what}; '
                f"such values stay in JSON Lines output only"
            )


def _take(
    text: Iterator[str], line: int, rows: int
) -> tuple[list[dict[str, Any]], list[int], dict[int, str]]:
    records: list[dict[str, Any]] = []
    lines: list[int] = []
    faults: dict[int, str] = {}
    room = CHUNK_CHARACTERS
    while len(records) < rows and room > 0 and (given := next(text, None)) is not None:
        room -= len(given)
        if given.strip():
            record, fault = _parse(given)
            if fault:
                faults[len(records)] = fault
            records.append(record)
            lines.append(line)
        line += 1
    return records, lines, faults


def _parse(line: str) -> tuple[dict[str, Any], str]:
    try:
        value = json.loads(line)
    except json.JSONDecodeError as error:
        return {}, f"no JSON ({error.msg}, column {error.colno})"
    except (ValueError, RecursionError) as error:
        return {}, f"no JSON that can be read ({type(error).__name__})"
    if not isinstance(value, dict):
        return {}, f"no JSON object but {_shown(value)}"
    return value, ""


def _type_of(values: Sequence[Any]) -> str:
    types = set(map(type, values)) - {type(None)}
    if types == {bool}:
        return "bool"
    if types == {int} and all(v is None or -(2**63) <= v < 2**63 for v in values):
        return "int64"
    return "double" if types and types <= {int, float} else "string"


def _fit(value: Any, kind: str) -> Any:
    if value is None:
        return None
    if kind == "string":
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        return text.encode("utf-8", "replace").decode()
    if kind == "double" and type(value) in (int, float):
        return float(value) if abs(value) < _LARGEST else None
    return value if _type_of([value]) == kind else None


def _shown(value: Any) -> str:
    shown = json.dumps(value, ensure_ascii=False)
    return shown if len(shown) <= 40 else shown[:39] + "…"
