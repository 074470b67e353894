"""Comparisons and replays as plain data: what `accelsim diff` and `replay` print with --json.

Times in ps, energies in aJ, as integers; None where a side has no such thing. `json.dumps`
takes every tree as it is.
"""

from collections.abc import Iterable, Mapping
from fractions import Fraction

from accelsim.config.checks import warnings_of
from accelsim.runs.comparison import Comparison
from accelsim.runs.machines import machine_changes
from accelsim.runs.moved import MovedFigure
from accelsim.runs.outcomes import accuracies_of, accuracy_cells
from accelsim.runs.recorded import RecordedRun
from accelsim.runs.replay import Elsewhere, Replay
from accelsim.trace.diff import Change, Divergence, TraceDiff, compare_totals

Tree = dict[str, object]


def diff_tree(found: Comparison) -> Tree:
    """Return a comparison of two runs.

    Returns
    -------
    dict
        ``same``; ``a`` and ``b``: names; ``images``, ``records``: how many of both and of one;
        ``figures_alone``: whether neither keeps records; ``streams``: of runs of a stream,
        section -> name -> {a, b, unit}; ``machine``, ``values``: key -> {a, b};
        ``first_divergence``: None, or moment, fields, both records and what led to them;
        ``figures``: section -> name -> {a, b, unit}; of two runs ``moved``: latency, interval and
        energy per image that differ, each with why, and ``accuracy`` of each with its cells;
        ``unaligned``: None, or why no records are compared.

    Examples
    --------
    >>> diff_tree(compare_runs("runs/a", "runs/b"))["records"]["differing"]
    """
    tree = traces_tree(found.traces, (found.a.name, found.b.name))
    return tree | {
        "figures_alone": found.figures_alone,
        "streams": changes_tree(("a", "b"), found.load),
        "same": found.same,
        "machine": _sides(("a", "b"), found.machine),
        "values": _sides(("a", "b"), found.values),
        "unaligned": found.unaligned or None,
        "moved": [_moved(figure) for figure in found.moved],
        "accuracy": _accuracies(found.a.run, found.b.run),
    }


def _moved(figure: MovedFigure) -> Tree:
    return {
        "figure": figure.name,
        "unit": figure.unit,
        "image": figure.image,
        "a": _plain(figure.a),
        "b": _plain(figure.b),
        "why": [
            {"what": line.what, "how": line.how, "amount": _plain(line.amount)}
            for line in figure.lines
        ],
        "rest": _plain(figure.rest),
        "why_none": figure.why_none or None,
    }


def _plain(value: Fraction) -> int | float:
    return int(value) if value.denominator == 1 else float(value)


def _accuracies(a: RecordedRun | None, b: RecordedRun | None) -> Tree:
    """Return the accuracy of each side, by tenant, and the cells that it is of."""
    return {
        name: {"of": accuracies_of(run), "cells": accuracy_cells(run)}
        for name, run in (("a", a), ("b", b))
        if run is not None
    }


def traces_tree(found: TraceDiff, names: tuple[str, str]) -> Tree:
    """Return a comparison of two traces, as `diff_tree`; machines and values are not compared."""
    return {
        "same": found.same,
        "a": names[0],
        "b": names[1],
        "images": {
            "both": found.images,
            "only_a": [list(span) for span in found.images_only[0]],
            "only_b": [list(span) for span in found.images_only[1]],
        },
        "records": {
            "aligned": found.aligned,
            "differing": found.differing,
            "by_field": found.fields,
            "only_a": found.only[0],
            "only_b": found.only[1],
        },
        "machine": {},
        "values": {},
        "first_divergence": None if found.first is None else _divergence(found.first),
        "figures": changes_tree(("a", "b"), compare_totals(*found.totals)),
    }


def replay_tree(found: Replay, run: RecordedRun) -> Tree:
    """Return a replay of a run on its own machine.

    Returns
    -------
    dict
        ``same``; ``run``: its name; ``files``: name -> verdict; ``no_values``: None, or why values
        were not replayed; ``notes``; ``difference``: of the traces, as `traces_tree`, or None.
    """
    return {
        "same": found.same,
        "run": run.name,
        "files": found.files,
        "no_values": found.no_values or None,
        "notes": list(found.notes),
        "difference": None
        if found.diff is None
        else traces_tree(found.diff, ("recorded", "replayed")),
    }


def elsewhere_tree(found: Elsewhere, run: RecordedRun) -> Tree:
    """Return a replay of a run on another machine.

    Returns
    -------
    dict
        ``recorded_on``, ``replayed_on``: names of machines; ``machine``: key -> {recorded,
        replayed}; ``accuracy``: {recorded, replayed}, None where there is none; ``cells``: what
        cells each is of; ``tenants``: accuracy of each, if there are several; ``no_values``: None,
        or why values were not replayed; ``warnings`` of the other machine; ``streams``: of a run of
        a stream, and ``figures``: section -> name -> {recorded, replayed, unit}.
    """
    names = ("recorded", "replayed")
    return {
        "recorded_on": run.machine.name,
        "replayed_on": found.machine.name,
        "machine": _sides(names, machine_changes(run.machine, found.machine)),
        "accuracy": dict(zip(names, found.accuracy, strict=True)),
        **({"tenants": _sides(names, found.tenants)} if found.tenants else {}),
        "cells": dict(zip(names, found.cells, strict=True)),
        "no_values": found.no_values or None,
        "warnings": list(warnings_of(found.machine)),
        "streams": changes_tree(names, found.load),
        "figures": changes_tree(names, compare_totals(found.recorded, found.replayed)),
    }


def changes_tree(names: tuple[str, str], changes: Iterable[Change]) -> Tree:
    """Return every figure as section -> name -> {a name: value, b name: value, unit}."""
    sections: dict[str, dict[str, object]] = {}
    for row in changes:
        entry = {names[0]: row.a, names[1]: row.b, "unit": row.unit}
        sections.setdefault(row.section.replace(" ", "_"), {})[row.name] = entry
    return dict(sections)


def _divergence(first: Divergence) -> Tree:
    return {
        "moment_ps": first.moment_ps,
        "fields": list(first.fields),
        "a": first.a,
        "b": first.b,
        "led_by_a": list(first.led_by_a),
        "led_by_b": list(first.led_by_b),
    }


def _sides(names: tuple[str, str], changes: Mapping[str, tuple[object, object]]) -> Tree:
    return {key: dict(zip(names, values, strict=True)) for key, values in changes.items()}
