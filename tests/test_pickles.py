"""Pickles of strangers: plain data and arrays come out, and nothing that one names is called."""

import pickle
from pathlib import Path

import numpy as np
import pytest

from accelsim.errors import InputError
from accelsim.files import read_pickled_dict

BYTES = np.arange(6, dtype=np.uint8).reshape(2, 3)
# As Python 2 wrote CIFAR-10 (protocol 2): texts are strings of bytes (U), names are two lines (c).
OF_PYTHON_2 = (
    b"\x80\x02}q\x01(U\x04dataq\x02cnumpy.core.multiarray\n_reconstruct\nq\x03cnumpy\nndarray\nq\x04"
    b"K\x00\x85U\x01b\x87Rq\x05(K\x01K\x02K\x03\x86cnumpy\ndtype\nq\x06U\x02u1K\x00K\x01\x87Rq\x07"
    b"(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89U\x06\x00\x01\x02\x03\x04\x05tb"
    b"U\x06labelsq\x08]q\x09(K\x07K\x08eu."
)


class Calls:
    """What pickles as a call of a function."""

    def __init__(self, function, *arguments):
        self._call = function, arguments

    def __reduce__(self):
        return self._call


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def read(data):
    Path("file").write_bytes(data)
    return read_pickled_dict(Path("file"))


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
@pytest.mark.parametrize("order", ["C", "F"])
def test_arrays_of_bytes_come_back_from_every_protocol(protocol, order):
    array = np.array(BYTES, order=order)
    found = read(pickle.dumps({"data": array, "labels": [1, 2]}, protocol))
    assert np.array_equal(found["data"].bytes_of(), BYTES)
    assert found["labels"] == [1, 2]


def test_what_python_2_wrote():
    found = read(OF_PYTHON_2)
    assert np.array_equal(found["data"].bytes_of(), BYTES)
    assert found["labels"] == [7, 8]


@pytest.mark.parametrize("array", [BYTES.astype(np.int64), BYTES / 2, BYTES.astype(object)])
def test_other_arrays_are_no_bytes(array):
    assert read(pickle.dumps({"data": array}, 4))["data"].bytes_of() is None


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (Calls(Path.touch, Path("called")), "pathlib.Path"),
        (Calls(exec, "open('called', 'w')"), "builtins.exec"),
        (np.float64(1), "multiarray.scalar"),
        (Path("somewhere"), "pathlib.PosixPath"),
    ],
)
def test_a_name_of_anything_else_is_refused_before_it_is_called(value, name):
    with pytest.raises(InputError) as refused:
        read(pickle.dumps({"data": value}, 4))
    assert str(refused.value).startswith("file: not a readable pickle of arrays: it names ")
    assert str(refused.value).endswith(
        ", which is neither data nor an array of numpy; nothing was called"
    )
    assert name.rpartition(".")[2] in str(refused.value)
    assert not Path("called").exists()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "file: not a readable batch of CIFAR-10: it begins with nothing, expected 80"),
        (b"cos\nsystem\n.", "it begins with 63, expected 80"),
        (OF_PYTHON_2[:-9], "not a readable pickle of arrays: damaged: "),
        (OF_PYTHON_2[:-1], "pickle exhausted before seeing STOP"),
        # Memory for 2^31 places of a memo; an array that numpy would have to reserve.
        (b"\x80\x02}r\xff\xff\xff\x7f.", "damaged: LONG_BINPUT of place 2147483647"),
        (b"\x80\x02cnumpy\nndarray\n(J\xff\xff\xff\x7ft\x85R.", "damaged: 'str' object is not"),
        (b"\x80\x02T\xff\xff\xff\x7fabc.", "damaged: expected 2147483647 bytes in a string4, but"),
        (b"\x80\x02K\x01.", "it holds one int; expected a dict"),
        (b"\x80\x02cnumpy\ndtype\nN}X\x01\x00\x00\x00aK\x01s\x86b.", "damaged: "),  # sets a name
    ],
)  # fmt: skip
def test_damage_is_told_and_reserves_nothing(data, message):
    with pytest.raises(InputError) as refused:
        read(data)
    assert message in str(refused.value)
    assert len(str(refused.value)) < 300


@pytest.mark.parametrize(
    "state",
    [
        (1, (3, 3), "u1", False, bytes(6)),
        (1, (2, -3), "u1", False, bytes(6)),
        (1, (2**70,), "u1", False, bytes(6)),
        (1, 6, "u1", False, bytes(6)),
        (1, (6,), "u1", False, [0] * 6),
        (1, (6,), "u8", False, bytes(6)),
    ],
)
def test_an_array_whose_parts_do_not_fit_is_none(state):
    from accelsim.files import PickledArray  # noqa: PLC0415

    array = PickledArray()
    array.__setstate__(state)
    assert array.bytes_of() is None
