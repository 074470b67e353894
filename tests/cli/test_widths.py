"""Every table of every command at 80, 100 and 140 columns: no number is cut, no line too long.

A command runs once; what it prints is drawn again at each width.
"""

import io
import re
import shlex
import sys

import pytest
from rich.columns import Columns
from rich.console import Console
from rich.table import Table

from accelsim.cli import main
from accelsim.cli.reproduce import _print as print_reproduction
from accelsim.reports.reproduction import ReproducedFigure
from tests.cli.test_streams import NET, STREAM, TENANTS
from tests.importer.models import Maker

SPACE = """axes: {arrays.lanes: [1, 8], clock: [1 GHz, 800 ps], effects.active: [none, weight_bits]}
set: {cell.criterion: magnetization}
"""
WIDTHS = (80, 100, 140)
NUMBER = re.compile(r"[-+]?[0-9][0-9.,]*(?:e[-+]?[0-9]+)?")
COMMANDS = [
    "run -w two.yaml --arrivals two.csv --outdir stream --set sequencer.arbitration=priority"
    " --set power.policy=gate_after --set power.after='20 ns'",
    "run -w net.yaml --images 3 --outdir a",
    "run -w net.yaml --images 3 --outdir b --set timing.write_cycles=13 --set effects.active=all",
    "run -w two.yaml --arrivals two.csv --outdir oldest",
    "compile",
    "compile -w two.yaml",
    "compile -w wide --report",
    "compile -w net.yaml --set arrays.rows=3 --set arrays.cols=3",
    "compile -w net.yaml --fit --set banks.planes=1",
    "explain b",
    "explain b latency",
    "explain b latency --full",
    "explain b energy",
    "explain b energy --full",
    "explain b stalls",
    "explain b utilization --full",
    "explain stream load",
    "explain stream",
    "diff a b",
    "diff oldest stream",
    "replay a",
    "replay a --set timing.write_cycles=3",
    "replay oldest --set sequencer.contexts=2",
    "compare irmen charge -w net.yaml --images 2",
    "compare irmen irmen:sequencer.contexts=2 charge irmen:clock=2GHz -w net.yaml --images 2",
    "compare a b",
    "import model.onnx -o made",
    "workload poisson --rate 1MHz --images 300 -o p.csv",
    "workload show p.csv",
    "study load -w net.yaml --contexts 1 --loads 0.5 --images 250 --outdir s",
    "study accuracy bits --values 2 --images 1 --seeds 1 --outdir s",
    "study snr --images 1 --outdir s",
    "device characterize charge",
    "device characterize --samples 16",
    "device sweep --volume 5400 --samples 16 --outdir s",
    "sweep small.yaml --workers 0 --outdir swept",
    "list",
    "show timing.write_cycles",
]


@pytest.fixture(scope="module")
def prints(tmp_path_factory, few_cells):
    """Run the commands; return command -> what it printed, as (objects, options)."""
    folder = tmp_path_factory.mktemp("widths")
    texts = {"net.yaml": NET, "two.yaml": TENANTS, "two.csv": STREAM, "small.yaml": SPACE}
    for name, text in texts.items():
        (folder / name).write_text(text)
    make = Maker((1, 1, 6, 6))
    make.conv(1, 2)
    make.node("Relu")
    make.save(folder / "model.onnx")
    found = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for command in COMMANDS:
            printed = found[command] = []
            patch.setattr(
                Console, "print", lambda _, *what, into=printed, **how: into.append((what, how))
            )
            patch.setattr(sys, "argv", ["accelsim", *shlex.split(command)])
            with pytest.raises(SystemExit) as caught:
                main()
            assert caught.value.code in (0, 3, None), command
    return found


def drawn(what, width, how=None):
    stream = io.StringIO()
    console = Console(file=stream, width=width, highlight=False, markup=False, emoji=False)
    console.print(*what, **(how or {}))
    return stream.getvalue()


def tables_of(what):
    for each in what:
        if isinstance(each, Columns):
            yield from tables_of(each.renderables)
        elif isinstance(each, Table):
            yield each


def check(what, width, how=None):
    """Hold what was printed to a width: lines, cells of numbers, numbers in words."""
    text = drawn(what, width, how)
    if not (how or {}).get("soft_wrap"):
        assert (how or {}).get("end", "\n") == "\n", "a line in parts is not wrapped as one"
        longest = max(text.splitlines(), key=len, default="")
        assert len(longest) <= width, longest
    assert "…" not in text
    (left_out,) = re.findall(r"Left out at this width: ([^.]*)\.", " ".join(text.split())) or [""]
    for table in tables_of(what):
        for column in table.columns:
            if column.justify == "right" and column.header not in left_out.split(", "):
                for cell in map(str, column.cells):
                    assert cell in text, (column.header, cell)
    if not left_out:
        assert set(NUMBER.findall(drawn(what, 1000, how))) <= set(NUMBER.findall(text))


@pytest.mark.parametrize("width", WIDTHS)
def test_what_commands_print(prints, width):
    for command, printed in prints.items():
        for what, how in printed:
            try:
                check(what, width, how)
            except AssertionError as error:
                error.add_note(f"accelsim {command}\n{drawn(what, width, how)}")
                raise


@pytest.mark.parametrize("width", WIDTHS)
def test_what_reproduce_prints(width):
    row = ReproducedFigure(
        id="x", figure="latency", group="run", what="latency of something with a long name",
        published="about 1.2345e+09 ns", ours="1,234,567,890 ns", difference="-12.34 %",
        verdict="calibrated", because="it was chosen so", rests="clock (assumed)", kinds=(),
        chain=[], source="S1: a scope", reason="a reason", value=1.0, ours_value=1.0, unit="ns",
    )  # fmt: skip
    stream = io.StringIO()
    console = Console(file=stream, width=width, highlight=False, markup=False, emoji=False)
    print_reproduction(console, (row,))
    text = stream.getvalue()
    assert max(map(len, text.splitlines())) <= width
    for number in ("1.2345e+09 ns", "1,234,567,890 ns", "-12.34 %"):
        assert number in text


@pytest.mark.parametrize(("cells", "width"), [(["1,234,567 pJ"] * 8, 80), (["12 pJ"] * 40, 140)])
def test_the_check_finds_what_rich_alone_cuts(cells, width):
    table = Table(*(f"n{place}" for place in range(len(cells))))
    for column in table.columns:
        column.justify = "right"
    table.add_row(*cells)
    with pytest.raises(AssertionError):
        check((table,), width)
