"""The pages that are made from the code say what everything means; Sphinx checks their links."""

import itertools

from accelsim.config.schema import machine_schema
from accelsim.network.schema import NetworkFile
from docs.generate import api, build, maxpool, meanings, pictures, reference
from docs.generate.schemas import keys_of
from docs.generate.tables import listed, table


def test_nothing_lacks_a_meaning():
    # Those of the machine file are a table of their own.
    lacking = [each for each in meanings.undescribed() if not each.startswith(meanings.MACHINES)]
    assert not lacking


def test_every_figure_of_a_run_is_in_the_reference(irmen, mnist):
    import accelsim  # noqa: PLC0415

    stats = accelsim.simulate(irmen, mnist).stats.to_dict()
    known = set(meanings.figures())
    assert set(stats) - {"notes", "not_modelled"} <= known
    assert {f"energy.{name}" for name in stats["energy"]} <= known


def test_the_ledger_has_the_columns_of_the_reference(irmen, mnist):
    import accelsim  # noqa: PLC0415

    header = accelsim.simulate(irmen, mnist).ledger.csv(irmen.quoted).partition("\n")[0]
    assert ["tenant", *header.split(",")] == list(meanings.ledger_columns())


def test_the_keys_say_what_they_may_hold():
    found = {key.name: key for key in keys_of(machine_schema("irmen"))}
    assert found["circuits"].allowed == "a whole number of circuits from 1 to 2"
    assert found["clock"].needed
    assert not found["power"].needed
    assert found["faults.events[].rate"].allowed.startswith("a positive number")
    assert found["cell.damping"].allowed == "a positive number, at most 1, such as '0.01'"
    layers = {key.name: key for key in keys_of(NetworkFile)}
    assert layers["layers[].op"].allowed.startswith("'conv', 'relu'")
    assert layers["dataset.images"].meaning == "path of the images."


def test_every_page_is_filled():
    pages = reference.pages()
    assert set(pages) == {"machine", "network", "device", "trace", "run", "program", "exit-codes"}
    for text in pages.values():
        assert text.startswith("# ")
        assert "@" not in text
    assert "| `clock` * | a frequency such as '1 GHz'" in pages["machine"]
    assert "| `busy` | named |" in pages["trace"]


def test_the_page_of_the_interface_has_every_name():
    import accelsim  # noqa: PLC0415

    text = api.page()
    for name in set(accelsim.__all__) - {"__version__"}:
        assert f":: accelsim.{name}\n" in text


def test_what_is_made_is_not_kept(repository):
    ignored = (repository / ".gitignore").read_text().splitlines()
    for name in build.MADE:
        assert {f"/docs/{name}", f"/docs/{name}/"} & set(ignored), name


def test_lists_of_docstrings():
    beside = """About.

    Kinds
        one    first,
               and more
        two: second

    More text.
    """
    assert listed(beside, "Kinds") == {"one": "first, and more", "two": "second"}
    numpy = """About.

    Attributes
    ----------
    one
        First,
        and more.
    two : int
        Second.

    Notes
    -----
    text
    """
    assert listed(numpy, "Attributes") == {"one": "First, and more.", "two": "Second."}


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
