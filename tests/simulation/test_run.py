"""Whole runs: what is in a result, which images, and what a failing check does."""

import dataclasses

import numpy as np
import pytest

import accelsim
from accelsim.compiler import count
from accelsim.errors import InputError, ReconciliationError
from accelsim.simulation import events
from tests.conftest import CONV, RELU


def test_a_range_of_images(irmen, mnist):
    result = accelsim.simulate(irmen, mnist, range(5, 9))
    assert result.values.images.tolist() == [5, 6, 7, 8]
    assert result.values.labels.tolist() == [1, 4, 9, 5]
    assert result.times.image.tolist() == [5, 6, 7, 8]
    assert set(result.trace.column("image").to_pylist()) == {5, 6, 7, 8, None}
    first = accelsim.simulate(irmen, mnist, 9)
    assert (first.values.logits[5:] == result.values.logits).all()


def test_the_result_is_frozen_and_the_same_type_with_an_outdir(tmp_path, irmen, mnist):
    inside = accelsim.simulate(irmen, mnist, 2)
    written = accelsim.simulate(irmen, mnist, 2, outdir=tmp_path / "run")
    assert type(inside) is type(written)
    assert inside != written  # two runs are two things; what they hold is compared below
    assert inside.stats == written.stats
    assert inside.trace.to_pylist() == written.trace.to_pylist()
    assert inside.schedule == written.schedule
    with pytest.raises(dataclasses.FrozenInstanceError):
        inside.stats = None


def test_values_of_short_phases_are_those_of_cells_that_have_not_settled(mnist):
    """Every step writes for one cycle of the two that it needs: old values are in all maps."""

    def features(**changes):
        machine = accelsim.load_machine("irmen", {key.replace("_", ".", 1): value
                                                  for key, value in changes.items()})  # fmt: skip
        return accelsim.simulate(machine, mnist, 2).values.features

    short = features(timing_write_cycles=1)
    assert (short == features(timing_write_cycles=1, effects_active="transfer, settling")).all()
    # The second image starts from what the first left; the transfer alone is another value.
    assert np.abs(short - features(effects_active="transfer"))[1].max() > 1e-4
    assert np.abs(short - features()).max() > 0.01
    bits = features(timing_write_cycles=1, effects_active="weight_bits")
    assert (bits != short).any()
    assert (bits == features(timing_write_cycles=1,
                             effects_active="transfer, settling, weight_bits")).all()  # fmt: skip


def test_what_short_reads_of_a_linear_cell_leave_is_no_value(mnist):
    result = accelsim.simulate(accelsim.load_machine("charge", {"timing.read_cycles": 3}), mnist, 1)
    assert (result.values, result.stats.accuracy) == (None, None)
    assert result.no_values.startswith("timing.read_cycles: too short for the cell")


def test_without_weights_there_is_a_schedule_and_no_values(irmen, make_network):
    result = accelsim.simulate(irmen, make_network([1, 4, 4], CONV, RELU), 3)
    assert result.values is None
    assert result.no_values == "network 'test' names no weights"
    assert result.stats.accuracy is None
    assert result.stats.cycles_per_image.value == 12


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (0, r"^images 0: expected 1 or more images, from 0 upwards$"),
        (-3, r"^images -3: expected 1 or more images"),
        (range(5, 5), r"^images 5:5: expected 1 or more images"),
        (range(-1, 5), r"^images -1:5: expected 1 or more images, from 0 upwards$"),
        (
            10_001,
            r"^images 10001: image 10000 is out of range, "
            r"the data set of 'mnist' has 10000 images, 0 to 9999$",
        ),
        (range(9_999, 10_002), r"^images 9999:10002: image 10001 is out of range"),
    ],
)
def test_image_numbers_out_of_range(tmp_path, irmen, mnist, images, message):
    with pytest.raises(InputError, match=message):
        accelsim.simulate(irmen, mnist, images, outdir=tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_counts_that_do_not_follow_from_the_program_are_an_error(monkeypatch, irmen, mnist):
    def one_more(instruction, read_cycles):
        counts = count(instruction, read_cycles)
        return dataclasses.replace(counts, written=counts.written + 1)

    monkeypatch.setattr(events, "count", one_more)
    with pytest.raises(ReconciliationError, match=r"the trace counts 17640 cell_write, .* 17654$"):
        accelsim.simulate(irmen, mnist)


def test_energies_beyond_64_bits_are_refused_not_wrapped(tmp_path, mnist):
    machine = accelsim.load_machine("irmen", {"energy.ota_tap_cycle": "1 mJ"})
    with pytest.raises(accelsim.AccelsimError, match=r"in one record, 7.84e\+18 aJ; expected"):
        accelsim.simulate(machine, mnist, outdir=tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_progress_counts_all_images(irmen, mnist):
    seen = []
    result = accelsim.simulate(irmen, mnist, 700, progress=seen.append)
    assert seen == sorted(seen)
    blocks = [now for now in seen if not now.valued]
    assert [now.blocks for now in blocks] == list(range(1, len(blocks) + 1))
    assert len(blocks) > 1
    assert blocks[0].images < 700
    assert blocks[-1].images == seen[-1].valued == 700
    assert blocks[-1].time_ps == 700 * 42_000
    assert blocks[-1].records == result.ledger.records


def test_the_same_input_gives_the_same_bytes(tmp_path, irmen, mnist):
    for name in ("one", "two"):
        accelsim.simulate(irmen, mnist, 30, outdir=tmp_path / name, command=["x"])
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes(), path.name


def test_values_and_time_come_from_one_program(mnist):
    machine = accelsim.load_machine("irmen", {"circuits": 1})
    result = accelsim.simulate(machine, mnist, 20)
    two = accelsim.simulate(accelsim.load_machine("irmen"), mnist, 20)
    assert len(result.program.instructions) == 26
    assert np.array_equal(result.values.logits, two.values.logits)


def test_classes_without_maps(irmen, mnist):
    whole = accelsim.simulate(irmen, mnist, 300).values
    classes = accelsim.simulate(irmen, mnist, 300, keep_maps=False).values
    assert (classes.predicted == whole.predicted).all()
    assert classes.accuracy == whole.accuracy
    assert classes.features.shape == (0, *whole.features.shape[1:])
    assert classes.logits is None
