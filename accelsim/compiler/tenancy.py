"""Programs that share a machine, and which planes and contexts each of them has.

A tenant is a program with images of its own. Contexts of a tenant's own run its images alone;
the others are shared, and run those of every tenant without one. The planes of a context begin
where those of the context before it end; a shared one has room for the largest of its programs.
Contexts are in the order of the tenants, those that are shared last.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from accelsim.compiler.instruction import Program
from accelsim.config import Machine
from accelsim.config.digital import CLASSIFICATION
from accelsim.errors import InputError
from accelsim.topology import Place


@dataclass(frozen=True)
class ContextPlan:
    """What a context is for.

    index: its number. programs: of the tenants whose images it runs, by their numbers. first: the
    plane in each place where its own planes begin.
    """

    index: int
    programs: tuple[int, ...]
    first: Mapping[Place, int]

    @property
    def is_shared(self) -> bool:
        """Whether it runs images of more than one tenant."""
        return len(self.programs) > 1


@dataclass(frozen=True)
class Tenancy:
    """The programs of a run, by the numbers of their tenants.

    names: of the tenants, "" for a program that has the machine to itself. contexts: that each
    has of its own; 0: it runs in those that are shared.
    """

    programs: tuple[Program, ...]
    names: tuple[str, ...] = ("",)
    contexts: tuple[int, ...] = (0,)

    @property
    def is_alone(self) -> bool:
        """Whether a program has the machine to itself, without a name."""
        return self.names == ("",)

    @property
    def is_sound(self) -> bool:
        """Whether each program has a name of its own and a number of contexts."""
        sizes = {len(self.programs), len(self.names), len(self.contexts), len(set(self.names))}
        return len(sizes) == 1 and all(self.names) and min(self.contexts, default=-1) >= 0

    @classmethod
    def of(cls, program: "Program | Tenancy") -> "Tenancy":
        """Return a program that is alone as a tenancy, or the tenancy itself."""
        return program if isinstance(program, Tenancy) else cls((program,))

    def plans(self, contexts: int) -> tuple[ContextPlan, ...]:
        """Return what each of a machine's contexts is for; `check_contexts` has to hold."""
        shared = tuple(number for number, own in enumerate(self.contexts) if not own)
        programs: list[tuple[int, ...]] = [
            (number,) for number, own in enumerate(self.contexts) for _ in range(own)
        ]
        if shared:
            programs += [shared] * (contexts - len(programs))
        plans, first = [], dict.fromkeys(Place, 0)
        for index, some in enumerate(programs):
            plans.append(ContextPlan(index, some, dict(first)))
            for place, planes in self._planes(some).items():
                first[place] += planes
        return tuple(plans)

    def planes(self, contexts: int) -> dict[Place, int]:
        """Return the planes that all contexts together take in the banks of each place."""
        needed: dict[Place, int] = {}
        for plan in self.plans(contexts):
            for place, planes in self._planes(plan.programs).items():
                needed[place] = needed.get(place, 0) + planes
        return needed

    def _planes(self, programs: Sequence[int]) -> dict[Place, int]:
        each = [self.programs[number].planes for number in programs]
        places = dict.fromkeys(place for planes in each for place in planes)
        return {place: max(planes.get(place, 0) for planes in each) for place in places}


def check_scope(names: Sequence[str], machine: Machine) -> None:
    """Refuse tenants of a machine whose runs go on behind the handoff; raises InputError."""
    if machine.scope == CLASSIFICATION:
        raise InputError(
            f"tenants {', '.join(names)}: got scope {CLASSIFICATION}; expected scope published: "
            "layers of several tenants behind the handoff are not modelled"
        )


def check_contexts(tenancy: Tenancy, machine: Machine) -> None:
    """Check that tenants have the contexts and planes that they need; raises InputError."""
    if tenancy.is_alone:
        return
    check_scope(tenancy.names, machine)
    contexts, own = machine.sequencer.contexts.value, sum(tenancy.contexts)
    shared = [name for name, each in zip(tenancy.names, tenancy.contexts, strict=True) if not each]
    least = own + bool(shared)
    if least > contexts or (not shared and own < contexts):
        parts = [f"{own} of tenants' own"] if own else []
        parts += [f"at least 1 for {', '.join(shared)}"] if shared else []
        what = f"{least} would do" if least > contexts else f"{contexts - own} would never be used"
        raise InputError(
            f"{_tenants(tenancy)}: contexts: {' and '.join(parts)}; the machine "
            f"'{machine.name}' has sequencer.contexts = {contexts}: {what}"
        )
    needed, planes = tenancy.planes(contexts), machine.banks.planes.value
    words, codes = needed.pop(Place.SRAM, 0), machine.codes
    place, most = max(needed.items(), key=lambda item: item[1])
    if codes is not None and words > codes.planes:
        raise InputError(
            f"{_tenants(tenancy)}: {contexts} contexts need {words} maps a lane in the SRAM "
            f"({_shares(tenancy, contexts, Place.SRAM)}); the machine '{machine.name}' has "
            f"digital.sram.size = {codes.size:,}: {words * codes.plane_bytes:,} "
            "would do"
        )
    if most > planes:
        raise InputError(
            f"{_tenants(tenancy)}: {contexts} contexts need {most} planes in a bank of "
            f"{place.described} ({_shares(tenancy, contexts, place)}); the machine "
            f"'{machine.name}' has banks.planes = {planes}: {most} would do"
        )


def _tenants(tenancy: Tenancy) -> str:
    return f"tenants {', '.join(tenancy.names)}"


def _shares(tenancy: Tenancy, contexts: int, place: Place) -> str:
    """Say what the planes of a place go to: 'cam 2 x 2, shared 1 x 3'."""
    found: dict[tuple[str, int], int] = {}
    for plan in tenancy.plans(contexts):
        name = "shared" if plan.is_shared else tenancy.names[plan.programs[0]]
        planes = max(tenancy.programs[number].planes.get(place, 0) for number in plan.programs)
        found[name, planes] = found.get((name, planes), 0) + 1
    return ", ".join(f"{name} {number} x {planes}" for (name, planes), number in found.items())
