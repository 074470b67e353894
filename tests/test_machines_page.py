"""docs/machines.md has what the machines compute, and their constants."""

from accelsim.config.origins import constants_of
from docs.generate import machines
from tests.test_docs import table_below


def test_figures_and_constants(repository):
    page = (repository / "docs/machines.md").read_text()
    for expected in (machines.figures(), machines.constants()):
        assert expected in page, f"expected (python -m docs.generate.machines):\n{expected}"
    assert "| mnist | `irmen` | 42.0 | 0.09972 |" in page


def test_turns_begin_at_the_constants_that_ship(repository):
    page = (repository / "docs/machines.md").read_text()
    of = {name: constants_of(machines.accelsim.load_machine(name)) for name in machines.MACHINES}
    rows = table_below(page, "figure | order | of")
    assert len(rows) > len(machines.MACHINES)
    for _, _, name, key, now, at, _, plausible, within in rows:
        if key != "-":
            assert of[name.strip("`")][key.strip("`")].text == now
            assert machines.within(at, "" if plausible == "-" else plausible) == within
