"""Formulas are arithmetic on SI numbers, and nothing else."""

import pytest

from accelsim.errors import InputError
from accelsim.sweeps.formulas import read_formula

KNOWN = {"arrays.lanes": 8, "clock": 2e9, "effects.active": "none"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("arrays.lanes * 2 + 1", 17),
        ("arrays.lanes // 3 % 2", 0),
        ("2 ** 3", 8.0),
        ("-arrays.lanes + abs(-3)", -5),
        ("ceil('1.9 ns' * clock)", 4),
        ("max(arrays.lanes, 9) if clock > '1 GHz' else 0", 9),
        ("4 <= arrays.lanes < 8", False),
        ("effects.active == 'none' and not arrays.lanes > 8", True),
        ("arrays.lanes > 8 or clock == 2e9", True),
        ("round(sqrt(arrays.lanes) * 100) / 100", 2.83),
        ("log2(arrays.lanes)", 3.0),
    ],
)
def test_formulas_give_what_they_say(text, expected):
    assert read_formula(text, "here").value(KNOWN.__getitem__) == expected


def test_names_are_told_once_in_order_without_functions():
    formula = read_formula("max(clock, arrays.lanes) * clock", "here")
    assert formula.names == ("clock", "arrays.lanes")


@pytest.mark.parametrize(
    "text",
    ["__import__('os')", "(1).real", "[1]", "lambda: 1", "f'{clock}'", "clock.real()",
     "abs(x=1)", "clock[0]", "1j", "clock is 1", "1 << 2", "(" * 400, "x" * 600, "", 3],
)  # fmt: skip
def test_nothing_else_is_a_formula(text):
    with pytest.raises(InputError, match=r"^here: "):
        read_formula(text, "here")


@pytest.mark.parametrize("text", ["1 / (arrays.lanes - 8)", "10 ** 999", "clock + 'word'"])
def test_arithmetic_that_fails_says_which(text):
    with pytest.raises(InputError) as caught:
        read_formula(text, "here").value(KNOWN.__getitem__)
    assert str(caught.value).startswith(f"here: '{text}': ")
