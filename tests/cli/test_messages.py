"""A message names what came, where, and what was expected: its words, read."""

import inspect
import io
import re
import typing
from pathlib import Path

import pytest
import typer
from rich.console import Console

from accelsim.cli import options, progress
from accelsim.cli.app import app
from tests.plots.checks import text_of

DEVICE = ("device", "waveform")
MESSAGES = {
    "a machine of several": (
        ("compare", "irmen", "charge", "--set", "circuit=1"),
        "irmen: --set circuit=1: circuit: unknown key; allowed here: .*did you mean 'circuits'",
    ),
    "a key of the storage": (
        ("run", "--set", "cell.storage=remanent", "--set", "cell.coercive_field=1 GV/m"),
        "--set cell.coercive_field=1 GV/m: cell.coercive_field: to turn the grains of a level ",
    ),
    "the storage itself": (
        ("run", "--set", "cell.storage=remanent", "--set", "cell.coercive_field=1 GV/m"),
        "takes 79.16 V, and the output of the OTAs goes to 120 mV",
    ),
    "a share above 1": (
        ("study", "accuracy", "variation", "--values", "2"),
        "--values 2: relative deviation: expected numbers from 0 up to 1, separated by commas",
    ),
    "a prefix without a unit": (
        ("study", "accuracy", "write", "--clock", "5m"),
        "--clock 5m: '5m' has no unit after its prefix 'm'; expected a frequency such as '1 GHz'",
    ),
    "a falling range": (
        ("device", "sweep", "--volume", "5400..1530"),
        "--volume 5400..1530: a range that does not rise; expected FROM below TO, such as 1530..54",
    ),
    "a falling range of a study": (
        ("study", "accuracy", "bits", "--values", "8..1"),
        "--values 8..1: a range that does not rise; expected FROM below TO, such as 1..8",
    ),
    "no magnet": (
        ("device", "sweep", "--volume", "5400,1e-3"),
        "--volume: 0.001 nm\\^3 cannot be a magnet of this cell: impossible geometry: ",
    ),
    "an unstable step": (
        (*DEVICE, "--time-step", "100 ps"),
        "--time-step: 100 ps is unstable for this magnet; the largest that is stable is 12.32 ps",
    ),
    "a step beyond reason": (
        (*DEVICE, "--time-step", "2 ns"),
        "--time-step 2 ns: expected a time from 10 fs to 1 ns, such as '1 ps'",
    ),
    "a level": ((*DEVICE, "--level", "5"), "--level 5: expected a number from -1 to 1"),
    "a level that is none": ((*DEVICE, "--level", "1_0"), "--level 1_0: expected a number such as"),
    "a long hold": (
        (*DEVICE, "--hold", "1 s"),
        "--hold 1 s: expected a time from 1 ps to 5 us, such as '29 ns'",
    ),
    "a hold of other steps": (
        (*DEVICE, "--hold", "1 s", "--time-step", "2 ps"),
        "--hold 1 s: expected a time from 1 ps to 10 us, such as '29 ns'",
    ),
    "a hold without a step": (
        (*DEVICE, "--hold", "1 ps", "--time-step", "2 ps"),
        "--hold 1 ps: shorter than a time step; expected more than it",
    ),
    "nothing after equals": (
        ("run", "--set", "device="),
        "--set device=: no value after '='; expected device=VALUE",
    ),
    "a peak": (
        ("workload", "bursty", "--rate", "1/h", "--peak", "0.5/h", "-o", "x.csv"),
        "--peak 0.5/h: expected more than --rate 1/h",
    ),
    "digits of another script": (
        ("run", "--seed", "\u0661"),
        "--seed \u0661: expected a whole number",
    ),
    "an underscore": (("explain", ".", "--image", "1_0"), "--image 1_0: expected a whole number"),
    "too few": (
        ("device", "characterize", "--samples", "15"),
        "--samples 15: expected a whole number from 16",
    ),
}


@pytest.mark.parametrize("case", MESSAGES)
def test_a_message_says_what_came(command, case):
    arguments, message = MESSAGES[case]
    code, out, err = command(*arguments)
    assert (code, out) == (2, "")
    assert re.match(f"error: .*{message}", err), err
    assert list(Path().iterdir()) == []


def _options(group):
    for info in group.registered_commands:
        yield from typing.get_type_hints(info.callback, include_extras=True).items()
    for below in group.registered_groups:
        yield from _options(below.typer_instance)


def test_every_number_of_an_option_is_read_in_one_way():
    """No option leaves its digits to typer, which takes '1_0' and digits of other scripts."""
    found = 0
    for name, annotation in _options(app):
        kind, *more = typing.get_args(annotation) or (annotation,)
        if {int, float} & {kind, *typing.get_args(kind)}:
            (option,) = (each for each in more if isinstance(each, typer.models.OptionInfo))
            assert inspect.getmodule(option.parser) is options, name
            found += 1
    assert found > 15


@pytest.mark.parametrize("text", ["1_0", "\u0661", "1e3", " 1", "+1", "0x1", "1.0", "", "9" * 30])
def test_a_whole_number_has_plain_digits(text):
    assert options.whole_of("--seed")("-12") == -12
    with pytest.raises(options.InputError, match=r"^--seed .*: expected a whole number$"):
        options.whole_of("--seed")(text)


@pytest.mark.parametrize("text", ["1_0", "\u0661", "nan", "inf", "1e999", "", "1,5"])
def test_a_number_has_plain_digits(text):
    assert [options.real_of("--x")(each) for each in ("-1.5", ".5", "2e-3", "7")] == [
        -1.5, 0.5, 0.002, 7,
    ]  # fmt: skip
    with pytest.raises(options.InputError, match=r"^--x .*: expected a number such as 0\.5$"):
        options.real_of("--x")(text)


def test_an_image_beyond_the_data_set_is_named_with_its_line(command):
    Path("a.csv").write_text("# by hand\ntime_ns,image\n1,0\n2,3:5\n7,20000\n")
    code, _, err = command("run", "--arrivals", "a.csv")
    assert code == 2
    assert err == (
        "error: a.csv:5: image 20000 is out of range, the data set of 'mnist' has 10000 images, "
        "0 to 9999\n"
    )


def test_a_load_beyond_what_the_machine_can_take_is_remarked(command):
    study = ("study", "load", "--contexts", "1", "--images", "50", "--force")
    said = "From load 1 on the queue grows for as long as the stream lasts"
    out = command(*study, "--loads", "0.5,1")[1]
    assert said in " ".join(out.split())
    assert said in text_of(Path("runs/study/load.svg").read_text())
    assert said not in " ".join(command(*study, "--loads", "0.5")[1].split())
    assert said not in text_of(Path("runs/study/load.svg").read_text())


def test_a_bar_ends_at_all_of_it(monkeypatch):
    stream = io.StringIO()
    monkeypatch.setattr(
        progress, "Console", lambda **_: Console(file=stream, force_terminal=True, width=80)
    )
    with progress.watching() as watch:
        watch("images", 98, 100)
        watch("images", 100, 100)
        assert "100%" in stream.getvalue()


@pytest.mark.parametrize(("columns", "most"), [("72", 72), ("", 80), ("junk", 80), ("120", 120)])
def test_tables_are_as_wide_as_columns_says(command, monkeypatch, columns, most):
    monkeypatch.setenv("COLUMNS", columns)
    out = command("compile")[1]
    assert max(map(len, out.splitlines())) <= most
    assert "…" not in out
