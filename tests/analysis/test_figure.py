"""A figure: exact in its base unit, a float in SI units, a text with its best prefix."""

import copy
import json
import math
import pickle

import numpy as np
import pytest

from accelsim.analysis import Figure
from accelsim.errors import InputError

LATENCY = Figure(42_000, "ps")


@pytest.mark.parametrize(
    ("figure", "unit", "value"),
    [
        (LATENCY, "ns", 42.0),
        (LATENCY, "s", 42e-9),
        (LATENCY, "ps", 42_000.0),
        (LATENCY, "fs", 42e6),
        (Figure(99_722_000, "aJ"), "pJ", 99.722),
        (Figure(99_722_000, "aJ"), "aJ", 99_722_000.0),
        (Figure(2.5e7, "images/s"), "Mimages/s", 25.0),
        (Figure(0.25, "W"), "mW", 250.0),
        (Figure(0.98, "1"), "%", 98.0),
        (Figure(3, "images"), "images", 3.0),
        (Figure(2.0, "aJ ps"), "J s", 2e-30),
    ],
)
def test_other_units(figure, unit, value):
    assert figure.to(unit) == pytest.approx(value, rel=1e-15)


def test_an_integer_is_divided_once():
    # 1e-18 is no float: a product with what is nearest to it is rounded twice.
    assert float(Figure(99_722_003, "aJ")) == 99_722_003e-18
    assert all(float(Figure(n, "aJ")) == float(f"{n}e-18") for n in (7, 99_722_000, 2**53 + 1))


@pytest.mark.parametrize(
    ("figure", "unit", "message"),
    [
        (LATENCY, "nJ", "unit 'nJ': 42 ns has another dimension; expected s with or without a "
         "prefix, such as 'ns'"),
        (LATENCY, "xs", "unit 'xs': 42 ns has another dimension; expected s with or without"),
        (Figure(0.98, "1"), "ns", "unit 'ns': 98.00 % has another dimension; expected '1' or '%'"),
        (Figure(3, "images"), "cycles", "unit 'cycles': 3 has another dimension; expected 'image"),
    ],
)  # fmt: skip
def test_wrong_units(figure, unit, message):
    with pytest.raises(InputError) as caught:
        figure.to(unit)
    assert str(caught.value).startswith(message)


def test_it_calculates_as_a_float_in_si_units():
    assert LATENCY * 2 == 84e-9
    assert Figure(84_000, "ps") / LATENCY == 2
    assert LATENCY < 50e-9 < Figure(56_000, "ps")
    assert math.isclose(Figure(99_722_000, "aJ") / LATENCY, 99.722e-12 / 42e-9)
    assert np.mean([LATENCY, Figure(44_000, "ps")]) == pytest.approx(43e-9)


def test_it_is_equal_to_what_it_is():
    assert LATENCY == Figure(42_000, "ps") == 42e-9
    assert hash(LATENCY) == hash(42e-9)
    assert Figure(3, "images") != Figure(3, "cycles")
    assert Figure(2**60, "aJ") != Figure(2**60 + 1, "aJ")  # one float, two integers


def test_it_is_shown_as_commands_show_it():
    assert str(LATENCY) == f"{LATENCY}" == "42 ns"
    assert repr(LATENCY) == "Figure(42000, 'ps')"
    assert f"{LATENCY:.1f ns} {LATENCY:ns} {LATENCY:.2e}" == "42.0 ns 42 ns 4.20e-08"
    assert f"{Figure(0.98, '1'):.1f %}" == "98.0 %"
    assert f"{Figure(0.98, '1'):.1%}" == "98.0%"
    assert LATENCY._repr_html_() == '<span title="42,000 ps">42 ns</span>'


def test_it_is_copied_and_written():
    for again in (copy.deepcopy(LATENCY), pickle.loads(pickle.dumps(LATENCY))):  # noqa: S301 - our own
        assert (again.value, again.unit, again) == (42_000, "ps", LATENCY)
    assert json.dumps(LATENCY) == "4.2e-08"
