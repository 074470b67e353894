"""The pages tell the truth: tables are what a run computes, and all that they name exists."""

import configparser
import re
import subprocess

import pytest

import accelsim
from accelsim.config import Machine
from accelsim.kernel import Message
from accelsim.model import messages
from accelsim.records.reasons import REASONS

PAGES = ("docs/machine.md", "docs/architecture.md", "CONTRIBUTING.md")
FOLDERS = (
    ".ci", "accelsim", "benchmarks", "configs", "docs", "tests", "traces", "workloads",
)  # fmt: skip
TEXTS = (".py", ".md", ".yaml", ".cfg", ".toml")


@pytest.fixture(scope="module")
def machine_page(repository):
    return (repository / "docs" / "machine.md").read_text()


def table_below(page, first_column):
    """Return the cells of the table whose header begins with a column."""
    _, _, rest = page.partition(f"| {first_column} |")
    assert rest, f"no table with the column '{first_column}'"
    rows = rest.partition("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


def marked(page):
    """Return what a page has in backticks, outside of blocks of code."""
    return re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", page, flags=re.DOTALL))


def test_the_table_of_the_reference_program_is_what_a_run_computes(machine_page, irmen, mnist):
    result = accelsim.simulate(irmen, mnist)
    *steps, total = table_below(machine_page, "step | op | cycles")
    computed = [
        [
            str(row.step),
            row.op,
            f"{row.t_start_ps // 1000}-{row.t_end_ps // 1000}",
            *map(str, (row.lanes, row.cells_written, row.cells_read, row.tap_cycles)),
            f"{row.energy_aJ / 1e6:.4f}",
        ]
        for row in result.schedule
    ]
    assert steps == computed
    rows, energy = result.schedule, result.stats.energy_per_image.value
    sums = [
        sum(row.cells_written for row in rows),
        sum(row.cells_read for row in rows),
        sum(row.tap_cycles for row in rows),
    ]
    assert total == ["", "total", "42", "", *map(str, sums), f"{energy / 1e6:.4f}"]


def test_the_step_worked_by_hand_adds_up(machine_page, irmen, mnist):
    *rows, total = table_below(machine_page, "count | price, aJ")
    numbers = [[int(re.findall(r"[\d,]+", cell)[-1].replace(",", "")) for cell in row[1:]]
               for row in rows]  # fmt: skip
    assert all(count * price == energy for count, price, energy in numbers)
    energy = sum(energy for *_, energy in numbers)
    assert f"{energy:,} aJ" in total[3]
    assert accelsim.simulate(irmen, mnist).schedule[1].energy_aJ == energy


def test_the_prices_are_those_of_the_machine_files(machine_page):
    rows = table_below(machine_page, "action | unit")
    for place, name in ((2, "irmen"), (3, "charge")):
        prices = accelsim.load_machine(name).energy.prices_aJ()
        assert {row[0].strip("`"): int(row[place]) for row in rows} == prices


@pytest.mark.parametrize(
    ("changes", "cycles"),
    [
        ({"circuits": 1}, 78),
        ({"banks.refresh_interval": "20 ns", "banks.refresh_cycles": 3}, 67),
    ],
)
def test_the_cycles_that_the_page_derives(machine_page, mnist, changes, cycles):
    result = accelsim.simulate(accelsim.load_machine("irmen", changes), mnist)
    assert result.stats.latency.value == cycles * 1000
    assert f"{cycles} cycles" in machine_page


def test_the_cycles_between_images_in_flight(machine_page, mnist):
    for contexts, cycles, _ in table_below(machine_page, "contexts | cycles between images"):
        changes = {"sequencer.contexts": int(contexts), "banks.planes": 8}
        result = accelsim.simulate(accelsim.load_machine("irmen", changes), mnist, images=60)
        starts = result.times.started_ps
        # Whole rounds of the contexts, away from the first and the last.
        span = starts[48] - starts[24]
        assert span == 24 * int(cycles) * 1000


def test_the_reasons_to_wait_are_those_of_the_code(machine_page):
    named = {row[0].strip("`") for row in table_below(machine_page, "cause | resource")}
    assert named <= set(REASONS)


def test_every_key_that_the_page_names_is_one_of_a_machine_file(machine_page):
    named = {text for text in marked(machine_page) if is_key(text)}
    assert {"banks.refresh_cycles", "arrays.fan_in", "effects.active"} <= named
    for key in named:
        section, _, name = key.partition(".")
        annotation = Machine.model_fields[section].annotation
        (schema,) = [
            each
            for each in (annotation, *getattr(annotation, "__args__", ()))
            if hasattr(each, "model_fields")
        ]
        assert name in schema.model_fields, f"docs/machine.md names `{key}`"


def is_key(text):
    """Tell a dotted key of a machine file from a file, a component and a Python name."""
    return (
        re.fullmatch(r"[a-z_]+\.[a-z_]+", text) is not None
        and text.partition(".")[0] in Machine.model_fields
    )


def test_every_section_that_is_cited_exists(machine_page, repository):
    there = set(re.findall(r"^#+ (\d+(?:\.\d+)*)\.? ", machine_page, flags=re.MULTILINE))
    assert there >= {str(number) for number in range(1, 11)}
    cited = {}
    for path in tracked(repository):
        if path.suffix in TEXTS:
            text = re.sub(r"\n\s*#?\s*", " ", path.read_text())
            for section in re.findall(r"machine\.md,? section (\d+(?:\.\d+)*)", text):
                cited.setdefault(section, path)
    assert {"3", "4", "5", "8"} <= set(cited)
    for section, path in cited.items():
        assert section in there, f"{path} cites section {section}"


def test_nothing_cites_a_page_that_is_not_in_the_project(repository):
    names = ("design" + ".md", "facts" + ".md")
    for path in tracked(repository):
        if path.suffix in TEXTS:
            text = path.read_text()
            assert not any(name in text for name in names), path


@pytest.mark.parametrize("page", PAGES)
def test_every_file_that_a_page_names_exists(repository, page):
    text = (repository / page).read_text()
    linked = re.findall(r"\]\(([^)#\s]+)\)", text)
    for link in linked:
        if not link.startswith("http"):
            assert ((repository / page).parent / link).exists(), f"{page} links {link}"
    # NAME stands for what a recipe adds.
    paths = [
        word.rstrip(".,:;)")
        for word in re.findall(rf"(?<![\w/])(?:{'|'.join(map(re.escape, FOLDERS))})/[\w./-]*", text)
    ]
    assert paths
    for path in paths:
        if "NAME" not in path:
            assert (repository / path).exists(), f"{page} names {path}"


def tracked(repository):
    """Return the files of the repository."""
    done = subprocess.run(
        ["git", "ls-files"],  # noqa: S607
        cwd=repository,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        pytest.skip("not a git checkout")
    return [path for name in done.stdout.splitlines() if (path := repository / name).is_file()]


def test_the_page_on_the_code_names_every_message_and_every_layer(repository):
    page = (repository / "docs" / "architecture.md").read_text()
    defined = {
        name
        for name, what in vars(messages).items()
        if isinstance(what, type)
        and issubclass(what, Message)
        and what.__module__ == messages.__name__
    }
    named = {row[0].strip("`") for row in table_below(page, "message | from")}
    assert named == defined - {"OfStep"}
    setup = configparser.ConfigParser()
    setup.read(repository / "setup.cfg")
    layers = setup["importlinter:contract:direction"]["layers"].replace("accelsim.", "")
    order = [line.split("  ")[0] for line in layers.strip().splitlines()]
    (picture,) = [
        block for block in re.findall(r"```\n(.*?)```", page, flags=re.DOTALL) if "cli |" in block
    ]
    assert [re.split(r"\s{2,}", line.strip())[0] for line in picture.splitlines()] == order
