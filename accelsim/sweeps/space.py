"""A space of points, loaded and checked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from accelsim.config.machine import Override, load_machine
from accelsim.documents.document import Document, dotted, read_document
from accelsim.documents.validation import validate
from accelsim.errors import InputError, nearest
from accelsim.resources import find, find_beside, names, shipped
from accelsim.simulation.images import checked
from accelsim.sweeps.axes import Axis, check_value, read_axis
from accelsim.sweeps.constants import constants_in_si
from accelsim.sweeps.formulas import FUNCTIONS, Formula, read_formula
from accelsim.sweeps.keys import MACHINE, OF_RUN, RATE, WORKLOAD, is_machine_key, machine_keys
from accelsim.sweeps.schema import GRID, CellRuns, Sample, SpaceFile, Stream
from accelsim.units import UnitError, parse_rate, read_whole

FOLDER = "configs/spaces"
ACCURACY, DEVICE = "accuracy", "device"
_FOLDERS = {MACHINE: "configs", WORKLOAD: "workloads", DEVICE: "configs/devices"}


@dataclass(frozen=True)
class Space:
    """A space, checked.

    name: of its file. axes: in order of the file. derived: name -> formula, in order.
    constraints: what holds of every point. images: numbers of images. changes: of every point.
    places: of a machine, network or device file (by which of these, and its name in the space),
    as commands take it: a name that ships, or a path.
    """

    name: str
    description: str
    machine: str
    workload: str
    dataset: str | None
    images: range
    seed: int
    arrivals: Stream | None
    changes: Mapping[str, Override]
    axes: tuple[Axis, ...]
    derived: Mapping[str, Formula] = field(repr=False)
    constraints: tuple[Formula, ...] = field(repr=False)
    sample: Sample = field(repr=False)
    objectives: Mapping[str, str] = field(repr=False)
    characterize: CellRuns = field(repr=False)
    values: bool = True
    chunk: int = 16
    block: int = 5000
    places: Mapping[tuple[str, str], str] = field(default_factory=dict, repr=False)

    @property
    def overrides(self) -> Mapping[str, Override]:
        """The changes of every point, with a device file where it is."""
        if DEVICE not in self.changes:
            return self.changes
        return {**self.changes, DEVICE: self.places[DEVICE, str(self.changes[DEVICE])]}

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of axes, then of what is derived."""
        return (*(axis.name for axis in self.axes), *self.derived)

    def places_of(self, what: str) -> tuple[str, ...]:
        """Return machines, networks or device files of points, as commands take them."""
        return tuple(place for (kind, _), place in self.places.items() if kind == what)


def load_space(space: str | Path) -> Space:
    """Load a space by the name of one that ships, or from a YAML file.

    Raises InputError for what cannot be: it says where, what came, and what was expected.
    """
    path = find(space, FOLDER, "space")
    document = read_document(path)
    file = validate(SpaceFile, document)
    loader = _Loader(document, file)
    return loader.space()


