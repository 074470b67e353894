"""The estimate of a run's memory, beside what is taken, and what is said of it."""

import tracemalloc

import pytest

import accelsim
from accelsim.compiler import compile_network
from accelsim.model import Accelerator, Design, Stream
from accelsim.records import Records
from accelsim.simulation import memory
from tests.conftest import CONV, RELU

MANY = 9


class Sink:
    def write(self, _records: Records) -> None:
        """Forget it."""

    def close(self):
        """Nothing is left to do."""


def taken(network, contexts):
    machine = accelsim.load_machine(
        "irmen", {"sequencer.contexts": contexts, "banks.planes": 2 * contexts}
    )
    program = compile_network(network, machine)
    tracemalloc.start()
    built = Accelerator(Design.of(machine), program, Stream.at_once(range(1)), [Sink()])
    built.run()
    now, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return now, memory.estimate([program], contexts, 1, values=False, effects=False)


def test_what_contexts_take(mnist):
    (few, of_few), (many, of_many) = taken(mnist, 1), taken(mnist, MANY)
    measured, estimated = many - few, of_many - of_few
    assert estimated / 2 < measured < 2 * estimated


def test_parts_by_hand(make_network, irmen):
    # load (1 plane), conv, relu (1 to 1), handoff (1): reads 0, 1, 1, 1; 3 each for the planes
    # that the first three write; 4 each of their own: 28 records, 512 bytes each.
    program = compile_network(make_network([1, 4, 4], CONV, RELU), irmen)

    def of(contexts, images, values=False, effects=False):
        return memory.estimate([program], contexts, images, values=values, effects=effects)

    assert of(3, 1) - of(1, 1) == 2 * 28 * 512
    assert of(1, 11) - of(1, 1) == 10 * 64
    # Times of four steps.
    assert of(1, 11, True, True) - of(1, 11, True) == 11 * 4 * 24
    assert of(1, 1, False, True) == of(1, 1)


@pytest.mark.parametrize(("there", "said"), [(100 << 20, True), (None, False), (1 << 50, False)])
def test_it_is_said_before_the_run(command, monkeypatch, there, said):
    monkeypatch.setattr(memory, "installed", lambda: there)
    monkeypatch.setattr(memory, "estimate", lambda *_, **__: 3 << 40)
    code, _, err = command("run", "--images", "1", "--outdir", "out")
    expected = (
        "warning: the run takes about 3072 GiB of memory, and this computer has 100 MiB\n"
        if said
        else ""
    )
    assert (code, err) == (0, expected)


def test_this_computer_says_what_it_has():
    assert memory.installed() is None or memory.installed() > 1 << 28
