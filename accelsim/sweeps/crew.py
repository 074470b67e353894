"""Who evaluates tasks: this process, or workers of a Dask cluster.

    with crew_of(workers=2, scheduler="") as crew:
        for task, result in crew.results(tasks):
            ...

Results come as they are done, in any order. Nothing of a result depends on who made it.
"""

import logging
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any, Protocol, TypeAlias

from accelsim.errors import AccelsimError, InputError
from accelsim.sweeps.work import Task, release
from accelsim.wording import given

Result: TypeAlias = Any
EXTRA = "pip install 'accelsim[sweep]'"
_AHEAD = 3  # tasks for each worker that it need not wait for
_WAIT = "20s"


class Died:
    """In place of a result: each worker that had the task died."""


class Crew(Protocol):
    """Workers."""

    def results(self, tasks: Iterable[Task]) -> Iterator[tuple[Task, Result | Died]]:
        """Give each task with its result, as they are done."""


class Here:
    """The process that asks, alone."""

    def results(self, tasks: Iterable[Task]) -> Iterator[tuple[Task, Result | Died]]:
        """Give each task with its result, in order."""
        for task in tasks:
            yield task, task.run()


class OnCluster:
    """Workers of a Dask cluster, as many as there are at a time."""

    def __init__(self, client: Any, place: str) -> None:
        self._client, self._place = client, place

    def results(self, tasks: Iterable[Task]) -> Iterator[tuple[Task, Result | Died]]:
        """Give each task with its result, as they are done; AccelsimError if the scheduler dies."""
        from distributed import as_completed  # noqa: PLC0415 - of the extra
        from distributed.scheduler import KilledWorker  # noqa: PLC0415

        waiting = iter(tasks)
        ahead = _AHEAD * max(1, sum(self._client.nthreads().values()))
        of: dict[Any, Task] = {}

        def submit(number: int) -> list[Any]:
            found = []
            for task in islice(waiting, number):
                future = self._client.submit(run_task, task, pure=False)
                of[future] = task
                found.append(future)
            return found

        done = as_completed(submit(ahead), loop=self._client.loop)
        for future in done:
            task = of.pop(future)
            if future.status == "error" and isinstance(future.exception(), KilledWorker):
                yield task, Died()
            elif future.status in ("cancelled", "lost"):
                raise AccelsimError(f"{self._place}: the scheduler of the workers is gone")
            else:
                yield task, future.result()
            future.release()
            for more in submit(1):
                done.add(more)


def run_task(task: Task) -> Result:
    """Run a task, on a worker."""
    return task.run()


@contextmanager
def crew_of(workers: int, scheduler: str = "") -> Iterator[Crew]:
    """Give those who evaluate.

    workers: processes of a cluster of this computer; 0: this process alone. scheduler: address of
    a Dask cluster instead. Raises InputError without Dask, and if nobody answers at the address.
    """
    if not workers and not scheduler:
        try:
            yield Here()
        finally:
            release()
        return
    try:
        from distributed import Client  # noqa: PLC0415 - of the extra, and slow to load
    except ImportError:
        what = given("scheduler", scheduler) if scheduler else given("workers", workers)
        raise InputError(f"{what}: needs Dask: {EXTRA}; or {given('workers', 0)}") from None
    if scheduler:
        with _connected(scheduler, Client) as client:
            yield OnCluster(client, scheduler)
        return
    with _cluster(workers) as cluster, Client(cluster, set_as_default=False) as client:
        yield OnCluster(client, "this computer")


@contextmanager
def _connected(scheduler: str, client_of: Any) -> Iterator[Any]:
    try:
        client = client_of(scheduler, timeout=_WAIT, set_as_default=False)
    except (OSError, ValueError, TimeoutError) as error:
        line = str(error).partition("\n")[0]
        raise InputError(
            f"{given('scheduler', scheduler)}: nobody answers: {line}; expected the address of "
            "a running `dask scheduler`, such as tcp://127.0.0.1:8786"
        ) from None
    try:
        yield client
    finally:
        client.close(timeout=1)


@contextmanager
def _cluster(workers: int) -> Iterator[Any]:
    from distributed import LocalCluster  # noqa: PLC0415 - of the extra

    with LocalCluster(
        n_workers=workers,
        threads_per_worker=1,
        processes=True,
        dashboard_address=":0",
        silence_logs=logging.CRITICAL,
    ) as cluster:
        yield cluster


def cores() -> int:
    """Return how many processes this one may use."""
    return len(os.sched_getaffinity(0))


def has_dask() -> bool:
    """Tell whether workers can be had."""
    from importlib.util import find_spec  # noqa: PLC0415 - asked for once

    return find_spec("distributed") is not None
