"""The values of a recorded run, computed again: on its own machine, or on another."""

from accelsim.arrivals import Arrivals
from accelsim.compiler import check_weights
from accelsim.config import Machine
from accelsim.errors import InputError
from accelsim.resources import display
from accelsim.runs.directory import ACCURACY, read_recorded
from accelsim.runs.manifest import recorded_network
from accelsim.runs.outcomes import accuracies_of
from accelsim.runs.recorded import RecordedRun
from accelsim.simulation import (
    ValueSource,
    check_energies,
    check_priorities,
    check_values,
    select_images,
    select_stream,
    value_source,
)


def values_of(
    run: RecordedRun, machine: Machine, workload: str | None, stream: Arrivals | None
) -> tuple[list[ValueSource | None], str]:
    """Return what computes the values of each tenant on a machine, or why nothing does.

    Neither for one without an accuracy in the record, unless energies follow the values.
    """
    shares = accuracies_of(run)
    if workload is not None and (not run.tenancy.is_alone or set(shares.values()) == {None}):
        why = "recorded no accuracy, so there are no values to replay"
        if not run.tenancy.is_alone:
            why = f"has tenants ({', '.join(shares)}), whose networks are found where they were"
        raise InputError(f"--workload {workload}: {display(run.path)} {why}; leave it out")
    found = [
        (None, "")
        if recorded is None and not machine.energy.follows_values
        else _of_tenant(run, machine, workload, stream, number)
        for number, recorded in enumerate(shares.values())
    ]
    sources = [source for source, _ in found]
    check_energies(machine, found)
    check_values(machine, run.tenancy.contexts, sources)
    if stream is not None:
        tenants = read_recorded(run.manifest, run.path).tenants
        check_priorities(machine, [(each.name, each.priority) for each in tenants], stream)
    reasons = dict.fromkeys(why for _, why in found if why)
    return sources, "; ".join(reasons)


def _of_tenant(
    run: RecordedRun,
    machine: Machine,
    workload: str | None,
    stream: Arrivals | None,
    number: int,
) -> tuple[ValueSource | None, str]:
    """Return what computes the values of a tenant, or why nothing does."""
    tenant, program = run.tenancy.names[number], run.tenancy.programs[number]
    recorded = read_recorded(run.manifest, run.path)
    chosen = range(recorded.first_image, recorded.first_image + recorded.images)
    try:
        network = recorded_network(run.manifest, run.path, workload, tenant=tenant)
        images = (
            select_stream(network, stream, number) if stream else select_images(network, chosen)
        )
        if images.weights is not None:
            check_weights(program, images.weights)
    except InputError as error:
        if workload is not None:
            raise
        return None, str(error)
    return value_source(machine, network, program, images, recorded.seed, keep_maps=False)


def without_accuracy(stats: object) -> object:
    """Return figures without those that values give, of the run, each tenant and other scopes."""
    if not isinstance(stats, dict):
        return stats
    kept = {name: figure for name, figure in stats.items() if name != ACCURACY}
    notes = kept.get("notes")
    if isinstance(notes, dict):
        kept["notes"] = {
            name: note for name, note in notes.items() if name.rpartition(".")[2] != ACCURACY
        }
    if "classification" in kept:
        kept["classification"] = without_accuracy(kept["classification"])
    shares = kept.get("tenants")
    if isinstance(shares, dict):
        kept["tenants"] = {name: without_accuracy(share) for name, share in shares.items()}
    return kept
