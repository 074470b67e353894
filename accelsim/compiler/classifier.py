"""What is behind the handoff in the scope of a classification: stages, their times and counts.

The cells at the host's boundary are converted, `converters.adc.count` at once, to codes of
`converters.adc.bits`; then the engine does one layer after another on codes and weights in its
SRAM, `digital.macs` products a cycle, and ReLU and the largest of the classes, `digital.alus`
operations a cycle. Codes and weights are packed into words of the SRAM. Left out: the SRAM as a
limit of time (its ports are as wide as the engine needs), and what a wait for an edge of the
engine's clock would add: the clock begins with the work. Times in ps.

Maps that are in the SRAM when the CeNN part hands them over are codes already: nothing is
converted.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from accelsim.compiler.instruction import HostLayer, Program
from accelsim.config import Machine
from accelsim.config.digital import CLASSIFICATION
from accelsim.errors import InputError
from accelsim.network import Network
from accelsim.topology import CLASSIFIER_ADC, CLASSIFIER_ENGINE, CLASSIFIER_SRAM

CODE_BUFFERS = 2
"""Images whose codes the SRAM has room for: one is converted while another is classified."""
BIAS_BITS = 32
"""Bits of a bias, an integer on the scale of products, as integer inference has it (Jacob et al.,
Quantization and Training of Neural Networks, CVPR 2018)."""
FC, RELU = "fc", "relu"


@dataclass(frozen=True)
class ClassifierDesign:
    """The integers of what is behind the handoff. adc_count: 0 without an ADC there."""

    adc_count: int
    code_bits: int
    conversion_ps: int
    period_ps: int
    macs: int
    weight_bits: int
    alus: int
    word_bits: int
    sram_bytes: int

    @classmethod
    def of(cls, machine: Machine) -> "ClassifierDesign | None":
        """Return the design of a machine file; None for one whose runs end with the handoff."""
        converters, digital = machine.converters, machine.digital
        if machine.scope != CLASSIFICATION or converters is None or digital is None:
            return None
        return cls(
            adc_count=0 if machine.keeps_maps_in_sram else converters.adc.count.value,
            code_bits=converters.adc.bits.value,
            conversion_ps=converters.adc.conversion_time.value,
            period_ps=digital.clock.value,
            macs=digital.macs.value,
            weight_bits=digital.bits.value,
            alus=digital.alus.value,
            word_bits=digital.sram.word.value,
            sram_bytes=digital.sram.size.value,
        )

    def words(self, number: int, bits: int) -> int:
        """Return how many words so many values of so many bits take."""
        return -(-number * bits // self.word_bits)


class Stage(NamedTuple):
    """Something that the classifier does for an image, in one go.

    step: counts on from the last of the program. kind: of the record at `path`. actions: of it.
    reads, writes: words of the SRAM.
    """

    step: int
    op: str
    layer: str
    kind: str
    path: str
    time_ps: int
    actions: dict[str, int]
    reads: int
    writes: int

    @property
    def acts(self) -> Iterator[tuple[str, str, dict[str, int]]]:
        """Give the kind, path and actions of each record of it."""
        yield self.kind, self.path, self.actions
        if self.reads:
            yield "read", CLASSIFIER_SRAM, {"sram_read": self.reads}
        if self.writes:
            yield "write", CLASSIFIER_SRAM, {"sram_write": self.writes}


class Stages(NamedTuple):
    """What is done for an image behind the handoff. conversion: None without an ADC."""

    conversion: Stage | None
    compute: tuple[Stage, ...]

    @property
    def all(self) -> tuple[Stage, ...]:
        """All stages, in order."""
        return (*((self.conversion,) if self.conversion else ()), *self.compute)


def layers_behind(network: Network) -> tuple[HostLayer, ...]:
    """Return the layers behind the handoff; InputError for a network without any."""
    if network.classifier is None:
        raise InputError(
            f"{network.source}: scope: got {CLASSIFICATION}; the network has no fully-connected "
            "layer: expected one behind its maps, or scope published"
        )
    return tuple(
        HostLayer(each.name, each.op, math.prod(each.in_shape), math.prod(each.out_shape))
        for each in network.on_host
    )


def stages_of(design: ClassifierDesign, program: Program) -> Stages:
    """Return what is done for an image of a program behind the handoff."""
    first = len(program.instructions) + 1
    conversion = None
    if design.adc_count:
        conversion = _conversion(design, program, first)
        first += 1
    stages = enumerate(_compute(design, program.classifier), start=first)
    return Stages(conversion, tuple(stage._replace(step=step) for step, stage in stages))


def check_classifier(program: Program, machine: Machine) -> None:
    """Check that a machine can classify what a program hands over; raises InputError.

    Nothing is asked of a machine whose runs end with the handoff.
    """
    design = ClassifierDesign.of(machine)
    if design is None:
        return
    _check_layers(program)
    if design.weight_bits < 2:
        raise InputError(
            f"digital.bits: got {design.weight_bits}; expected at least 2: weights have a sign"
        )
    held = _held(design, program)
    needed = -(-sum(held.values()) * design.word_bits // 8)
    if needed > design.sram_bytes:
        parts = ", ".join(
            f"{what} {-(-words * design.word_bits // 8)}" for what, words in held.items() if words
        )
        raise InputError(
            f"digital.sram.size: got {design.sram_bytes} bytes; the layers of "
            f"'{program.network}' behind the handoff take {needed} ({parts}): {needed} would do"
        )


def _check_layers(program: Program) -> None:
    where = f"program of '{program.network}'"
    layers, cells = program.classifier, math.prod(program.output)
    if not layers:
        raise InputError(
            f"{where}: scope: got {CLASSIFICATION}; it ends with the handoff: expected one that "
            "was compiled for that scope, or scope published"
        )
    for layer in layers:
        known = layer.op in (FC, RELU) and min(layer.inputs, layer.outputs) > 0
        if not known or layer.inputs != cells or (layer.op == RELU and layer.outputs != cells):
            raise InputError(
                f"{where}: damaged: classifier: layer '{layer.name}' ({layer.op}) takes "
                f"{layer.inputs} values to {layer.outputs}; expected fc or relu of {cells}"
            )
        cells = layer.outputs


def _held(design: ClassifierDesign, program: Program) -> dict[str, int]:
    """Return the words of the SRAM that each takes."""
    connected = [each for each in program.classifier if each.op == FC]
    codes = design.words(math.prod(program.output), design.code_bits)
    return {
        "weights": sum(_weight_words(design, each) for each in connected),
        "codes of 2 images": CODE_BUFFERS * codes,
        "codes between layers": sum(
            design.words(each.outputs, design.code_bits) for each in connected[:-1]
        ),
    }


def _weight_words(design: ClassifierDesign, layer: HostLayer) -> int:
    weights = design.words(layer.inputs * layer.outputs, design.weight_bits)
    return weights + design.words(layer.outputs, BIAS_BITS)


def _conversion(design: ClassifierDesign, program: Program, step: int) -> Stage:
    cells = math.prod(program.output)
    return Stage(
        step=step,
        op="convert",
        layer=program.classifier[0].name,
        kind="convert",
        path=CLASSIFIER_ADC,
        time_ps=-(-cells // design.adc_count) * design.conversion_ps,
        actions={"adc_conversion": cells},
        reads=0,
        writes=design.words(cells, design.code_bits),
    )


def _compute(design: ClassifierDesign, layers: Sequence[HostLayer]) -> Iterator[Stage]:
    """Give the stages of the engine, without their numbers: layers, then the largest class."""
    last = max(number for number, layer in enumerate(layers) if layer.op == FC)
    for number, layer in enumerate(layers):
        follower = layers[number + 1] if number + 1 < len(layers) else None
        # Sums stay in the accumulators for a ReLU, and for the choice of a class.
        stays = number >= last or (follower is not None and follower.op == RELU)
        writes = 0 if stays else design.words(layer.outputs, design.code_bits)
        if layer.op == FC:
            macs = layer.inputs * layer.outputs
            reads = _weight_words(design, layer) + design.words(layer.inputs, design.code_bits)
            cycles = -(-macs // design.macs)
            yield _stage(design, FC, layer.name, "mac", cycles, {"mac": macs}, (reads, writes))
        else:
            yield _operations(design, "relu_d", layer.name, layer.outputs, writes)
    choices = layers[-1].outputs - 1
    if choices:
        yield _operations(design, "argmax", layers[-1].name, choices, 0)


def _operations(design: ClassifierDesign, op: str, layer: str, number: int, writes: int) -> Stage:
    cycles = -(-number // design.alus)
    return _stage(design, op, layer, "digital", cycles, {"digital_op": number}, (0, writes))


def _stage(  # noqa: PLR0913, PLR0917 - a record's columns
    design: ClassifierDesign,
    op: str,
    layer: str,
    kind: str,
    cycles: int,
    actions: dict[str, int],
    words: tuple[int, int],
) -> Stage:
    time = cycles * design.period_ps
    return Stage(0, op, layer, kind, CLASSIFIER_ENGINE, time, actions, *words)
