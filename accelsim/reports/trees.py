"""Explanations as plain data: what `accelsim explain --json` prints.

Times in ps, energies in aJ, as integers. `json.dumps` takes every tree as it is.
"""

from collections.abc import Callable

from accelsim.analysis.dependencies import Record
from accelsim.analysis.stalls import QUEUE
from accelsim.analysis.tail import SHARE, Tail
from accelsim.config.energy_by_value import BY_COUNT, BY_VALUE
from accelsim.errors import InputError, nearest
from accelsim.reports import chains
from accelsim.reports.explanation import (
    ActionCost,
    LatencyReport,
    StallReport,
    chosen_image,
    explain_energy,
    explain_latency,
    explain_load,
    explain_stalls,
    explain_utilization,
    has_load,
)
from accelsim.reports.label import explain_label
from accelsim.reports.limit_trees import limits_tree, what_if_tree
from accelsim.reports.sources import provenance_of_run
from accelsim.reports.whatif import in_short, what_if
from accelsim.runs import RecordedRun, tenant_of

Tree = dict[str, object]


METRICS = ("latency", "energy", "stalls", "utilization", "load", "classification")


def explain_tree(run: RecordedRun, metric: str | None = None, image: int | None = None) -> Tree:
    """Return why a run is what it is.

    Parameters
    ----------
    run
        The recorded run, from `accelsim.runs.open_run`.
    metric
        One of METRICS; all if None.
    image
        Whose latency and energy are explained; the first of the run if None.

    Returns
    -------
    dict
        ``machine``, ``workload``, ``images``, ``image``, ``period_ps``, ``tenant`` of the image if
        there are several, and for each metric a tree: ``latency`` has the critical path, ``energy``
        count x price of each action (and both ``rests_on``, all constants that they follow from),
        ``stalls`` the waits, ``utilization`` the busy time of every unit. Of a run of a stream
        ``load`` too: the images at and above the 99th percentile of the time in the system, what
        they waited for, the images that the first of them waited behind, and their bursts.
        Of a run up to the class label ``classification`` too: what the image takes and costs behind
        the handoff.
        With ``latency``, ``limits``: what limits latency and throughput, and ``what_if``: both on
        changed machines, as they were simulated; without a metric, of images in flight alone.

    Raises
    ------
    InputError
        For an unknown metric, an image that is not in the run, and for ``load`` of a run whose
        images all came at one time.

    Examples
    --------
    >>> explain_tree(open_run("runs/a"), "latency")["latency"]["latency_ps"]
    42000
    """
    if metric is not None:
        check_metric(metric)
    number = chosen_image(run, image)
    parts: dict[str, Callable[[], Tree]] = {
        "limits": lambda: limits_tree(run, number),
        "what_if": lambda: what_if_tree(in_short(run) if metric is None else what_if(run)),
        "latency": lambda: _latency(run, number),
        "energy": lambda: _energy(run, number),
        "stalls": lambda: _stalls(run),
        "utilization": lambda: _utilization(run),
        "load": lambda: _load(run),
        "classification": lambda: _label(run, number),
    }
    if metric is None and not has_load(run):
        del parts["load"]
    if metric is None and not run.goes_on:
        del parts["classification"]
    head: Tree = {
        "machine": run.machine.name,
        "workload": run.manifest["workload"],
        "images": run.manifest["images"],
        "image": number,
        "period_ps": run.machine.period_ps,
    }
    tenant = tenant_of(run, number)
    if tenant:
        head["tenant"] = tenant
    asked = set(parts) if metric is None else {metric}
    if metric == "latency":
        asked |= {"limits", "what_if"}
    return head | {name: part() for name, part in parts.items() if name in asked}


def check_metric(metric: str) -> None:
    """Raise InputError, with the nearest right name, for what is no metric."""
    if metric not in METRICS:
        raise InputError(
            f"{metric}: no such metric; expected {', '.join(METRICS)}{nearest(metric, METRICS)}"
        )


def _latency(run: RecordedRun, image: int) -> Tree:
    """Return the critical path of an image."""
    report = explain_latency(run, image)
    path = report.path
    return {
        "rests_on": _rests(run, "latency"),
        "latency_ps": path.latency_ps,
        "t_start_ps": path.t_start_ps,
        "before_ps": path.before_ps,
        "steps": [
            {
                "step": step.step,
                "op": step.op,
                "layer": step.layer,
                "t_start_ps": step.t_start_ps,
                "t_end_ps": step.t_end_ps,
                "issue_ps": step.issue_ps,
                "read_ps": step.read_ps,
                "write_ps": step.write_ps,
                "wait_ps": step.wait_ps,
                "waits": [wait.id for wait in step.waits],
            }
            for step in path.steps
        ],
        "path": [_record(record) for record in path.path],
        "slack": [{"id": one.record.id, "slack_ps": one.slack_ps} for one in path.rest],
        "waits_for_other_images": [
            _record(wait) | {"waited_for": _named(report, wait.cause_id)} for wait in path.foreign
        ],
    }


