"""Lowers a layer graph to instructions (docs/machine.md section 3).

Which steps a layer has is its op's to say (`accelsim.ops`). Here they get circuits: steps
alternate between them, a step reads banks of one circuit and charges planes of the other, and
a second operand comes over the local path. A machine with one circuit cannot read and charge
the same banks at once, so each step writes a staging plane and a copy step brings it back.
"""

from collections.abc import Sequence

from accelsim.compiler.allocate import Draft, DraftOperand, allocate
from accelsim.compiler.instruction import Bias, Kernel, Program
from accelsim.compiler.limits import check_layers, check_planes, check_reads, refuse
from accelsim.compiler.tenancy import Tenancy, check_contexts
from accelsim.config import Machine
from accelsim.network import INPUT, Network, Tenant
from accelsim.ops import (
    COPY_STEP,
    DENSE,
    HANDOFF_STEP,
    LOAD_STEP,
    STEP_OPS,
    Grid,
    StepOp,
    StepSpec,
    Template,
    Value,
)
from accelsim.topology import Place

OUTPUT = "output"
"""The layer that a handoff is reported under."""


def compile_tenants(tenants: Sequence[Tenant], machine: Machine) -> Tenancy:
    """Return the programs of networks that share a machine.

    Raises InputError that names the layer or the tenants and the limit if the machine cannot hold
    them.
    """
    tenancy = Tenancy(
        tuple(_compiled(each.network, machine, 1) for each in tenants),
        tuple(each.name for each in tenants),
        tuple(each.contexts for each in tenants),
    )
    check_contexts(tenancy, machine)
    return tenancy


def compile_network(network: Network, machine: Machine) -> Program:
    """Return the micro-program of a network on a machine.

    A fully-connected layer may only be the last and is left to the host: the
    program ends with the handoff of its inputs. Raises InputError that names the
    layer and the limit if the machine cannot hold the network.
    """
    return _compiled(network, machine, machine.sequencer.contexts.value)


def _compiled(network: Network, machine: Machine, contexts: int) -> Program:
    """Return a program, of which so many images in flight have to fit."""
    check_layers(network, machine)
    on_machine = [layer for layer in network.layers if not layer.rule.on_host]
    if not on_machine:
        raise refuse(network, network.layers[0], "no layer before it runs on the machine")
    drafts = _drafts(network, machine.circuits.value)
    check_reads(network, machine, drafts)
    instructions, planes = allocate(drafts)
    check_planes(network, machine, planes, instructions, contexts)
    return Program(network.name, network.input, on_machine[-1].out_shape, instructions, planes)


def _drafts(network: Network, circuits: int) -> list[Draft]:
    """Return the steps of a network, from the load of its input to the handoff."""
    lowering = _Lowering(circuits)
    value = lowering.load(network)
    for layer in network.layers:
        lowering.layer = layer.name
        value = layer.rule.lower(layer, value, lowering.issue)
    lowering.handoff(value)
    return lowering.drafts


class _Lowering:
    """Collects drafts. layer: the name that the steps issued now belong to."""

    def __init__(self, circuits: int) -> None:
        self.drafts: list[Draft] = []
        self.layer = INPUT
        self._circuits = circuits

    def load(self, network: Network) -> Value:
        """Let the host write the input maps into planes of circuit A, one lane each."""
        maps, rows, cols = network.input
        value = self._value(Place.A, maps, rows, cols, DENSE)
        self.drafts.append(Draft(LOAD_STEP, INPUT, (), value, rows, cols, maps))
        return value

    def handoff(self, value: Value) -> None:
        """Let the host take the final maps."""
        sources = self._sources(STEP_OPS[HANDOFF_STEP].operands, (value,), DENSE)
        draft = Draft(HANDOFF_STEP, OUTPUT, sources, None, value.rows, value.cols, value.maps)
        self.drafts.append(draft)

    def issue(self, spec: StepSpec) -> Value:
        """Add a step of a layer; return what it writes."""
        if self._circuits == 2:
            first = spec.reads[0].place
            return self._step(spec, Place.B if first is Place.A else Place.A)
        staged = self._step(spec, Place.STAGING)
        copy = StepSpec(
            COPY_STEP, (staged,), spec.rows, spec.cols,
            from_grid=spec.to_grid, to_grid=spec.to_grid,
        )  # fmt: skip
        return self._step(copy, Place.A)

    def _step(self, spec: StepSpec, place: Place) -> Value:
        op, first, grid = STEP_OPS[spec.op], spec.reads[0], spec.to_grid
        maps = first.maps if spec.maps is None else spec.maps
        # The extent of a strided result is that of the plane region it is spread over.
        rows = first.rows if grid.row_step > 1 else spec.rows
        cols = first.cols if grid.col_step > 1 else spec.cols
        value = self._value(place, maps, rows, cols, grid)
        templates = [each.mirrored() for each in op.operands] if spec.mirrored else op.operands
        sources = self._sources(templates, spec.reads, spec.from_grid)
        self.drafts.append(
            Draft(
                op.name, self.layer, sources, value, spec.rows, spec.cols, maps, grid,
                self._bias(op),
            )
        )  # fmt: skip
        return value

    def _value(self, place: Place, maps: int, rows: int, cols: int, grid: Grid) -> Value:
        return Value(len(self.drafts), place, self.layer, maps, rows, cols, grid)

    def _sources(
        self, templates: Sequence[Template], reads: Sequence[Value], grid: Grid
    ) -> tuple[DraftOperand, ...]:
        return tuple(
            DraftOperand(
                value, template.taps, self._kernel(template), grid, shared=template.trained
            )
            for template, value in zip(templates, reads, strict=True)
        )

    def _kernel(self, template: Template) -> Kernel:
        if template.weights is None:
            return Kernel(layer=self.layer)
        return Kernel(fixed=template.weights)

    def _bias(self, op: StepOp) -> Bias | None:
        if op.bias is None:
            return None
        return Bias(op.bias, self.layer if op.trained else "")
