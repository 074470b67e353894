"""What has to be said of a machine before its figures: warnings, and what they rest on.

Warnings: phases that are shorter than the cell needs, cells that no device file describes, banks
that are refreshed too late, prices that whole attojoules do not hold. Notes: cycles that a device
file derived, prices that follow the clock, banks that forget. Both follow from the machine alone,
so that every command says the same.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from accelsim.config.cell_prices import contradicting, followed
from accelsim.config.derivation import SET_BY_USER, follows_no_more, keeps_response
from accelsim.config.device import NEEDS
from accelsim.config.effects import EFFECTS
from accelsim.config.faults import MISSED_REFRESH, POWER_FAILURE
from accelsim.config.power import price_key
from accelsim.config.schema import Machine
from accelsim.device.storage import lasting
from accelsim.device.technologies import check_cell, storage_of
from accelsim.device.technology import cycles
from accelsim.documents.constants import Constant
from accelsim.resources import names
from accelsim.units import PS_PER_S

# A price that is further from its exact value than this is warned of.
_ROUNDING = 0.001
# Effects that show what a short phase leaves; a cell without a response clips, as an ideal one.
_SHOW_SETTLING = ("transfer", "settling")
# Faults after which values are older than they should be.
_SHOW_AGE = (MISSED_REFRESH, POWER_FAILURE)
_PHASES = (("read_cycles", "read_time"), ("write_cycles", "write_time"))


@dataclass(frozen=True)
class Shortfall:
    """A phase that is scheduled for less time than the cell needs."""

    phase: str
    cycles: int
    period_ps: int
    needed: Constant

    @property
    def scheduled_ps(self) -> int:
        """How long the phase lasts."""
        return self.cycles * self.period_ps

    def __str__(self) -> str:
        return (
            f"timing.{self.phase}_cycles: {self.cycles} x {self.period_ps} ps = "
            f"{self.scheduled_ps} ps are scheduled, and the cell needs {self.needed.value} ps"
        )


def too_short(machine: Machine) -> tuple[Shortfall, ...]:
    """Return the phases that are shorter than the cell needs; empty if they hold or none knows."""
    found = []
    for phase, time in _PHASES:
        number = getattr(machine.timing, phase).value
        needed: Constant | None = getattr(machine.timing, time)
        if needed is not None and number * machine.period_ps < needed.value:
            short = phase.removesuffix("_cycles")
            found.append(Shortfall(short, number, machine.period_ps, needed))
    return tuple(found)


def shows_settling(machine: Machine) -> bool:
    """Tell whether values of the machine show what short phases leave of old ones."""
    return machine.effects is not None and "settling" in machine.effects.names()


def effects_of(machine: Machine) -> tuple[str, ...]:
    """Return the effects that values have: the active ones, and those that cannot be left out.

    Values of cells that get less time than they need are never those of ideal cells, nor are
    those that a fault left.
    """
    active = machine.effects.names() if machine.effects is not None else ()
    shown = (*active, *_unavoidable(machine))
    linear = () if machine.response is not None else ("transfer",)
    return tuple(name for name in EFFECTS if name in active or name in set(shown) - set(linear))


def _unavoidable(machine: Machine) -> dict[str, str]:
    """Return effects that values have whatever is active, each with the reason."""
    found: dict[str, str] = {}
    faults = machine.faults
    if faults is not None and faults.hides_late_settles and machine.noise is not None:
        found |= dict.fromkeys(_SHOW_SETTLING, "planes settle late unnoticed")
    if faults is not None and faults.has(*_SHOW_AGE) and _says_what_ages(machine):
        found["retention"] = "values get older by faults"
    if too_short(machine):
        found |= dict.fromkeys(_SHOW_SETTLING, "phases are shorter than the cell needs")
    return found


def _says_what_ages(machine: Machine) -> bool:
    section = machine.effects
    constant = None if section is None else section.retention
    return constant is not None or storage_of(machine) is not None


def cells_of(machine: Machine) -> str:
    """Say what cells the values of a machine are of: 'ideal cells', or 'with settling, ...'."""
    names = effects_of(machine)
    if not names:
        return "ideal cells"
    active = machine.effects.names() if machine.effects is not None else ()
    unavoidable = _unavoidable(machine)
    shown = (name for name in ("settling", "retention") if name in names)
    added = [unavoidable[name] for name in shown if name not in active]
    reason = f", as {' and '.join(dict.fromkeys(added))}" if added else ""
    return f"with {', '.join(names)}{reason}"


def no_values_of(machine: Machine) -> str:
    """Return why nothing can tell what short phases leave in the cells; "" if something can."""
    short, faults = too_short(machine), machine.faults
    if faults is not None and faults.hides_late_settles and machine.noise is None:
        return (
            "faults.events: what a cell holds that settles late is not known: the machine has no "
            "section 'noise'"
        )
    if not short:
        return ""
    known, phases = machine.response, ", ".join(f"timing.{each.phase}_cycles" for each in short)
    begin = f"{phases}: too short for the cell, and what its cells then hold is not known: "
    if machine.noise is None:
        return f"{begin}the machine has no section 'noise'"
    if known is None and any(each.phase == "read" for each in short):
        return f"{begin}short reads of cells without a 'response' are not modelled"
    has = (machine.period_ps, machine.timing.read_cycles.value)
    if known is not None and machine.cell is None and has != (known.period_ps, known.read_cycles):
        return (
            f"{begin}the response is for {known.read_cycles} read cycles of {known.period_ps} ps, "
            "and the machine has no section 'cell' to simulate another"
        )
    return ""


def warnings_of(machine: Machine) -> tuple[str, ...]:
    """Return what is wrong with a machine's timing, cell, refresh and prices, a sentence each."""
    return (
        *_timing(machine),
        *_cell(machine),
        *check_cell(machine),
        *_refresh(machine),
        *_outlived(machine),
        *contradicting(machine),
        *rounded(machine),
    )


