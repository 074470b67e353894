"""The pages that are made from the code say what everything means; Sphinx checks their links."""

import itertools
import re

import numpy as np

import accelsim
from accelsim.arrivals import Arrivals
from docs.generate import api, build, commands, maxpool, meanings, notebooks, pictures, reference
from docs.generate.tables import listed, said_of, table
from tests.conftest import with_faults


def test_nothing_lacks_a_meaning():
    assert not meanings.undescribed()


def test_every_option_of_a_command_says_what_it_is():
    for typed, command in commands.commands().items():
        assert command.help, typed
        for each in command.params:
            assert each.name == "help" or getattr(each, "help", ""), f"{typed} {each.name}"


def test_every_figure_of_a_run_is_in_the_reference(irmen, mnist):
    stream = Arrivals(np.arange(3) * 20_000, deadline_ps=np.full(3, 10**9))
    machine = accelsim.load_machine("irmen", {"power.policy": "off_after"})
    faulty = with_faults(irmen, {"kind": "lost_release", "where": "datapath.a_to_b", "at": "30 ns"})
    known = set(meanings.figures())
    for stats in (
        accelsim.simulate(machine, mnist, stream).stats.to_dict(),
        accelsim.simulate(faulty, mnist).stats.to_dict(),
    ):
        assert set(stats) - {"notes", "not_modelled"} <= known
        assert {f"energy.{name}" for name in stats["energy"]} <= known
        assert {f"load.{name}" for name in stats.get("load", ())} <= known


def test_the_ledger_has_the_columns_of_the_reference(irmen, mnist):
    header = accelsim.simulate(irmen, mnist).ledger.csv(irmen.quoted).partition("\n")[0]
    assert ["tenant", "scope", *header.split(",")] == list(meanings.ledger_columns())


def test_every_page_is_filled():
    pages = reference.pages()
    assert set(pages) == {
        "commands", "machine", "network", "device", "trace", "run", "program", "exit-codes",
    }  # fmt: skip
    for text in pages.values():
        assert text.startswith("# ")
        assert "@" not in text
    assert "| `clock` * | " in pages["machine"]
    assert "| `1 GHz` | `1 GHz` |" in pages["machine"]
    assert "| `busy` | named |" in pages["trace"]
    assert "## accelsim device sweep" in pages["commands"]
    assert " Usage: accelsim device sweep [OPTIONS]" in pages["commands"]


def test_the_page_of_the_interface_has_every_name():
    text = api.page()
    for name in set(accelsim.__all__) - {"__version__"}:
        assert f":: accelsim.{name}\n" in text


def test_what_is_made_is_not_kept(repository):
    ignored = (repository / ".gitignore").read_text().splitlines()
    for name in build.MADE:
        assert {f"/docs/{name}", f"/docs/{name}/"} & set(ignored), name


def test_lists_of_docstrings():
    text = """About.

    Kinds
        one  first,
             and more
        two  second

    More text.
    """
    assert listed(text, "Kinds") == {"one": "first, and more", "two": "second"}


def test_fields_of_docstrings():
    class Some:
        """About: nothing.

        one: first; None:
        nothing. two, three: both.
        """

    assert said_of(Some) == {"one": "first; None: nothing.", "two": "both.", "three": "both."}


def test_a_table_escapes_bars():
    assert table(("a", "b"), [("1|2", "x\ny")]) == "| a | b |\n| --- | --- |\n| 1\\|2 | x y |\n"


def test_the_drawing_of_the_four_steps_is_what_they_compute(repository, monkeypatch):
    assert (repository / "docs" / "maxpool.svg").read_text() == maxpool.drawing()
    values = [0.0, 0.25, 0.75, 1.0]
    for cells in itertools.product(values, repeat=4):
        monkeypatch.setattr(maxpool, "IMAGE", (cells[:2], cells[2:]))
        *between, ((last,),) = maxpool.steps()
        assert last == max(cells)
        assert all(-1 <= value <= 1 for grid in between for row in grid for value in row)


def test_a_picture_is_drawn_by_its_commands(tmp_path):
    (bursts,) = (each for each in pictures.PICTURES if each.name == "bursts.svg")
    pictures.draw(bursts, tmp_path)
    assert (tmp_path / "bursts.svg").read_text().startswith("<?xml")


def test_the_gallery_has_every_picture_with_its_commands():
    text = pictures.page()
    names = [each.name for each in pictures.PICTURES]
    assert len(set(names)) == len(names)
    for each in pictures.PICTURES:
        assert f"](pictures/{each.name})" in text
        assert "\n".join(each.commands) in text
    assert "Fig. 3 of the paper" in text


def test_the_glossary_is_in_order_and_has_the_words_of_this_project(repository):
    page = (repository / "docs" / "glossary.md").read_text()
    terms = re.findall(r"^(\w[^\n]*)\n: ", page, re.MULTILINE)
    assert terms == sorted(terms, key=str.lower)
    named = {word for term in terms for word in term.split(", ")}
    assert named >= {
        "handoff", "standby", "lane", "plane", "context", "diff_h", "add_h", "fold", "partial sum",
        "tap", "halo", "spill", "kind", "tile", "template", "way",
    }  # fmt: skip


def test_a_notebook_is_a_page(repository):
    text = notebooks.page(repository / "docs" / "notebooks" / "first.ipynb")
    assert text.startswith("# A first run in Python\n")
    assert "```python\nimport accelsim\n" in text
    assert "```text\nmnist on irmen, 100 images\n" in text
