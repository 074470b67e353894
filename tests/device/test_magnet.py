"""Derived quantities of the magnet, and what it refuses."""

from dataclasses import replace

import pytest

from accelsim.device import Drive, Ensemble
from accelsim.errors import InputError


def test_published_range_of_stability(magnet, device):
    assert magnet.stability == pytest.approx(58.7, abs=0.05)
    assert device.with_volume(1530e-27).magnet.stability == pytest.approx(16.6, abs=0.05)


def test_fields_and_rates(magnet):
    assert magnet.hard_stiffness == pytest.approx(2 * 4.5e4 / 1.7e6)  # Bk = 52.9 mT
    assert magnet.normal_stiffness == pytest.approx(1.7215, abs=1e-3)
    # gamma sqrt(B1 B2)/(2 pi) and alpha gamma (B1 + B2)/2 with the numbers above.
    assert magnet.kittel_frequency() == pytest.approx(8.461e9, rel=1e-3)
    assert magnet.relaxation_rate() == pytest.approx(1.562e9, rel=1e-3)
    eigenvalue, _ = magnet.eigenvalues(0.5)
    assert -eigenvalue.real == pytest.approx(magnet.relaxation_rate(0.5), rel=1e-12)
    assert eigenvalue.imag == pytest.approx(6.2832 * magnet.kittel_frequency(0.5), rel=2e-3)


def test_thermal_field_is_browns(magnet):
    # sqrt(2 x 0.01 x 4.142e-21 J / (1.7609e11 x 9.18e-18 A m^2 x 1e-12 s)) by hand.
    assert magnet.thermal_field(1e-12) == pytest.approx(7.159e-3, rel=1e-3)
    assert magnet.thermal_field(4e-12) == pytest.approx(magnet.thermal_field(1e-12) / 2)


@pytest.mark.parametrize(("stability", "seconds"), [(16, 9e-3), (40, 7.5 * 3.156e7)])
def test_flip_time(with_stability, stability, seconds):
    assert with_stability(stability).flip_time(1e-9) == pytest.approx(seconds, rel=0.02)


@pytest.mark.parametrize("damping", [0.005, 0.01, 0.1])
def test_largest_stable_step_divides_growth_from_decay(magnet, damping):
    # Small motion in the linear range. Just below the limit it dies out, just above it grows
    # until the bounded sphere stops it.
    damped = replace(magnet, damping=damping)
    largest = damped.largest_stable_step()

    def left(factor: float) -> float:
        ensemble = Ensemble(damped, 1, largest)  # the largest step itself is allowed
        ensemble._parameters[:, 3] *= factor  # the kernel's gain is proportional to the step
        ensemble.set_level(1e-4)
        ensemble.run(Drive.constant(0.0, 20000))
        return abs(ensemble.m[1, 0])

    assert left(0.98) < 1e-5
    assert left(1.02) > 1e-3


@pytest.mark.parametrize("key", ["length", "width", "thickness", "damping", "temperature"])
@pytest.mark.parametrize("value", [0.0, -1e-9, float("nan")])
def test_refuses_what_is_not_positive(magnet, key, value):
    with pytest.raises(InputError, match=rf"^{key}: got .*; expected a positive number$"):
        replace(magnet, **{key: value})


def test_refuses_an_easy_axis_across_the_length(magnet):
    with pytest.raises(InputError) as caught:
        replace(magnet, shape="rectangle", length=30e-9, width=60e-9)
    assert str(caught.value).startswith(
        "impossible geometry: length 30 nm with the width 60 nm: shape and anisotropy together "
        "make the width the easy axis (stiffness -0.06528 T)"
    )
    assert str(caught.value).endswith("make it longer, or the width smaller")


def test_refuses_a_pillar(magnet):
    with pytest.raises(InputError, match="together make the thickness the easy axis"):
        replace(magnet, length=10e-9, width=10e-9, thickness=60e-9)


def test_an_unstable_time_step_names_the_largest(magnet):
    with pytest.raises(InputError) as caught:
        Ensemble(magnet, 1, 20e-12)
    assert str(caught.value) == (
        "time step: 20 ps is unstable for this magnet; the largest that is stable is 12.32 ps"
    )
    with pytest.raises(InputError, match="time step: got 0 s; expected a positive time"):
        Ensemble(magnet, 1, 0.0)


def test_a_disc_is_round(magnet):
    with pytest.raises(InputError) as caught:
        replace(magnet, width=60e-9)
    assert str(caught.value) == (
        "width: got 60 nm and a length of 47.87 nm; expected the same for a disc, its diameter; "
        "a shape 'ellipse' has two"
    )


@pytest.mark.parametrize("shape", ["disc", "rectangle"])
def test_another_volume_keeps_thickness_and_shape(magnet, shape):
    sized = replace(magnet, shape=shape).with_volume(1530e-27)
    assert sized.volume == pytest.approx(1530e-27)
    assert (sized.shape, sized.thickness, sized.length) == (shape, magnet.thickness, sized.width)
