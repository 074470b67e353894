"""The pages tell the truth: tables are what a run computes, and all that they name exists."""

import configparser
import re
import subprocess
from pathlib import Path

import pytest

import accelsim
from accelsim.config import Machine
from accelsim.config.effects import EFFECTS
from accelsim.config.energy import PRICED
from accelsim.importer.operators import OPERATORS
from accelsim.kernel import Message
from accelsim.model import messages
from accelsim.ops import STEP_OPS
from accelsim.records.reasons import NAMES_RESOURCE, REASONS

ROOT = Path(__file__).resolve().parent.parent
PAGES = [
    page
    for page in ("README.md", "docs/machine.md", "docs/architecture.md", "CONTRIBUTING.md")
    if (ROOT / page).exists()
]
FOLDERS = (
    ".ci", "accelsim", "benchmarks", "configs", "docs", "tests", "traces", "workloads",
)  # fmt: skip
TEXTS = (".py", ".md", ".yaml", ".cfg", ".toml")


@pytest.fixture(scope="module")
def machine_page(repository):
    return (repository / "docs" / "machine.md").read_text()


def table_below(page, header):
    """Return the cells of the table whose header begins so."""
    _, _, rest = page.partition(f"| {header}")
    assert rest, f"no table with the header '{header}'"
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
    rows = table_below(machine_page, "action | count")
    for place, name in ((2, "irmen"), (4, "charge")):
        machine = accelsim.load_machine(name)
        assert {row[0].strip("`"): int(row[place]) for row in rows} == machine.prices_aJ
        for row in rows:
            price = machine.prices[row[0].strip("`")]
            assert (row[place + 1], row[6].strip("`")) == (price.kind, price.per)


def test_the_energy_of_an_image_by_action(machine_page, mnist):
    *rows, total = table_below(machine_page, "action | irmen")
    for place, name in ((1, "irmen"), (2, "charge")):
        ledger = accelsim.simulate(accelsim.load_machine(name), mnist, images=1).ledger
        found = {row[0].strip("`"): row[place] for row in rows}
        assert set(found) == set(PRICED)
        for action, energy in found.items():
            assert energy == f"{ledger.action_aJ.get(action, 0) / 1e6:.3f}"
        assert total[place] == f"{ledger.total_aJ / 1e6:.3f}"


def test_the_ops_of_steps_are_those_of_the_code(machine_page):
    rows = table_below(machine_page, "op | a cell computes")
    assert [row[0] for row in rows] == list(STEP_OPS)
    for name, formula, taps, z in rows:
        op = STEP_OPS[name]
        assert formula == op.formula
        counted = [op.driven] if op.driven else [len(each.taps) for each in op.operands]
        if not op.is_sum:  # whose taps are those of its terms
            assert [int(number) for number in re.findall(r"\d+", taps)] == counted
        trained = f"b - {-op.bias:g}" if op.is_sum and op.bias else None
        assert z == (trained or ("none" if op.bias is None else f"{op.bias:g}"))


def test_the_effects_are_those_of_the_code(machine_page):
    rows = table_below(machine_page, "effect | what it does")
    assert sorted(row[0].strip("`") for row in rows) == sorted(EFFECTS)


def test_one_circuit_by_hand(machine_page, mnist):
    result = accelsim.simulate(accelsim.load_machine("irmen", {"circuits": 1}), mnist)
    assert len(result.schedule) == 26
    assert f"{result.stats.energy_per_image.value / 1e6:.4f} pJ" in machine_page


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
    for contexts, *cycles in table_below(machine_page, "contexts | irmen"):
        changes = {"sequencer.contexts": int(contexts), "banks.planes": 8}
        for name, expected in zip(("irmen", "charge"), cycles, strict=True):
            result = accelsim.simulate(accelsim.load_machine(name, changes), mnist, images=60)
            assert result.stats.initiation_interval.value == int(expected) * 1000


def test_how_long_an_image_holds_each_resource(machine_page, mnist):
    # Component and kind of the records that show who holds it, and its slots.
    shown = [
        ("sequencer", "issue", 1),
        ("datapath.a_to_b", "transfer", 1),
        ("datapath.b_to_a", "transfer", 1),
        ("circuit_a.lane0.array", "compute", 1),
        ("circuit_b.lane0.array", "compute", 1),
        ("circuit_a.lane0.bank", "read", 2),
    ]
    rows = table_below(machine_page, "resource | an image holds it for")
    for place, name in ((2, "irmen"), (3, "charge")):
        trace = accelsim.simulate(accelsim.load_machine(name), mnist, images=1).trace.to_pylist()
        for row, (component, kind, slots) in zip(rows, shown, strict=True):
            held = sum(
                record["t_end_ps"] - record["t_start_ps"]
                for record in trace
                if record["kind"] == kind and record["component"].startswith(component)
            )
            assert float(row[place]) == held / 1000 / slots


def test_the_reasons_to_wait_are_those_of_the_code(machine_page):
    rows = table_below(machine_page, "cause | resource")
    named = {row[0].strip("`"): bool(row[1]) for row in rows}
    assert {cause for cause, resource in named.items() if resource} == set(NAMES_RESOURCE)
    section = machine_page.partition("## 6.")[2].partition("## 7.")[0]
    assert set(REASONS) <= set(marked(section))


def test_the_write_cycles_of_other_criteria(machine_page, mnist):
    others = re.findall(r"(\d)\s+cycles?, and (\d+) ns an image", machine_page)
    assert len(others) == 2
    for cycles, latency in others:
        machine = accelsim.load_machine("irmen", {"timing.write_cycles": int(cycles)})
        assert accelsim.simulate(machine, mnist).stats.latency.value == int(latency) * 1000


def test_the_page_names_every_key_of_the_hardware(machine_page):
    named = set(marked(machine_page))
    for section in ("arrays", "banks", "timing", "sequencer"):
        schema = Machine.model_fields[section].annotation
        assert {f"{section}.{key}" for key in schema.model_fields} <= named
    assert {"clock", "circuits"} <= named


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
    assert {"3", "4", "5", "7"} <= set(cited)
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
    assert named == defined - {"OfStep", "OfJob"}
    setup = configparser.ConfigParser()
    setup.read(repository / "setup.cfg")
    layers = setup["importlinter:contract:direction"]["layers"].replace("accelsim.", "")
    order = [line.split("  ")[0] for line in layers.strip().splitlines()]
    blocks = re.findall(r"^```\w*\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    (picture,) = [block for block in blocks if "cli |" in block]
    assert [re.split(r"\s{2,}", line.strip())[0] for line in picture.splitlines()] == order


def test_the_operators_of_onnx_are_those_of_the_code(repository):
    page = (repository / "docs" / "onnx.md").read_text()
    named = " ".join(row[0] for row in table_below(page, "operator | becomes"))
    assert set(OPERATORS) <= set(re.findall(r"[A-Za-z]+", named))
