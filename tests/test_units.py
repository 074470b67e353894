import pytest
from hypothesis import given
from hypothesis import strategies as st

from accelsim.units import ENERGY, TIME, UnitError, parse, parse_period, render


@pytest.mark.parametrize(
    ("text", "dimension", "value"),
    [
        ("1 ns", TIME, 1000),
        ("0.3 ns", TIME, 300),
        ("1 ms", TIME, 10**9),
        ("0 s", TIME, 0),
        ("500 aJ", ENERGY, 500),
        ("350 fJ", ENERGY, 350_000),
        ("0.14 nJ", ENERGY, 140_000_000),
    ],
)
def test_parse(text, dimension, value):
    assert parse(text, dimension) == value


@given(st.integers(0, 10**12))
def test_whole_numbers_of_the_base_unit_are_exact(value):
    assert parse(f"{value} ps", TIME) == value
    assert parse(f"{value} aJ", ENERGY) == value


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1 nm", r"^'1 nm' is not a time; expected a time such as '1 ns'$"),
        ("7", r"^'7' has no unit; expected a time such as '1 ns'$"),
        ("soon", r"^'soon' is not a number with a unit; expected a time such as '1 ns'$"),
        ("-1 ns", r"^'-1 ns' is negative; expected a time such as '1 ns'$"),
        ("0.5 ps", r"^'0.5 ps' is not a whole number of ps$"),
        ("1000.0001 ps", r"is not a whole number of ps$"),
        ("inf s", r"is not a whole number of ps$"),
    ],
)
def test_refused_times(text, message):
    with pytest.raises(UnitError, match=message):
        parse(text, TIME)


@pytest.mark.parametrize(
    ("text", "period"),
    [("1 GHz", 1000), ("2 GHz", 500), ("1 ns", 1000), ("800 MHz", 1250), ("250 ps", 250)],
)
def test_period(text, period):
    assert parse_period(text) == period


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("3 GHz", r"^'3 GHz' is a period of 333.333 ps, which is not a positive whole number"),
        ("0 Hz", r"^'0 Hz' is not positive; expected a frequency such as '1 GHz'"),
        ("-1 ns", r"^'-1 ns' is not positive"),
        ("1 nm", r"^'1 nm' is neither a frequency nor a time; expected a frequency such as"),
        ("1e13 Hz", r"is a period of 0.1 ps"),
    ],
)
def test_refused_periods(text, message):
    with pytest.raises(UnitError, match=message):
        parse_period(text)


def test_render():
    assert render(99_722_000, "aJ") == "99.72 pJ"
    assert render(42_000, "ps") == "42 ns"
    assert render(12_197_538_304, "aJ") == "12.2 nJ"
