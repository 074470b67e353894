"""Programs written by hand that fold and accumulate otherwise than the compiler does."""

from dataclasses import replace

import numpy as np

import accelsim
from accelsim.compiler import Bias, Kernel, PlaneRef, compile_network
from accelsim.model import Accelerator, Arrival, Design
from accelsim.network import Weights
from accelsim.values import Engine
from tests.conftest import CONV, RELU


def program_and_weights(make_network):
    network = make_network([2, 5, 5], CONV | {"out": 4}, RELU)
    generator = np.random.default_rng(3)
    weights = Weights(
        {"conv0": generator.normal(0, 1, (4, 2, 3, 3))}, {"conv0": generator.normal(0, 1, 4)}
    )
    images = generator.integers(0, 256, (6, 2, 5, 5), np.uint8)
    program = compile_network(network, accelsim.load_machine("irmen"))
    return program, weights, images


def renumbered(program, instructions):
    numbered = [replace(step, step=n) for n, step in enumerate(instructions, start=1)]
    return replace(program, instructions=tuple(numbered))


def completes(program, cycles):
    design = Design.of(accelsim.load_machine("irmen"))
    return Accelerator(design, program, [Arrival(0, 0)]).run() == cycles * design.period_ps


def test_a_fold_is_a_step_with_a_part_of_the_maps(make_network):
    program, weights, images = program_and_weights(make_network)
    *loads, conv, relu, handoff = program.instructions
    halves = [
        replace(
            conv,
            maps=2,
            first_map=first,
            destination=conv.destination[first : first + 2],
            operands=(replace(conv.operands[0], kernel=Kernel(layer="conv0", first_out=first)),),
        )
        for first in (0, 2)
    ]
    folded = renumbered(program, [*loads, *halves, relu, handoff])
    whole = Engine(program, weights, np.float64).run(images)
    np.testing.assert_allclose(Engine(folded, weights, np.float64).run(images), whole, atol=1e-13)
    # The second fold uses other lanes of B, but the datapath direction and the source's
    # ports for one cycle only: it is issued a cycle later; relu waits for it. load@0,1 conv@4,5
    # relu@8 handoff@11, stored at 14.
    assert completes(folded, 14)


def test_accumulation_reads_the_partial_sum_back(make_network):
    # Partial sums are stored scaled by 1/64, so that none is clipped; the last step undoes it.
    program, weights, images = program_and_weights(make_network)
    *loads, conv, relu, handoff = program.instructions
    (operand,) = conv.operands
    scale = 1 / 64
    in_a = tuple(PlaneRef(ref.place.A, ref.lane, 1) for ref in conv.destination)
    first = replace(
        conv,
        bias=None,
        operands=(
            replace(
                operand,
                planes=operand.planes[:1],
                kernel=Kernel(layer="conv0", first_in=0, gain=scale),
            ),
        ),
    )
    back = replace(
        conv,
        op="copy",
        bias=None,
        destination=in_a,
        operands=(replace(relu.operands[0], planes=first.destination),),
    )
    second = replace(
        conv,
        bias=Bias(-1.0, "conv0"),
        operands=(
            replace(operand, planes=operand.planes[1:], kernel=Kernel(layer="conv0", first_in=1)),
            replace(relu.operands[0], planes=in_a, kernel=Kernel(fixed=(1.0,), gain=1 / scale)),
        ),
    )
    steps = renumbered(program, [*loads, first, back, second, relu, handoff])
    steps = replace(steps, planes=dict.fromkeys(steps.planes, 2))
    whole = Engine(program, weights, np.float64).run(images)
    np.testing.assert_allclose(Engine(steps, weights, np.float64).run(images), whole, atol=1e-12)
    # load@0,1; the first sum reads what is stored at 3: @3 back@6 second@9 relu@12 handoff@15.
    assert completes(steps, 18)