def notes_of(machine: Machine) -> tuple[str, ...]:
    """Return what time and energy follow from where that is not the machine file alone."""
    return (
        *_derived(machine),
        *followed(machine),
        *_scaled(machine),
        *_forgets(machine),
        *_by_value(machine),
    )


def _by_value(machine: Machine) -> Iterator[str]:
    """Say what energies follow, if not the counts alone."""
    if machine.energy.by_values:
        yield (
            f"Energies follow weights and values (energy.model {machine.energy.model}): "
            f"{', '.join(machine.energy.by_values)}; all others are counted"
        )


def rounded(machine: Machine) -> Iterator[str]:
    """Give a warning for each price that is off by more than 0.1 % in whole attojoules."""
    period_ps = machine.period_ps
    for action, price in machine.prices.items():
        off = float(price.rounding(period_ps))
        if off > _ROUNDING:
            yield (
                f"{price_key(action)}: {price.quoted} is {float(price.exact_aJ(period_ps)):g} aJ "
                f"for a cycle of {period_ps} ps; {price.at_aJ(period_ps)} aJ is counted, "
                f"{100 * off:.3g} % off"
            )


def _timing(machine: Machine) -> Iterator[str]:
    short = too_short(machine)
    for number, each in enumerate(short, 1):
        yield f"{each}{_remedy(machine) if number == len(short) else ''}"


def _remedy(machine: Machine) -> str:
    """Say what cycles would do, and how to get them."""
    found = [
        f"{phase} {cycles(needed.value, machine.period_ps)}"
        for phase, time in _PHASES
        if (needed := getattr(machine.timing, time)) is not None
    ]
    origin = machine.device_file
    file = "FILE" if origin is None else _shortest(origin.name)
    how = "" if origin is None or origin.gives != NEEDS else f" (--set device={file})"
    return f"; {' and '.join(found)} would do{how}"


def _shortest(name: str) -> str:
    """Return the name under which a device file ships, or else the file's."""
    stem = name.removesuffix(".yaml")
    return stem if stem in names("configs/devices") else name


