"""Traces as CSV: golden traces, and any tool that reads text.

Lines that begin with '#' before the header say where the trace comes from. The
actions of a record stand in one field, 'issue=1;clock_cycle=3', zeros left out.
"""

import csv
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from accelsim.errors import InputError
from accelsim.files import new_text, read_text
from accelsim.records import ACTIONS
from accelsim.resources import display, escaped
from accelsim.trace.schema import SCHEMA

_NUMBERS = {"id", "t_start_ps", "t_end_ps", "step", "image", "cause_id", "energy_aJ"}
_BITS, _DIGITS = 63, 20
_INTEGER = re.compile(r"-?[0-9]+")


def write_csv(path: Path, batches: Iterable[pa.RecordBatch], provenance: Iterable[str]) -> None:
    """Write record batches of SCHEMA as CSV below a provenance header, whole or not at all.

    Raises InputError if the file cannot be written.
    """
    with new_text(path) as stream:
        stream.writelines(f"# {escaped(line)}\n" for line in provenance)
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(SCHEMA.names)
        for batch in batches:
            writer.writerows(_lines(batch))


def read_csv(path: Path) -> tuple[pa.Table, list[str]]:
    """Read a CSV trace; return the table and the lines of its provenance header.

    Raises InputError with file:line for a foreign header or a damaged line.
    """
    name = display(path)
    # Not splitlines: it would make lines of characters within one.
    lines = [line.removesuffix("\r") for line in read_text(path).removesuffix("\n").split("\n")]
    first = next((n for n, line in enumerate(lines) if not line.startswith("#")), len(lines))
    provenance = [line[1:].strip() for line in lines[:first]]
    for number, line in enumerate(lines[:first], start=1):
        if not line.isprintable():
            raise InputError(f"{name}:{number}: got {line!a:.80}; expected printable text")
    try:
        rows = list(csv.reader(lines[first:]))
    except csv.Error as error:
        raise InputError(f"{name}: not a trace: {error}") from None
    if not rows or rows[0] != SCHEMA.names:
        raise InputError(f"{name}:{first + 1}: expected the header {','.join(SCHEMA.names)}")
    records = []
    for number, row in enumerate(rows[1:], start=first + 2):
        try:
            records.append(_record(row))
        except ValueError as error:
            raise InputError(f"{name}:{number}: not a record of a trace: {error}") from None
    try:
        return pa.Table.from_pylist(records, SCHEMA), provenance
    except (pa.ArrowException, OverflowError) as error:
        raise InputError(f"{name}: not a trace: {error}") from None


def _lines(batch: pa.RecordBatch) -> Iterator[tuple[object, ...]]:
    """Return the rows of a batch; csv writes None as an empty field."""
    return zip(*(_fields(batch[name]) for name in batch.schema.names), strict=True)


def _fields(column: pa.Array) -> list[object]:
    """Return the fields of a column: several times faster than its own `to_pylist`."""
    if pa.types.is_struct(column.type):
        column = _action_texts(column).dictionary_encode()
    if pa.types.is_dictionary(column.type):
        texts = column.dictionary.to_pylist()
        return [texts[code] for code in column.indices.to_numpy().tolist()]
    if column.null_count:
        return list(column.to_pylist())
    return list(column.to_numpy().tolist())


def _action_texts(actions: pa.StructArray) -> pa.Array:
    """Return 'issue=1;clock_cycle=3' for each record, zeros left out."""
    parts = []
    for action, counts in zip(ACTIONS, actions.flatten(), strict=True):
        text = pc.binary_join_element_wise(f";{action}=", counts.cast(pa.string()), "")
        parts.append(pc.if_else(pc.equal(counts, 0), "", text))
    return pc.utf8_ltrim(pc.binary_join_element_wise(*parts, ""), ";")


def _record(row: list[str]) -> dict[str, object]:
    """Return the fields of a line by name; ValueError says what is wrong with it."""
    if len(row) != len(SCHEMA.names):
        raise ValueError(f"got {len(row)} fields, expected {len(SCHEMA.names)}")
    record: dict[str, object] = {}
    for name, text in zip(SCHEMA.names, row, strict=True):
        if name in _NUMBERS:
            record[name] = _integer(name, text) if text else None
        elif name == "actions":
            record[name] = _counts(text)
        else:
            record[name] = text
    return record


def _counts(text: str) -> dict[str, int]:
    counts = dict.fromkeys(ACTIONS, 0)
    for part in filter(None, text.split(";")):
        action, _, count = part.partition("=")
        if action not in counts:
            raise ValueError(f"actions: unknown action {action!a:.80}")
        counts[action] = _integer(f"actions: {action}", count)
    return counts


def _integer(name: str, text: str) -> int:
    if not _INTEGER.fullmatch(text):
        raise ValueError(f"{name}: got {text!a:.80}, expected an integer")
    number = int(text) if len(text) <= _DIGITS else 1 << _BITS
    if number.bit_length() > _BITS:
        raise ValueError(f"{name}: got {text:.80}, expected an integer of {_BITS} bits")
    return number
