"""Cells of Arrow columns as text: the lines of a CSV, the values of JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from textsiamese.errors import InputError
from textsiamese.inputs.texts import text_array

if TYPE_CHECKING:
    import pyarrow as pa


def delimited_rows(columns: list[Any], delimiter: str) -> bytes:
    """The lines of a table, each ended by a line feed.

    A cell is put in quotes if it holds the delimiter, a quote, a carriage return or a line feed;
    a null is an empty cell. All rows at once, in Arrow's own code.
    """
    import pyarrow.compute as pc

    if not len(columns[0]):
        return b""
    cells = [_quoted(as_text(column), delimiter) for column in columns]
    lines = pc.binary_join_element_wise(*cells, _scalar(delimiter))
    lines = pc.binary_join_element_wise(lines, _scalar("\n"), _scalar(""))
    chunks = getattr(lines, "chunks", [lines])
    return b"".join(_content(chunk) for chunk in chunks)


def check_cells(
    schema: pa.Schema, kind: str, *, unique: bool = False, binary: bool = False
) -> None:
    """Refuse columns that a kind of output cannot hold.

    Args:
        schema: the columns.
        kind: what messages call the kind of output.
        unique: no two columns may have one name.
        binary: columns of bytes are no trouble.

    Raises:
        InputError: there is such a column.
    """
    import pyarrow.types as types

    for field in schema:
        if unique and schema.names.count(field.name) > 1:
            raise InputError(
                f'the input has two columns named "{field.name}", which a {kind} file cannot hold; '
                f"write a .csv, or rename one of them"
            )
        kinds = (types.is_binary, types.is_large_binary, types.is_fixed_size_binary)
        if not binary and any(is_binary(field.type) for is_binary in kinds):
            raise InputError(
                f'column "{field.name}" holds bytes, which a {kind} file cannot hold; '
                f"write a .parquet file, or leave the column out"
            )


def json_value(value: Any) -> Any:
    """What JSON writes for a value that it has no form for: bytes in hex, else the value's text."""
    return value.hex() if isinstance(value, bytes) else str(value)


def as_text(column: Any) -> Any:
    """A column as large strings; a null is an empty one, a list or struct is JSON."""
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.types as types

    kind = column.type
    if types.is_dictionary(kind):
        return as_text(column.cast(kind.value_type))
    if types.is_nested(kind):
        values = column.to_pylist()
        column = text_array(["" if value is None else _json(value) for value in values])
    if types.is_duration(kind):  # Arrow would write bare numbers, without their unit
        column = _in_python(column)
    try:
        column = column.cast(pa.large_string())
    except pa.ArrowNotImplementedError:
        column = _in_python(column).cast(pa.large_string())
    return pc.fill_null(column, _scalar("")) if column.null_count else column


def _in_python(column: Any) -> pa.StringArray:
    return text_array(["" if value is None else str(value) for value in column.to_pylist()])


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=json_value)


def _quoted(column: Any, delimiter: str) -> Any:
    import pyarrow.compute as pc

    needs = pc.match_substring_regex(column, f'[{delimiter}"\r\n]')
    if not pc.any(needs).as_py():
        return column
    doubled = pc.replace_substring(column, '"', '""')
    quoted = pc.binary_join_element_wise(_scalar('"'), doubled, _scalar('"'), _scalar(""))
    return pc.if_else(needs, quoted, column)


def _scalar(text: str) -> Any:
    """A large string; `pyarrow.scalar` imports pandas, which takes half a second."""
    import pyarrow as pa

    return text_array([text]).cast(pa.large_string())[0]


def _content(strings: Any) -> bytes:
    """The characters of all strings of an array, which lie one after the other in memory."""
    import numpy as np

    _, offsets, characters = strings.buffers()
    edges = np.frombuffer(offsets, dtype=np.int64)
    start, end = edges[strings.offset], edges[strings.offset + len(strings)]
    return memoryview(characters)[start:end].tobytes() if end > start else b""
