"""Finds where two traces part: the first record that differs, and what led to it."""

from dataclasses import dataclass
from itertools import zip_longest

import pyarrow as pa

Record = dict[str, object]


@dataclass(frozen=True)
class Divergence:
    """The first row in which two traces differ; a missing row is None.

    led_by: the records of the first trace that the row follows, oldest first.
    """

    row: int
    expected: Record | None
    actual: Record | None
    led_by: tuple[Record, ...]

    def __str__(self) -> str:
        fields = [
            name
            for name in (self.expected or self.actual or {})
            if (self.expected or {}).get(name) != (self.actual or {}).get(name)
        ]
        lines = [f"traces diverge at row {self.row}, in {', '.join(fields)}"]
        lines += [f"  expected  {describe(self.expected)}", f"  actual    {describe(self.actual)}"]
        lines += [f"  led by    {describe(record)}" for record in self.led_by]
        return "\n".join(lines)


def first_divergence(expected: pa.Table, actual: pa.Table, depth: int = 4) -> Divergence | None:
    """Return the first row in which two traces differ, or None if they are the same.

    depth: how many causes to follow back from the differing row.
    """
    pairs = zip_longest(expected.to_pylist(), actual.to_pylist())
    for row, (left, right) in enumerate(pairs):
        if left != right:
            return Divergence(row, left, right, _causes(expected, left, depth))
    return None


def describe(record: Record | None) -> str:
    """Return a record in one line."""
    if record is None:
        return "no record: the trace ends before"
    counts = record["actions"]
    actions = (
        ", ".join(f"{name}={count}" for name, count in counts.items() if count)
        if isinstance(counts, dict)
        else ""
    )
    return (
        f"#{record['id']} {record['t_start_ps']}..{record['t_end_ps']} ps "
        f"{record['component']} {record['kind']} (step {record['step']} {record['op']} "
        f"of {record['layer']}, image {record['image']}; {record['cause']} "
        f"#{record['cause_id']}; {actions or 'no actions'}; {record['energy_aJ']} aJ)"
    )


def _causes(table: pa.Table, record: Record | None, depth: int) -> tuple[Record, ...]:
    by_id = {value: row for row, value in enumerate(table.column("id").to_pylist())}
    chain: list[Record] = []
    while record is not None and len(chain) < depth:
        row = by_id.get(record["cause_id"]) if record["cause_id"] is not None else None
        record = table.slice(row, 1).to_pylist()[0] if row is not None else None
        if record is not None:
            chain.insert(0, record)
    return tuple(chain)
