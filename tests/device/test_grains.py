"""What remanent grains of one ME layer can be: barrier, polarization, what contradicts itself."""

import math

import numpy as np
import pytest

from accelsim.config import load_machine
from accelsim.config.checks import warnings_of
from accelsim.device.melayer import (
    grain_barrier,
    grain_volume,
    polarization_at_full_scale,
    storage_of,
)
from accelsim.errors import InputError

EV = 1.602176634e-19


def changes(**keys):
    return {"cell.storage": "remanent"} | {f"cell.{key}": value for key, value in keys.items()}


def cell(**keys):
    return load_machine("irmen", changes(**keys)).cell


def said(**keys):
    """Return what is said of the grains alone."""
    found = warnings_of(load_machine("irmen", changes(**keys)))
    return [text for text in found if "not in one layer" in text]


def test_the_barrier_follows_from_polarization_field_and_volume():
    # pi/4 (47.873 nm)^2 x 63.006 nm / 21 = 5400 nm^3; 0.053 C/m^2 x 1 MV/m x that is 1.786 eV,
    # 69.1 kT at 25.852 meV.
    one = cell()
    assert one.grain_barrier is None
    assert grain_volume(one) == pytest.approx(5400e-27, rel=1e-3)
    assert grain_barrier(one) / EV == pytest.approx(1.786, rel=1e-3)
    assert storage_of(one).barrier == pytest.approx(69.1, rel=1e-3)
    # Twice the grains, half the barrier; as many as 4 bits ask for, and nothing is held.
    assert storage_of(cell(grains=42)).barrier == pytest.approx(69.1 / 2, rel=1e-3)
    assert storage_of(cell(grains=900)).lifetime < 1e-9
    # 0.95 x 8.854e-12 x 3953 x 0.1 V / 63.006 nm.
    assert 0.95 * polarization_at_full_scale(one) == pytest.approx(0.0528, rel=1e-3)


def test_a_grain_that_a_field_turns_has_that_barrier():
    """Dipoles +-P whose saddle stays midway: the field at which a loop turns makes the barrier.

    The energy of a polarization p between them is taken as U (1 - |p|/P) - p E V, of which the loop
    over E turns where no barrier is left: U = P E_c V. Landau's smooth double well, a p^4/4 - b
    p^2/2, turns at a higher field for the same barrier: 0.65 of P E_c V, as docs/device.md says.
    """
    p = np.linspace(-1, 1, 4001)
    assert 1 / coercive(1 - np.abs(p), p) == pytest.approx(1, rel=0.01)
    wide = np.linspace(-1.6, 1.6, 16001)
    assert 0.25 / coercive(wide**4 / 4 - wide**2 / 2, wide) == pytest.approx(0.65, rel=0.01)


def coercive(energy, p):
    """Return the field at which the state at p = -1 goes over, by following it downhill."""
    place, field = int(np.argmin(np.abs(p + 1))), 0.0
    while p[place] < 0.9:
        field += 2e-3
        tilted = energy - p * field
        while place + 1 < len(p) and tilted[place + 1] < tilted[place]:
            place += 1
        while place > 0 and tilted[place - 1] < tilted[place]:
            place -= 1
    return field


def test_the_shipped_grains_are_of_one_layer():
    assert said() == []
    assert said(grain_barrier="1.8 eV") == []
    # Nothing is said of grains that hold nothing.
    assert said(storage="held", grain_barrier="9 eV") == []


def test_a_barrier_that_does_not_follow_is_said_with_both_values():
    assert said(grains=900, grain_barrier="1.8 eV") == [
        "cell.grain_barrier: 1.8 eV is stated, and remanent_polarization x coercive_field x volume "
        "of a grain (126 nm^3) is 41.69 meV: not in one layer; without the key it is the latter"
    ]


def test_a_polarization_that_the_layer_cannot_have_is_said_with_both_values():
    assert said(remanent_polarization="0.3 C/m^2", grains=119) == [
        "cell.remanent_polarization: 0.3 C/m^2 is stated, and a layer of 63.006 nm at 100 mV has "
        "0.0528 C/m^2 of it, remanent_share (0.95) x permittivity x field: not in one layer"
    ]


def test_levels_coarser_than_the_precision_are_warned_of():
    spread = 0.95 / math.sqrt(21)
    assert storage_of(cell()).spread == pytest.approx(spread)
    assert warnings_of(load_machine("irmen", changes())) == (
        "cell.storage: levels spread by 0.21, more than half a step of 4 bits (remanent)",
    )


def test_a_level_that_is_gone_within_a_step_is_warned_of():
    leaky = {"cell.storage": "charge", "cell.me_resistivity": "1 Ohm m"}
    # 0.07197 x 1.0486 x 35 ns = 2.642 ns of the 3 ns of a step.
    assert warnings_of(load_machine("irmen", leaky)) == (
        "cell.storage: a level of 0.9 has moved by half a step of 4 bits (charge) after 2.642 ns, "
        "and a step takes 3000 ps: it is gone before the next one reads it",
    )
    slower = leaky | {"cell.me_resistivity": "1.2 Ohm m"}
    assert warnings_of(load_machine("irmen", slower)) == ()


def test_refused():
    for key, value, message in (
        ("remanent_polarization", "0.05", "'0.05' has no unit; expected a positive number in "
         "C/m^2 such as '0.05 C/m^2'"),
        ("remanent_polarization", "0 C/m^2", "got 0 C/m^2; expected a positive number in C/m^2"),
    ):  # fmt: skip
        with pytest.raises(InputError) as caught:
            cell(**{key: value})
        assert f"cell.{key}: {message}" in str(caught.value)
