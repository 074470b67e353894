"""What the script reads: columns that come out of the block as they went in."""

import base64
import gzip
import json

import numpy as np
import pytest

from accelsim.timeline import RunView
from accelsim.timeline.content import read_content
from accelsim.timeline.payload import page_data
from accelsim.trace import Window


def unpacked(data):
    block = gzip.decompress(base64.b64decode(data["block"]))
    return {
        name: np.frombuffer(block, np.dtype(kind).newbyteorder("<"), length, place)
        for name, (kind, place, length) in data["columns"].items()
    }


@pytest.fixture(scope="module")
def data(recorded):
    view = RunView(recorded(6, sequencer__contexts=3, banks__planes=12), Window())
    return page_data(view, read_content(view))


def test_columns_are_aligned_and_their_numbers_those_of_the_run(data):
    columns = unpacked(data)
    assert all(place % 8 == 0 for _, place, _ in data["columns"].values())
    assert {column.dtype.name for column in columns.values()} <= {
        "uint8", "uint16", "int32", "float64",
    }  # fmt: skip
    # One image after another of three begins each cycle; 42 cycles later the next three.
    assert columns["images.image"].tolist() == [0, 1, 2, 3, 4, 5]
    assert columns["images.slot"].tolist() == [0, 1, 2, 0, 1, 2]
    assert columns["images.start"].tolist() == [0, 1000, 2000, 42_000, 43_000, 44_000]
    assert (columns["images.end"] - columns["images.start"]).tolist() == [42_000] * 6
    energies = [columns[f"load.energy{n}"].sum() for n in range(len(data["energies"]))]
    steps = columns["bars.kind"] == data["names"]["kind"].index("step")
    assert sum(energies) == pytest.approx(columns["bars.energy"][~steps].sum())
    assert steps.sum() == 6 * 14
    rows = [name for name in columns if name.startswith("load.row")]
    assert all(((columns[row] >= 0) & (columns[row] <= 1 + 1e-9)).all() for row in rows)


def test_facts_are_json_and_the_first_view_is_within_the_run(data):
    assert json.loads(json.dumps(data)) == data
    assert data["colours"] == "image"
    start, end = data["first"]
    assert 0 <= start < end <= data["end"] == 86_000
    assert data["peak_width"] == data["period"] == 1000
