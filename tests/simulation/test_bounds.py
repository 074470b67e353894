"""Times and energies that 64 bits do not hold are refused before a run begins."""

import pytest

from accelsim.compiler import compile_network
from accelsim.config import load_machine
from accelsim.errors import AccelsimError, InputError
from accelsim.model import Stream
from accelsim.records.recorder import Recorder
from accelsim.records.templates import Row, RowTemplate
from accelsim.simulation import run_events
from accelsim.simulation.bounds import check_bounds


def check(mnist, images, **changes):
    machine = load_machine("irmen", {k.replace("__", "."): v for k, v in changes.items()})
    program = compile_network(mnist, machine)
    check_bounds(machine, [program], Stream.at_once(range(images)))


def test_time_to_the_image(mnist):
    # 14 steps of 3 s: 4.2e13 ps an image; 2^62 = 4.6117e18 ps are 109,802.6 of them.
    check(mnist, 109_802, clock="1 s")
    with pytest.raises(InputError, match=r"images: 109,803 of 14 steps, each 3 cycles of 1 s"):
        check(mnist, 109_803, clock="1 s")


def test_time_with_refresh(mnist):
    # A step of 3 s, and two rounds of 4 planes x 2 cycles: 19 s, 2.66e14 ps an image.
    changes = {"clock": "1 s", "banks__refresh_interval": "20 s", "banks__refresh_cycles": 2}
    check(mnist, 17_337, **changes)
    with pytest.raises(InputError, match="images: 17,338 of 14 steps"):
        check(mnist, 17_338, **changes)


def test_energy_of_the_synapses_of_a_lane(mnist):
    # Step 2: 784 cells x 10 (nine taps and a bias); 2^62 aJ / 7840 = 588,225.3 nJ.
    check(mnist, 1, energy__ota_tap_cycle="588225 nJ")
    with pytest.raises(InputError, match=r"energy.ota_tap_cycle: step 2 \(conv\) counts 7,840 at"):
        check(mnist, 1, energy__ota_tap_cycle="588226 nJ")


def test_energy_of_a_plane_that_is_read(mnist):
    # 784 cells x 5 or 6 read cycles x 1e15 aJ: 3.9e18 and 4.7e18 aJ.
    check(mnist, 1, energy__cell_read_cycle="1 mJ", timing__read_cycles=5)
    with pytest.raises(InputError, match=r"energy.cell_read_cycle: .* counts 4,704 at 1e\+15 aJ"):
        check(mnist, 1, energy__cell_read_cycle="1 mJ", timing__read_cycles=6)


def test_a_step_of_a_million_kiloseconds(command, tmp_path):
    code, out, err = command(
        "run", "--images", "1", "--outdir", str(tmp_path / "out"),
        "--set", "clock=1000 s", "--set", "timing.write_cycles=1000000",
    )  # fmt: skip
    assert (code, out) == (2, "")
    assert "images: 1 of 14 steps, each 1000001 cycles of 1 ks, take up to 1.4e+22 ps" in err
    assert not list(tmp_path.iterdir())


def test_events_alone_are_bounded(mnist):
    machine = load_machine("irmen", {"clock": "1 s"})
    program = compile_network(mnist, machine)
    with pytest.raises(InputError, match=r"take up to 4\.61e"):
        run_events(machine, program, Stream.at_once(range(109_803)))


def test_a_time_beyond_64_bits_all_the_same():
    class Sink:
        def close(self):
            """Nothing is left to do."""

    recorder = Recorder([Sink()])
    template = recorder.template(RowTemplate((Row("wait", "host.queue", {}),)))
    recorder.event((template, recorder.reserve(), 0, 0, 2**63, 0, 0, -1, 1))
    with pytest.raises(AccelsimError, match=r"takes 9.22e\+18 ps, more than 64 bits hold"):
        recorder.close()


def test_what_is_behind_the_handoff(mnist):
    # 14 conversions of 1 s and 27.2 ns: 2^62 ps are 329,406 images and a bit.
    changes = {"scope": "classification", "converters__adc__conversion_time": "1 s"}
    check(mnist, 329_406, **changes)
    with pytest.raises(InputError, match="images: 329,407 take up to"):
        check(mnist, 329_407, **changes)
    # In words of a bit: 3,920 x 8 of weights, 10 x 32 of biases, 392 x 4 of codes.
    changes = {"scope": "classification", "digital__sram__word": 1}
    check(mnist, 1, **changes, digital__sram__read="138 uJ")
    with pytest.raises(InputError, match=r"digital.sram.read: step 16 \(fc\) counts 33,248 in one"):
        check(mnist, 1, **changes, digital__sram__read="139 uJ")
