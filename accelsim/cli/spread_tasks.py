"""What `accelsim study energy` does: run, print, write files."""

from pathlib import Path

from rich.table import Table

from accelsim.cli.consoles import plain_console
from accelsim.cli.header import print_changes
from accelsim.cli.options import parse_images
from accelsim.cli.progress import watching
from accelsim.cli.study_tasks import refuse_another, source_of, wrote
from accelsim.cli.tables import new_table
from accelsim.files import write_text
from accelsim.network import Network
from accelsim.plots.files import save
from accelsim.study.accuracy import header
from accelsim.study.catalog import Setting
from accelsim.study.spread import PERCENTILES, SpreadStudy, spread_csv, study_spread
from accelsim.study.spread_figure import spread_figure
from accelsim.values.effects import check_seed

_PJ = 1e6


def run_spread(
    setting: Setting, network: Network, images: str, seed: int, *, force: bool
) -> list[Path]:
    """Run a study of energy over images; print tables, write CSV and figure; return these."""
    chosen = parse_images(images)
    check_seed(seed)
    stem = setting.outdir / "energy"
    lines = _header(setting, network, chosen, seed)
    if not force:
        refuse_another(stem.with_suffix(".csv"), lines)
    with watching() as watch:
        study = study_spread(
            setting, network, chosen, seed, lambda done, all_, text: watch(text, done, all_)
        )
    console = plain_console()
    print_changes(console, setting.load({}))
    for table in tables_of(study, network):
        console.print(table)
    write_text(stem.with_suffix(".csv"), lines + spread_csv(study))
    figure = spread_figure(study, source_of(setting, network, len(chosen), [seed]), setting.width)
    return wrote([stem.with_suffix(".csv"), *save(figure, stem)])


def _header(setting: Setting, network: Network, images: range, seed: int) -> str:
    machine = setting.point({})
    lines = header("Energy over images, by value", network, images)
    lines.append(f"machine {machine.machine.name} {machine.hash}, {machine.settings}; seed {seed}")
    return "".join(f"# {line}\n" for line in lines)


def tables_of(study: SpreadStudy, network: Network) -> list[Table]:
    """Return what is printed: energies by action, and by label if images have some."""
    by_label = [] if study.labels is None else [labels_table(study)]
    return [spread_table(study, network), *by_label]


def spread_table(study: SpreadStudy, network: Network) -> Table:
    """Return what images cost by action, by value and by count."""
    percentiles = [f"p{share}" for share in PERCENTILES]
    figures = ("by count", "mean", "deviation", "min", *percentiles, "max")
    table = new_table(
        "Energy of an image by value, pJ",
        left=("action",),
        right=("signal share", *figures),
        order=("signal share", "action", *figures),
        keys=2,
        spare=("p50",),
    )
    for case in study.cases:
        for part in case.parts:
            table.add_row(
                f"{case.signal_share:g}",
                part.part,
                *(_pj(energy) for energy in (part.by_count, *part.figures())),
                end_section=part is case.images,
            )
    table.caption = (
        f"Network '{network.name}', {len(study.numbers):,} images. signal share: of the current "
        "of synapses that their weights set, what follows the value read "
        "(energy.by_value.signal_share): the machine's, and all of it (class AB). counted: actions "
        "that no value changes. Standby is no image's. deviation: of images, not of the mean."
    )
    return table


def labels_table(study: SpreadStudy) -> Table:
    """Return what the images of each label cost, against the mean of all."""
    names = [f"share {case.signal_share:g}" for case in study.cases]
    columns = [text for name in names for text in (f"{name}, pJ", f"{name}, %")]
    table = new_table(
        "By label: mean, and against that of all", right=("label", "images", *columns)
    )
    means = [float(case.images.each.mean()) for case in study.cases]
    for row in zip(*(study.of_labels(case) for case in study.cases), strict=True):
        cells = []
        for (_, each), mean in zip(row, means, strict=True):
            cells += [_pj(float(each.mean())), f"{100 * (each.mean() / mean - 1):+.3f}"]
        label, first = row[0]
        table.add_row(str(label), f"{len(first):,}", *cells)
    return table


def _pj(energy_aJ: float) -> str:  # noqa: N803 - aJ is the unit
    """Return an energy in pJ, five to eight digits of it."""
    number = energy_aJ / _PJ
    decimals = 4 if number < 100 else 2 if number < 1000 else 1
    return f"{number:,.{decimals}f}"
