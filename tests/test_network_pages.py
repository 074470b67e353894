"""The pages of the networks that ship have the figures that a run computes."""

import pytest

from docs.generate.networks import CHANGES, renewed, tables
from docs.generate.tables import table


@pytest.mark.parametrize("name", CHANGES)
def test_the_tables_of_a_page_are_what_a_run_computes(repository, name):
    page = (repository / "docs/networks" / f"{name}.md").read_text()
    for expected in tables(name):
        assert expected in page, f"expected (python -m docs.generate.networks {name}):\n{expected}"
    for key, value in CHANGES[name].items():
        assert f"--set {key}={value}" in page


def test_a_table_is_renewed_in_its_place():
    page = "One.\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\nTwo.\n\n| layer | b |\n|---|---|\n\nThree.\n"
    fresh = table(("a", "c"), [("1", "3"), ("2", "4")])
    assert renewed(page, fresh) == page.replace("| a | b |\n|---|---|\n| 1 | 2 |\n", fresh)