def _energy(run: RecordedRun, image: int) -> Tree:
    """Return count x price of each action of an image."""
    report = explain_energy(run, image)
    return {
        "rests_on": _rests(run, "energy_per_image"),
        "energy_aJ": report.spent.total_aJ,
        "standby_of_run_aJ": report.standby_aJ,
        "actions": [_charge(one) for one in report.charges],
        "standby_actions_of_run": [_charge(one) for one in report.standby],
        "steps": [
            {"step": step if step >= 0 else None, "op": op, "layer": layer, "energy_aJ": energies}
            for (step, op, layer), energies in report.spent.steps.items()
        ],
    }


def _label(run: RecordedRun, image: int) -> Tree:
    """Return what an image takes and costs behind the handoff."""
    report = explain_label(run, image)
    return {
        "handed_off_ps": report.handed_off_ps,
        "latency_ps": report.latency_ps,
        "path": [_record(record) for record in report.path],
        "energy_aJ": report.spent.total_aJ,
        "standby_of_run_aJ": report.standby_aJ,
        "actions": [_charge(one) for one in report.charges],
        "standby_actions_of_run": [_charge(one) for one in report.standby],
    }


def _rests(run: RecordedRun, figure: str) -> list[Tree]:
    """Return all that a figure of the run follows from, the figure first."""
    return chains.as_plain(provenance_of_run(run.machine), figure)


def _stalls(run: RecordedRun) -> Tree:
    """Return the waits of all images of a run."""
    report = explain_stalls(run)
    return {
        "in_flight_ps": report.in_flight_ps,
        "of_common_start_ps": None if has_load(run) else _common_start(report),
        "waits": [
            {
                "where": stall.where,
                "reason": stall.reason,
                "resource": stall.resource or None,
                "step": stall.step,
                "op": stall.op,
                "layer": stall.layer,
                "records": stall.total.records,
                "time_ps": stall.total.time_ps,
                "charged_ps": stall.charged.time_ps,
                "settling_ps": stall.settling.time_ps,
                "longest_ps": stall.total.longest_ps,
            }
            for stall in report.stalls
        ],
    }


def _common_start(report: StallReport) -> Tree:
    """Return the waits that images have only as all of them come at time 0."""
    queue = (stall for stall in report.stalls if stall.where == QUEUE)
    return {
        "queue": sum(stall.total.time_ps for stall in queue),
        "before_load": sum(stall.total.time_ps for stall in report.fill),
    }


def _utilization(run: RecordedRun) -> Tree:
    """Return the busy time of every unit."""
    report = explain_utilization(run)
    return {
        "makespan_ps": report.makespan_ps,
        "units": [
            {
                "unit": unit.unit,
                "group": unit.group,
                "phase": unit.phase,
                "slots": unit.slots,
                "busy_ps": unit.busy_ps,
                "share": unit.share(report.makespan_ps),
            }
            for unit in report.units
        ],
    }


def _load(run: RecordedRun) -> Tree:
    """Return why the slowest images of a stream are slow."""
    report = explain_load(run)
    tree = _tail(report.tail)
    if report.tenants:
        tree["tenants"] = {name: _tail(tail) for name, tail in report.tenants.items()}
    return tree


def _tail(tail: Tail) -> Tree:
    own = tail.own_ps
    return {
        "percentile": SHARE,
        "time_in_system_ps": tail.limit_ps,
        "image": tail.image,
        "arrived_ps": tail.arrived_ps,
        "images": tail.of,
        "tail": list(tail.images),
        "in_system_ps": {"image": tail.limit_ps, "tail": tail.tail_ps, "all": tail.all_ps},
        "own_steps_ps": dict(zip(("image", "tail", "all"), own, strict=True)),
        "own_planes_ps": dict(zip(("image", "tail", "all"), tail.planes_ps, strict=True)),
        "waits": [vars(share) for share in tail.shares],
        "behind": list(tail.behind),
        "overtook": tail.overtook,
        "queue_begun_by": tail.begun_by,
        "burst": vars(tail.burst),
        "of_bursts": tail.of_bursts,
        "bursts": [vars(burst) for burst in tail.bursts],
        "arrival_rate": tail.rate,
    }


def _record(record: Record) -> Tree:
    return dict(record._asdict())


def _named(report: LatencyReport, number: int | None) -> Tree | None:
    cause = report.causes.get(-1 if number is None else number)
    return None if cause is None else _record(cause)


def _charge(one: ActionCost) -> Tree:
    return {
        "action": one.action.action,
        "count": one.action.count,
        "price_aJ": one.action.price_aJ,
        "quoted": one.constant.quoted,
        "energy_aJ": one.action.energy_aJ,
        "model": BY_COUNT if one.action.apart_aJ is None else BY_VALUE,
        "a_tenth_moves_the_image_by_aJ": float(one.moved_aJ),
        "kind": one.constant.kind,
        "source": one.constant.source,
    }
