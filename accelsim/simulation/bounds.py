"""What is refused before a run begins: times and energies that 64 bits do not hold."""

from collections.abc import Iterable, Iterator, Mapping

from accelsim.compiler import (
    ClassifierDesign,
    Instruction,
    Phases,
    Program,
    Stages,
    count,
    stages_of,
)
from accelsim.compiler.counts import alike, cells_read, count_words
from accelsim.config import Machine
from accelsim.config.digital import DIGITAL_PRICES
from accelsim.config.power import price_key
from accelsim.errors import InputError
from accelsim.model import Stream
from accelsim.units import render

_MOST = 2**62
"""Of ps after the last arrival, which is as much at most, and of aJ: together they fit."""


def check_bounds(machine: Machine, programs: Iterable[Program], stream: Stream) -> None:
    """Refuse a run that may last longer, or a record that costs more, than 64 bits hold.

    stream: of at least one image. Raises InputError.
    """
    prices, read_cycles = machine.prices_aJ, machine.timing.read_cycles.value
    for program in programs:
        _check_time(machine, program, stream)
        for instruction, *_ in alike(program.instructions):
            _check_energy(prices, read_cycles, instruction)
            if machine.codes is not None:
                _check_record(prices, instruction, count_words(instruction, machine.codes))
        design = ClassifierDesign.of(machine)
        if design is not None:
            _check_classifier(stages_of(design, program), prices, len(stream))


def _check_time(machine: Machine, program: Program, stream: Stream) -> None:
    """Bound the run by one in which no two steps overlap, and each waits for refresh twice."""
    cycles, phases = 0, Phases.of_machine(machine)
    for some in alike(program.instructions):
        cycles += len(some) * phases.of(some[0]).step
    round_ps = 0
    if machine.banks.refresh_cycles is not None:
        rounds = machine.banks.planes.value * machine.banks.refresh_cycles.value
        round_ps = rounds * machine.period_ps
    steps, images = len(program.instructions), len(stream)
    longest = images * (cycles * machine.period_ps + 2 * steps * round_ps)
    if longest > _MOST:
        raise InputError(
            f"images: {images:,} of {steps} steps, {_length(cycles, steps)} cycles of "
            f"{render(machine.period_ps, 'ps')}, take up to {longest:.3g} ps; expected at most "
            f"{_MOST:.3g} ps (53 days): fewer images, or a shorter clock period (clock, "
            "timing.read_cycles, timing.write_cycles)"
        )


def _length(cycles: int, steps: int) -> str:
    """Say how long steps are: each, if they are alike."""
    return f"together {cycles}" if cycles % steps else f"each {cycles // steps}"


def _check_energy(prices: Mapping[str, int], read_cycles: int, instruction: Instruction) -> None:
    for counts in _largest(instruction, read_cycles):
        _check_record(prices, instruction, counts)


def _check_record(
    prices: Mapping[str, int], instruction: Instruction, counts: Mapping[str, int]
) -> None:
    """Refuse what a step counts in a record, at most, if it costs more than 64 bits hold."""
    if counts:
        energy = {action: number * prices.get(action, 0) for action, number in counts.items()}
        if sum(energy.values()) > _MOST:
            worst = max(energy, key=lambda action: energy[action])
            raise InputError(
                f"{price_key(worst)}: step {instruction.step} ({instruction.op}) counts "
                f"{counts[worst]:,} at {prices[worst]:.3g} aJ in one record, {energy[worst]:.3g} "
                f"aJ; expected at most {_MOST:.3g} aJ: a lower price, or a shorter clock period "
                "for one that follows the clock"
            )


def _check_classifier(stages: Stages, prices: Mapping[str, int], images: int) -> None:
    """Bound what is behind the handoff, image after image, and each record of it."""
    longest = images * sum(stage.time_ps for stage in stages.all)
    if longest > _MOST:
        raise InputError(
            f"images: {images:,} take up to {longest:.3g} ps behind the handoff; expected at most "
            f"{_MOST:.3g} ps (53 days): fewer images, or shorter conversions and cycles "
            "(converters.adc.conversion_time, digital.clock)"
        )
    for stage in stages.all:
        for _, _, actions in stage.acts:
            for action, number in actions.items():
                energy = number * prices.get(action, 0)
                if energy > _MOST:
                    raise InputError(
                        f"{DIGITAL_PRICES[action]}: step {stage.step} ({stage.op}) counts "
                        f"{number:,} in one record, {energy:.3g} aJ; expected at most "
                        f"{_MOST:.3g} aJ: a lower price"
                    )


def _largest(instruction: Instruction, read_cycles: int) -> Iterator[dict[str, int]]:
    """Give what a step's records of an array, and of planes that are read and written, count.

    A handoff, which has no lanes, has one record for all of its maps.
    """
    counts, lanes = count(instruction, read_cycles), max(1, len(instruction.destination))
    yield {
        "ota_tap_cycle": counts.tap_cycles // lanes,
        "cell_static_cycle": counts.static_cycles // lanes,
    }
    for operand in instruction.operands:
        yield {"cell_read_cycle": cells_read(operand, instruction) * read_cycles}
    yield {"cell_write": counts.written // lanes}
