"""What limits a run, and trials of changed machines, as plain data for `--json`."""

from accelsim.analysis.limits import IntervalLimit
from accelsim.reports.explanation import (
    explain_latency,
    explain_limits,
    explain_utilization,
    offered_rate,
)
from accelsim.reports.whatif import WhatIf
from accelsim.runs import RecordedRun
from accelsim.runs.outcomes import accuracies_of, accuracy_cells


def limits_tree(run: RecordedRun, image: int) -> dict[str, object]:
    """Return what limits the latency of an image and the interval of the run, and its accuracy."""
    latency, interval = explain_limits(run, explain_latency(run, image), explain_utilization(run))
    return {
        "latency": {
            "by": latency.phase,
            "image": latency.image,
            "latency_ps": latency.latency_ps,
            "parts_ps": latency.parts_ps,
        },
        "interval": None if interval is None else _interval(interval),
        "offered_images_per_s": offered_rate(run),
        "accuracy": accuracies_of(run),
        "accuracy_of": accuracy_cells(run),
    }


def _interval(limit: IntervalLimit) -> dict[str, object]:
    return {
        "by": limit.by,
        "interval_ps": limit.interval_ps,
        "repeats": limit.repeats,
        "busiest": limit.unit,
        "busy_ps": float(limit.busy_ps),
        "contexts": limit.contexts,
    }


def what_if_tree(found: WhatIf) -> dict[str, object]:
    """Return the trials of a run, the first on its own machine."""
    trials = ([] if found.base is None else [found.base]) + list(found.trials)
    return {
        "why_none": found.why_none or None,
        "refused": dict(found.refused),
        "trials": [
            {
                "changes": {key: {"now": a, "then": b} for key, (a, b) in trial.changes.items()},
                "needed": dict(trial.needed),
                "kinds": list(trial.kinds),
                "images": trial.images,
                "latency_ps": trial.latency_ps,
                "energy_per_image_aJ": trial.energy_aJ,
                "interval": _interval(trial.limit),
                "warnings": list(trial.new_warnings),
            }
            for trial in trials
        ],
    }