def _cell(machine: Machine) -> Iterator[str]:
    origin = machine.device_file
    if origin is None or origin.differs is None:
        return
    keys = ", ".join(f"cell.{key}" for key in origin.differs.split(", "))
    is_plural = "," in keys
    parts = ["timing", *(["noise"] if follows_no_more(machine, "noise") else [])]
    parts += ["response"] if keeps_response(machine) else []
    derived = " and ".join(filter(None, (", ".join(parts[:-1]), parts[-1])))
    yield (
        f"{keys} {'do' if is_plural else 'does'} not change {derived} by "
        f"{'themselves' if is_plural else 'itself'} (that is of the cell of {origin.name}); "
        "add --characterize FILE to derive the cycles from the cell"
    )


def _refresh(machine: Machine) -> Iterator[str]:
    """Warn of a bank that is refreshed less often than a level lives."""
    interval, known = machine.banks.refresh_interval, _usable(machine)
    if interval is None or known is None:
        return
    seconds, level = known
    if interval.value > seconds * PS_PER_S:
        yield (
            f"banks.refresh_interval: {interval.text}, and {level}; what has moved further is "
            "not brought back"
        )


def _step_outlives(machine: Machine) -> bool:
    """Tell whether a level that nothing refreshes is gone within the step that writes it."""
    known = _usable(machine)
    step_ps = machine.step_cycles * machine.period_ps
    forgotten = machine.banks.refresh_interval is None and known is not None
    return forgotten and known is not None and known[0] * PS_PER_S < step_ps


def _outlived(machine: Machine) -> Iterator[str]:
    """Warn of a level that is gone before the next step reads it."""
    known = _usable(machine)
    if known is None or not _step_outlives(machine):
        return
    seconds, level = known
    step_ps = machine.step_cycles * machine.period_ps
    gone = f", and a step takes {step_ps} ps: it is gone before the next one reads it"
    yield f"cell.storage: {level}{gone if seconds else ''}"


def _forgets(machine: Machine) -> Iterator[str]:
    """Say how long a bank keeps a level that nothing refreshes."""
    known = _usable(machine)
    if machine.banks.refresh_interval is None and known is not None and not _step_outlives(machine):
        yield f"The banks are not refreshed (banks.refresh_interval), and {known[1]}"


def _usable(machine: Machine) -> tuple[float, str] | None:
    """Return how long a level is usable in s, and that in words; None if it does not decay."""
    storage = storage_of(machine)
    if storage is None or not storage.decays or machine.cell is None:
        return None
    bits = machine.cell.precision.value
    seconds = storage.usable_for(bits)
    step = f"half a step of {bits} bits ({storage.name})"
    if not seconds:
        return 0.0, f"levels spread by {storage.spread:.2g}, more than {step}"
    return seconds, (f"a level of {storage.swing:g} has moved by {step} after {lasting(seconds)}")


def _derived(machine: Machine) -> Iterator[str]:
    origin = machine.device_file
    if origin is None or origin.gives == NEEDS:
        return
    parts = []
    for phase, time in _PHASES:
        constant: Constant = getattr(machine.timing, phase)
        needed: Constant | None = getattr(machine.timing, time)
        of = "of another cell" if needed is None else needed.text
        if constant.source == SET_BY_USER:
            of = "set by the user"
        parts.append(f"{phase.replace('_', ' ')} {constant.value} ({of})")
    instead = f"; the machine file has {origin.instead_of}" if origin.instead_of else ""
    yield (
        f"Cycles follow from the times of {origin.name} at {machine.period_ps} ps a cycle: "
        f"{', '.join(parts)}{instead}"
    )


def _scaled(machine: Machine) -> Iterator[str]:
    prices, period_ps = machine.prices_aJ, machine.period_ps
    scaled = [
        f"{action} {prices[action]} aJ ({price.quoted})"
        for action, price in machine.prices.items()
        if prices[action] != price.value
    ]
    if scaled:
        yield (
            f"Prices of currents follow the clock, for a cycle of {period_ps} ps: "
            f"{', '.join(scaled)}; the others do not depend on it"
        )