class _Loader:
    """Reads a space from its file, once the schema has nothing to say against it."""

    def __init__(self, document: Document, file: SpaceFile) -> None:
        self._document, self._file = document, file
        self._places: dict[tuple[str, str], str] = {}

    def space(self) -> Space:
        file, document = self._file, self._document
        if not file.axes:
            raise self._wrong("is empty; expected an axis such as arrays.lanes: [4, 8]", "axes")
        axes = tuple(read_axis(name, raw, document) for name, raw in file.axes.items())
        for axis in axes:
            self._place_values(axis)
        for key, value in file.set.items():
            self._check_change(key, value)
            if key == DEVICE:
                self._place(DEVICE, str(value), "set", DEVICE)
        for what, name in ((MACHINE, file.machine), (WORKLOAD, file.workload)):
            if all(axis.name != what for axis in axes):
                self._place(what, name, what)
        space = Space(
            name=document.path.stem,
            description=file.description,
            machine=file.machine,
            workload=file.workload,
            dataset=None if file.dataset is None else self._dataset(file.dataset),
            images=self._images(),
            seed=file.seed,
            arrivals=file.arrivals,
            changes=dict(file.set),
            axes=axes,
            derived={
                name: read_formula(text, f"{document.where(('derived', name))}: derived.{name}")
                for name, text in file.derived.items()
            },
            constraints=tuple(
                read_formula(
                    text, f"{document.where(('constraints', number))}: constraints[{number}]"
                )
                for number, text in enumerate(file.constraints)
            ),
            sample=file.sample,
            objectives=file.objectives,
            characterize=file.characterize,
            values=file.values,
            chunk=file.chunk,
            block=file.block,
            places=self._places,
        )
        self._check_names(space)
        if not space.values and ACCURACY in space.objectives:
            raise self._wrong("is not known with 'values: false'", "objectives", ACCURACY)
        self._check_sample(space)
        self._check_stream(space)
        return space

    def _wrong(self, what: str, *at: str | int) -> InputError:
        return InputError(f"{self._document.where(at)}: {dotted(at)}: {what}")

    def _place(self, what: str, name: str, *at: str | int) -> None:
        """Note where a machine, network or device file is, as commands take it."""
        folder = _FOLDERS[what]
        try:
            path = find_beside(name, self._document.path.parent, folder, what)
        except InputError as error:
            raise InputError(f"{self._document.where(at)}: {dotted(at)}: {error}") from None
        is_shipped = name in names(folder) and path.parent == shipped(folder)
        self._places[what, name] = name if is_shipped else str(path)

    def _place_values(self, axis: Axis) -> None:
        """Note where the machines, networks or device files of an axis are."""
        if axis.name not in _FOLDERS:
            return
        if not axis.values:
            raise self._wrong("expected a list of names", "axes", axis.name)
        for number, value in enumerate(axis.values):
            self._place(axis.name, str(value), "axes", axis.name, number)

    def _dataset(self, name: str) -> str:
        path = self._document.path.parent / name
        return str(path) if path.exists() else name

    def _check_change(self, key: str, value: object) -> None:
        place = f"{self._document.where(('set', key))}: set.{key}"
        if not is_machine_key(key):
            raise InputError(f"{place}: unknown key{nearest(key, machine_keys())}")
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            raise InputError(f"{place}: got {value!r}; expected a number or text")
        check_value(key, value, place)

    def _images(self) -> range:
        raw = self._file.images
        try:
            if isinstance(raw, str):
                first, colon, last = raw.partition(":")
                return checked(range(read_whole(first), read_whole(last)) if colon else
                               range(read_whole(first)))  # fmt: skip
            return checked(range(raw))
        except ValueError:
            raise self._wrong(f"got {raw!r}; expected a number such as 100, or a range such as "
                              "'40:60'", "images") from None  # fmt: skip
        except InputError as error:
            raise InputError(f"{self._document.where(('images',))}: {error}") from None

    def _check_names(self, space: Space) -> None:
        """Refuse names that nothing has, and parameters that nothing uses."""
        machine = next(place for (what, _), place in space.places.items() if what == MACHINE)
        constants = constants_in_si(load_machine(machine, space.overrides))
        known = {*constants, *space.columns, *OF_RUN, *machine_keys()}
        formulas = (*space.derived.values(), *space.constraints)
        for formula in formulas:
            for name in formula.names:
                if name not in known:
                    hint = nearest(name, [*known, *FUNCTIONS])
                    raise InputError(f"{formula.place}: '{formula.text}': unknown name '{name}'"
                                     f"{hint}")  # fmt: skip
        used = {name for formula in formulas for name in formula.names}
        for name in space.columns:
            where = "derived" if name in space.derived else "axes"
            if name in space.changes:
                raise self._wrong(f"{where} has it, too; leave one out", "set", name)
            if name in space.derived and any(axis.name == name for axis in space.axes):
                raise self._wrong("axes has it, too; leave one out", "derived", name)
            if name in OF_RUN or is_machine_key(name) or (name in used and "." not in name):
                continue
            place = self._document.where((where, name))
            hint = nearest(name, [*machine_keys(), *OF_RUN])
            raise InputError(
                f"{place}: {where}.{name}: unknown key; expected a key of a machine file, "
                f"{', '.join(OF_RUN)}, or a name that a formula uses{hint}"
            )

    def _check_sample(self, space: Space) -> None:
        sample = space.sample
        if sample.method == GRID:
            if sample.points is not None:
                raise self._wrong("a grid has the points of its axes; leave it out, or choose "
                                  "another method", "sample", "points")  # fmt: skip
            for axis in space.axes:
                if not axis.has_grid:
                    raise InputError(f"{axis.place}: axes.{axis.name}: a range without points; "
                                     "a grid needs points, or step")  # fmt: skip
        elif sample.points is None:
            raise self._wrong(f"method {sample.method} needs points", "sample")

    def _check_stream(self, space: Space) -> None:
        rate = next((axis for axis in space.axes if axis.name == RATE), None)
        if space.arrivals is None:
            if rate is not None:
                raise InputError(f"{rate.place}: axes.{RATE}: expected a section 'arrivals', too, "
                                 "which says how images come")  # fmt: skip
            return
        if space.images.start:
            raise self._wrong("a stream has so many images; expected a number", "images")
        try:
            parse_rate(space.arrivals.rate)
        except UnitError as error:
            raise self._wrong(str(error), "arrivals", "rate") from None
