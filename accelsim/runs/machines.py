"""What two machines differ in, key by key; and a machine as changes of one that ships."""

from collections.abc import Iterator

from accelsim.config import Machine, load_machine
from accelsim.config.machine import Override
from accelsim.documents.plain import tree
from accelsim.documents.prices import PER
from accelsim.errors import InputError
from accelsim.resources import names

# What a machine is called and where its constants come from, not what it is.
_TITLES = ("name", "description")
_ORIGINS = ("device_file", "machine_files")

Values = dict[str, Override]


def machine_values(machine: Machine) -> Values:
    """Return the value of every key, as `--set` takes it: {'timing.write_cycles': 2}.

    Of a price, `energy.ACTION.per` too. The files behind it are left out.
    """
    return dict(_values("", tree(machine)))


def machine_changes(a: Machine, b: Machine) -> dict[str, tuple[Override | None, Override | None]]:
    """Return the keys whose values differ, with both; None where a machine has no such key.

    Name and description are left out: they say what a machine is called, not what it is.
    """
    of_a, of_b = machine_values(a), machine_values(b)
    return {
        key: (of_a.get(key), of_b.get(key))
        for key in dict.fromkeys([*of_a, *of_b])
        if key not in _TITLES and of_a.get(key) != of_b.get(key)
    }


def as_shipped(machine: Machine) -> tuple[str, Values] | None:
    """Return the machine that ships, and the changes, that make up a machine; None if none does."""
    if machine.name not in names("configs"):
        return None
    wanted = machine_values(machine)
    base = load_machine(machine.name)
    differs = machine_changes(base, machine)
    changes = {key: value for key, (_, value) in differs.items() if value is not None}
    try:
        made = machine_values(load_machine(machine.name, changes))
    except InputError:
        return None
    same = all(made.get(key) == wanted.get(key) for key in {*made, *wanted} - set(_TITLES))
    return (machine.name, changes) if same else None


def _values(above: str, node: dict[str, object]) -> Iterator[tuple[str, Override]]:
    for name, value in node.items():
        key = f"{above}.{name}" if above else name
        if key in _ORIGINS:
            continue
        if isinstance(value, dict) and "value" in value:
            yield key, value["value"]
            if PER in value:
                yield f"{key}.{PER}", value[PER]
        elif isinstance(value, dict):
            yield from _values(key, value)
        elif isinstance(value, int | float | str):
            yield key, value
        elif isinstance(value, list):
            yield from _listed(key, value)


def _listed(above: str, items: list[object]) -> Iterator[tuple[str, Override]]:
    """Give a value for each mapping of a list, such as an event: 'kind late_settle, at 4 ns'."""
    for place, item in enumerate(items):
        if isinstance(item, dict):
            parts = (f"{name} {value}" for name, value in _values("", item))
            yield f"{above}[{place}]", ", ".join(parts)
