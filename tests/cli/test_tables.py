"""Tables on narrow consoles: no word, no number and no column may be lost."""

import io

import pytest
from rich.console import Console

from accelsim.cli import tables
from accelsim.cli.tables import new_table

NUMBERS = ("step", "cells written", "energy, pJ")


def printed(
    width, cells=("12", "handoff", "circuit_a.lane0.bank.plane0", "1,234,567", "12189.8112")
):
    table = new_table(
        "Steps",
        left=("op", "begins when"),
        right=NUMBERS,
        order=("step", "op", "begins when", "cells written", "energy, pJ"),
    )
    table.add_row(*cells)
    stream = io.StringIO()
    Console(file=stream, width=width).print(table)
    lines = stream.getvalue().splitlines()
    assert all(len(line) <= width for line in lines)
    return [line.strip() for line in lines]


def test_a_wide_console_has_three_blanks_between_columns():
    """4 + 7 + 27 + 13 + 10 characters, 4 gaps of 3, a blank at each edge: 75."""
    lines = printed(75)
    assert lines[2] == "step   op        begins when                   cells written   energy, pJ"
    assert lines[4].startswith("12   handoff   circuit_a.lane0.bank.plane0")


def test_a_narrower_one_gives_up_blanks_first():
    """Gaps of 1: 67."""
    lines = printed(67)
    assert lines[2] == "step op      begins when                 cells written energy, pJ"
    assert lines[4] == "12 handoff circuit_a.lane0.bank.plane0     1,234,567 12189.8112"


def test_then_it_stacks_headers():
    """'cells written' needs 9 for its number: 63."""
    lines = printed(63)
    assert lines[2:4] == [
        "begins                          cells    energy,",
        "step op      when                          written         pJ",
    ]
    assert lines[5] == "12 handoff circuit_a.lane0.bank.plane0 1,234,567 12189.8112"


def test_words_that_do_not_fit_go_on_in_the_next_line():
    lines = printed(50)
    assert "12 hand" in " ".join(lines)
    text = "".join("".join(line.split()) for line in lines)
    assert "…" not in text
    assert "12189.8112" in text


def test_text_has_more_lines_before_blanks_are_given_up():
    cells = ("1", "conv", "the image's turn has come at last", "784", "0.8098")
    lines = printed(56, cells)
    assert lines[2] == "step   op     begins when   cells written   energy, pJ"
    assert lines[4] == "1   conv   the image's             784       0.8098"


def test_what_is_still_too_wide_goes_on_below_with_its_keys():
    """8 columns of 6 digits and a blank: 5 beside two keys in 50, then the keys and the rest."""
    names = [f"n{number}" for number in range(8)]
    table = new_table("Many", right=("a", "b", *names), keys=2)
    table.caption = "said once, over the whole width"
    table.add_row("1", "2", *(str(100_000 + number) for number in range(8)))
    stream = io.StringIO()
    Console(file=stream, width=50).print(table)
    lines = [line.strip() for line in stream.getvalue().splitlines() if line.strip()]
    assert [line.split() for line in lines if line[0] in "a1"] == [
        ["a", "b", *names[:6]],
        ["1", "2", *(str(100_000 + number) for number in range(6))],
        ["a", "b", *names[6:]],
        ["1", "2", "100006", "100007"],
    ]
    assert (lines[0], lines[-1]) == ("Many", "said once, over the whole width")
    assert stream.getvalue().count("Many") == 1


def test_what_is_needed_least_is_left_out_and_named():
    table = new_table("Few", left=("a",), right=("b", "c", "d"), spare=("c", "b"))
    table.add_row("x", *["1,234,567,890"] * 3)
    table.caption = "below"
    stream = io.StringIO()
    Console(file=stream, width=40).print(table)
    lines = [line.split() for line in stream.getvalue().splitlines() if line.strip()]
    assert lines[1] == ["a", "b", "d"]
    assert lines[3] == ["x", "1,234,567,890", "1,234,567,890"]
    assert [" ".join(line) for line in lines[4:]] == ["below", "Left out at this width: c."]


def test_a_long_word_is_broken_before_a_table_is():
    """6 + 13 + 13 and 5 blanks leave 20 of 57 for a word of 27."""
    table = new_table("Long", left=("a",), right=("b", "c", "d"))
    table.add_row("circuit_a.lane0.bank.plane0", "123456", *["1,234,567,890"] * 2)
    stream = io.StringIO()
    Console(file=stream, width=57).print(table)
    lines = [line.split() for line in stream.getvalue().splitlines() if line.strip()]
    assert lines[3] == ["circuit_a.lane0.bank", "123456", "1,234,567,890", "1,234,567,890"]
    assert lines[4] == [".plane0"]


def test_a_quantity_in_a_column_of_text_stays_in_one_line():
    """The rest of the width is shared: 'about 1.5e+09 ns' has its 16, the text what is left."""
    table = new_table("Both", left=("a", "b"))
    table.add_row("about 1.5e+09 ns", "some words that take more than there is")
    stream = io.StringIO()
    Console(file=stream, width=40).print(table)
    assert "about 1.5e+09 ns   some words" in stream.getvalue()


def steps(rows):
    """Return a table of many rows, with all that tables of the command have."""
    table = new_table(
        "Critical path, record by record",
        left=("op", "layer", "begins when"),
        right=("step", "cells", "pJ"),
        order=("step", "op", "layer", "cells", "pJ", "begins when"),
    )
    begins = ("", "settled: circuit_a.lane0.bank.plane0 (image 0)", "freed by \u5c64 5")
    for row in range(rows):
        cells = (f"{row**5 % 7919:,}", f"{row / 7:.3f}", begins[row % 3])
        table.add_row(
            str(row), "conv", f"relu{row} @0,14", *cells, end_section=row in {7, rows - 1}
        )
    table.add_row("", "total", "", "99,999,999", "1.000", "")
    table.caption = "step: its number in the program.\n" + 4 * "A caption that is long. "
    return table


@pytest.mark.parametrize("width", [40, 60, 80, 100, 200])
@pytest.mark.parametrize("terminal", [False, True])
def test_long_tables_are_set_as_others(monkeypatch, width, terminal):
    def printed(many):
        monkeypatch.setattr(tables, "MANY", many)
        found = Console(
            file=io.StringIO(), width=width, force_terminal=terminal, highlight=False, markup=False
        )
        found.print(steps(30))
        return found.file.getvalue()

    assert printed(31) == printed(1000)
