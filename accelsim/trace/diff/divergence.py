"""The first record in which two traces differ, and the records that led to it."""

from dataclasses import dataclass

from accelsim.records.reasons import sentence
from accelsim.trace.reader import TraceFile
from accelsim.units import render

Record = dict[str, object]

_DEPTH = 4


@dataclass(frozen=True)
class Divergence:
    """The earliest difference of two traces, a and b; a record that one lacks is None.

    moment_ps: when they part. fields: the columns that differ. led_by_a, led_by_b: the chain
    of causes of each record, oldest first.
    """

    moment_ps: int
    fields: tuple[str, ...]
    a: Record | None
    b: Record | None
    led_by_a: tuple[Record, ...]
    led_by_b: tuple[Record, ...]

    def __str__(self) -> str:
        return self.text("A", "B")

    def text(self, name_a: str, name_b: str) -> str:
        """Return it in a few lines, with names for the two traces."""
        rows = (f"  {label:8}  {record}" for label, record in self.rows(name_a, name_b))
        return "\n".join([self.head(name_a, name_b), *rows])

    def head(self, name_a: str, name_b: str) -> str:
        """Return when the traces part, and what differs, in a line."""
        record = self.a or self.b or {}
        image = "" if record.get("image") is None else f", image {record['image']}"
        step = "" if record.get("step") is None else f" of step {record['step']}"
        alone = name_b if self.a is None else name_a
        what = f"{', '.join(self.fields)} of" if self.fields else f"only {alone} has"
        head = f"{what} the {record.get('kind')}{step} in {record.get('component')}{image}"
        return f"First divergence, at {render(self.moment_ps, 'ps')}: {head}"

    def rows(self, name_a: str, name_b: str) -> list[tuple[str, str]]:
        """Return both records and what led to them: a label of each, and the record in words."""
        rows = [(name_a, describe(self.a)), (name_b, describe(self.b))]
        if self.led_by_a == self.led_by_b or not (self.led_by_a and self.led_by_b):
            chains = {"led by": self.led_by_a or self.led_by_b}
        else:
            chains = {f"{name_a} by": self.led_by_a, f"{name_b} by": self.led_by_b}
        for label, chain in chains.items():
            rows += [(label, describe(each)) for each in chain]
        return rows


def describe(record: Record | None) -> str:
    """Return a record in one line."""
    if record is None:
        return "no such record"
    counts = record["actions"]
    actions = (
        ", ".join(f"{name}={count}" for name, count in counts.items() if count)
        if isinstance(counts, dict)
        else ""
    )
    step = f"step {record['step']} {record['op']} of {record['layer']}, image {record['image']}; "
    cause = sentence(str(record["cause"]), str(record["resource"]))
    if record["cause_id"] is not None:
        cause += f" #{record['cause_id']}"
    return (
        f"#{record['id']} {record['t_start_ps']}..{record['t_end_ps']} ps "
        f"{record['component']} {record['kind']} ({'' if record['step'] is None else step}"
        f"{cause}; {actions or 'no actions'}; {record['energy_aJ']} aJ)"
    )


def causes_of(trace: TraceFile, record: Record | None, depth: int = _DEPTH) -> tuple[Record, ...]:
    """Return the chain of causes of a record, at most `depth` of them, oldest first."""
    chain: list[Record] = []
    while record is not None and len(chain) < depth:
        number = record["cause_id"]
        record = trace.record(number) if isinstance(number, int) else None
        if record is not None:
            chain.insert(0, record)
    return tuple(chain)
