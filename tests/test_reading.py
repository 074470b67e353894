"""What others wrote is opened only as what it should be, and never believed on its word."""

import contextlib
import gzip
import io
import json
import os
import struct
import zipfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import accelsim
from accelsim.config import read_document
from accelsim.documents.document import read_scalar
from accelsim.errors import InputError
from accelsim.files import open_npz, read_json, read_npz, read_text, sha256
from accelsim.files.read import TEXT, YAML, size_text
from accelsim.network import load_weights, read_idx, read_npz_dataset
from accelsim.runs import check_file
from accelsim.trace import SCHEMA, TraceFile


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def _refused(work, *arguments, match):
    with pytest.raises(InputError, match=match) as caught:
        work(*arguments)
    text = str(caught.value)
    assert text.replace("\n", "").isprintable()
    assert len(text) < 1000


def _sparse(name: str, size: int) -> Path:
    path = Path(name)
    with path.open("wb") as stream:
        stream.truncate(size)
    return path


READERS = [
    accelsim.load_machine,
    read_document,
    lambda path: read_idx(path, 3),
    read_npz_dataset,
    read_npz,
    read_json,
    read_text,
    sha256,
    TraceFile,
    lambda path: TraceFile(path.with_suffix(".csv")),
]


@pytest.mark.parametrize("read", READERS)
def test_a_pipe_is_never_waited_for(read):
    for name in ("in", "in.csv"):
        os.mkfifo(name)
    _refused(read, Path("in"), match=r"^in(.csv)?: (is a pipe; expected a regular|no such machine)")


# A folder of images has a hash.
@pytest.mark.parametrize("read", [read for read in READERS if read is not sha256])
def test_a_folder_in_place_of_a_file(read):
    Path("in.csv").mkdir()
    Path("in").mkdir()
    _refused(read, Path("in"), match=r"^in(.csv)?: (is a folder; expected a regular|no such mach)")


@pytest.mark.parametrize("read", [read for read in READERS if read is not READERS[-1]])
@pytest.mark.parametrize("device", ["/dev/zero", "/dev/null"])
def test_an_endless_device_is_no_input(read, device):
    _refused(read, Path(device), match=r"^/dev/\w+: (is a device; expected a regular|no such mach)")


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize("name", ["x" * 300, "a\0b", "missing"])
def test_names_that_no_file_has(read, name):
    expected = "no such|cannot be read: (File name too long|a name has no NUL)"
    _refused(read, Path(name), match=expected)


def test_files_are_not_read_beyond_what_their_kind_may_have():
    expected = r"^in: 300 KiB; expected 256 KiB at most$"
    _refused(read_document, _sparse("in", 300 << 10), match=expected)
    _refused(read_text, _sparse("in", TEXT.most + 1), match=r"^in: 256 MiB; expected 256 MiB at ")
    _refused(read_npz, _sparse("in", 1 << 31), match=r"^in: 2 GiB; expected 1 GiB at most$")
    assert [size_text(size) for size in (1, 1536, YAML.most)] == ["1 bytes", "1.5 KiB", "256 KiB"]


def test_text_that_is_not_utf_8():
    Path("in.yaml").write_bytes(b"a: \xe4")
    _refused(read_document, Path("in.yaml"), match=r"^in.yaml: cannot be read as text: not UTF-8: ")


# Nine levels of nine aliases: 387 million values of 300 bytes.
BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 9)}]\n" for level in range(1, 9)
)
MERGES = "a0: &a0 {x: 1}\n" + "".join(
    f"a{level}: &a{level} {{<<: [{', '.join([f'*a{level - 1}'] * 9)}]}}\n" for level in range(1, 9)
)


@pytest.mark.parametrize("text", [BOMB, MERGES])
def test_aliases_of_aliases_are_counted_before_they_are_made(text):
    Path("in.yaml").write_text(text)
    _refused(
        read_document, Path("in.yaml"), match=r"^in.yaml:\d+:\d+: not valid YAML: more than 10"
    )


@pytest.mark.parametrize("text", ["a: &a [*a]", "a: &a {b: *a}", "&a a: &b {*a : *b}"])
def test_an_alias_of_what_it_is_in(text):
    Path("in.yaml").write_text(text)
    _refused(read_document, Path("in.yaml"), match=r"not valid YAML: ")


@pytest.mark.parametrize("levels", [60, 5_000])
def test_yaml_that_nests_deeply(levels):
    Path("in.yaml").write_text("a: " + "[" * levels + "]" * levels)
    _refused(read_document, Path("in.yaml"), match=r"not valid YAML: nested (more than|too deeply)")


@pytest.mark.parametrize("text", ["a: 1_0", "a: [1_0.5]", "1_0: b", "a: !!int 1_0"])
def test_numbers_of_other_versions_of_yaml(text):
    Path("m.yaml").write_text(text)
    with pytest.raises(InputError, match=r"m\.yaml:1:.* got 1_0.*; expected a number without '_'"):
        read_document(Path("m.yaml"))


def test_anchors_in_reason_are_read():
    Path("in.yaml").write_text("a: &x [1, 2]\nb: *x\nc: &x 3\nd: *x\n")
    assert read_document(Path("in.yaml")).data == {"a": [1, 2], "b": [1, 2], "c": 3, "d": 3}
    assert read_scalar("&a [*a]") == "&a [*a]"


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a": ' * 100_000, "NaN", "9" * 5000, "\xff", ""])
def test_json_that_is_none(text):
    Path("in.json").write_text(text, encoding="latin-1")
    _refused(read_json, Path("in.json"), match=r"^in.json: damaged: ")


def _idx(shape: tuple[int, ...], data: bytes = b"") -> bytes:
    sizes = b"".join(size.to_bytes(4, "big") for size in shape)
    return bytes([0, 0, 8, len(shape)]) + sizes + data


def test_a_gzip_is_unpacked_as_far_as_its_header_says():
    with gzip.open("in.gz", "wb", compresslevel=1) as stream:
        stream.write(_idx((2, 2, 2)))
        for _ in range(64):
            stream.write(bytes(1 << 20))
    _refused(read_idx, Path("in.gz"), 3, match=r"^in.gz: too long: more than 24 bytes, its header")


def test_an_idx_header_that_says_too_much():
    Path("in").write_bytes(_idx((1 << 31, 1 << 10, 1 << 10)))
    _refused(read_idx, Path("in"), 3, match=r"x 1024 bytes; expected 1 GiB at most$")
    with gzip.open("in.gz", "wb") as stream:
        stream.write(_idx((1 << 31, 1, 1)))
    _refused(read_idx, Path("in.gz"), 3, match=r"2147483648 x 1 x 1 bytes; expected 1 GiB at most$")


@pytest.mark.parametrize("cut", [0, 1, 2, 9, 20, -1])
def test_a_gzip_that_is_cut(cut):
    whole = gzip.compress(_idx((2, 2, 2), bytes(range(8))))
    Path("in.gz").write_bytes(whole[:cut])
    _refused(read_idx, Path("in.gz"), 3, match=r"^in.gz: ")


def _npy(header: str, data: bytes = b"", version: tuple[int, int] = (1, 0)) -> bytes:
    text = header.encode("latin-1") + b"\n"
    return b"\x93NUMPY" + bytes(version) + struct.pack("<H", len(text)) + text + data


def _npz(*members: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile("in.npz", "w", method) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return Path("in.npz")


def _says(shape: object, kind: str = "<f8") -> str:
    return repr({"descr": kind, "fortran_order": False, "shape": shape})


@pytest.mark.parametrize(
    ("member", "message"),
    [
        (_npy(_says((800_000_000,))), r"array 'a' says 800000000 of float64, and has 0 bytes$"),
        (_npy(_says((2,)), bytes(8)), r"array 'a' says 2 of float64, and has 8 bytes$"),
        (_npy(_says((1,)), bytes(9)), r"array 'a' says 1 of float64, and has 9 bytes$"),
        (_npy(_says((-1, -1)), bytes(8)), r"array 'a' says -1 x -1 of float64, and has 8 bytes$"),
        (_npy(_says((1,), "|O"), bytes(8)), r"array 'a' holds object; expected numbers or text$"),
        (_npy(_says((1,), "V8"), bytes(8)), r"array 'a' holds "),
        (_npy(_says((1,), "nope"), bytes(8)), r"npz archive: "),
        (_npy(_says("x"), bytes(8)), r"npz archive: "),
        (_npy(_says((1,)), bytes(8), (9, 9)), r"version 9.9 of the format$"),
        (_npy("{" * 2000), r"npz archive: "),
        (_npy(""), r"npz archive: "),
        (b"", r"npz archive: "),
        (b"\x93NUMPY\x01", r"npz archive: "),
        (b"\x93NUMPY\x02\x00\xff\xff\xff\xff", r"npz archive: "),
    ],
)
def test_the_members_of_an_archive_are_not_believed(member, message):
    path = _npz(("a.npy", member))
    _refused(read_npz, path, match=message)
    _refused(check_file, path, match=message)


def test_members_that_are_none():
    _refused(read_npz, _npz(("a.txt", b"")), match=r"it holds 'a.txt'; expected arrays \(.npy\)")
    _refused(read_npz, _npz(("\x1b[31m.exe", b"")), match=r"it holds '\\x1b\[31m.exe'; expected")
    with pytest.warns(UserWarning, match="Duplicate"):
        path = _npz(("a.npy", b"x"), ("a.npy", b"y"))
    _refused(read_npz, path, match=r"two arrays have the same name$")
    _refused(
        read_npz, _npz(("a.npy", b"x"), method=zipfile.ZIP_BZIP2), match="packed in an unknown"
    )


def test_an_encrypted_archive():
    path = _npz(("a.npy", _npy(_says((1,)), bytes(8))))
    data = bytearray(path.read_bytes())
    for magic, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(magic) + place] |= 1
    path.write_bytes(data)
    _refused(read_npz, path, match=r"in.npz: not a readable npz archive: 'a.npy' is encrypted$")


def test_an_archive_that_would_unpack_to_more_than_memory():
    path = _npz(("a.npy", _npy(_says((1,)), bytes(8))))
    data = bytearray(path.read_bytes())
    place = data.index(b"PK\x01\x02") + 24
    data[place : place + 4] = struct.pack("<I", 0xF000_0000)
    path.write_bytes(data)
    _refused(read_npz, path, match=r"its arrays take 3.75 GiB; expected 1 GiB at most$")


def test_a_list_of_members_that_is_too_long():
    path = _npz(("a.npy", b"x"))
    data = bytearray(path.read_bytes())
    place = data.rindex(b"PK\x05\x06") + 12
    data[place : place + 4] = struct.pack("<I", 1 << 30)
    path.write_bytes(data)
    _refused(read_npz, path, match=r"its list of members takes 1 GiB$")


@pytest.mark.parametrize("cut", [0, 1, 3, 10, 40, 100, -1, -10, -30])
def test_an_archive_that_is_cut(cut):
    path = _npz(("a.npy", _npy(_says((4,)), bytes(32))), ("b.npy", _npy(_says(()), bytes(8))))
    path.write_bytes(path.read_bytes()[:cut])
    _refused(read_npz, path, match=r"^in.npz: not a readable npz archive: ")


def test_an_archive_with_any_byte_changed():
    buffer = io.BytesIO()
    np.savez_compressed(buffer, a=np.arange(4.0), b=np.zeros(1))
    whole = buffer.getvalue()
    for place in range(len(whole)):
        data = bytearray(whole)
        data[place] ^= 0xFF
        Path("in.npz").write_bytes(data)
        with contextlib.suppress(InputError):
            assert sum(array.nbytes for array in read_npz(Path("in.npz")).values()) <= 40


@pytest.mark.parametrize("order", ["C", "F"])
def test_arrays_come_as_numpy_wrote_them(order):
    arrays = {
        "a": np.asarray(np.arange(12.0).reshape(3, 4), order=order),
        "b": np.array(7, ">i4"),
        "c": np.zeros((0, 3), np.uint8),
        "d": np.array([True, False]),
    }
    np.savez("in.npz", **arrays)
    with open_npz(Path("in.npz")) as archive:
        assert {name: header.shape for name, header in archive.headers.items()} == {
            name: array.shape for name, array in arrays.items()
        }
    found = read_npz(Path("in.npz"))
    for name, array in arrays.items():
        assert found[name].dtype == array.dtype
        assert (found[name] == array).all()
        assert found[name].shape == array.shape


def test_weights_that_do_not_fit_are_never_unpacked(mnist, monkeypatch):
    with np.load(mnist.weights_file) as archive:
        arrays = {name: archive[name] for name in archive.files}
    np.savez_compressed("in.npz", **arrays | {"conv1.weight": np.zeros(20_000_000)})
    read = []
    from accelsim.files import Archive  # noqa: PLC0415

    monkeypatch.setattr(Archive, "read", lambda _, name: read.append(name))
    _refused(
        load_weights, Path("in.npz"), mnist, match=r"weight has shape \(20000000,\), the layer"
    )
    assert read == []


def test_a_file_here_does_not_stand_for_one_that_ships():
    Path("irmen").write_text("name: other")
    expected = r"^irmen: a machine that ships, and a file here; ./irmen is the file$"
    _refused(accelsim.load_machine, "irmen", match=expected)
    _refused(accelsim.load_machine, Path("irmen"), match=r"^irmen: ")
    _refused(accelsim.load_machine, "./irmen", match=r"^irmen: ")
    Path("irmen").unlink()
    Path("irmen").mkdir()
    assert accelsim.load_machine("irmen").name == "irmen"


def test_a_trace_whose_metadata_is_no_text():
    empty = pa.Table.from_pylist([], SCHEMA.with_metadata({"accelsim.trace": b"\xff\x1b"}))
    pq.write_table(empty, "in.parquet")
    _refused(
        TraceFile, Path("in.parquet"), match=r"trace schema version \\+xff\\x1b; this accelsim"
    )


@pytest.mark.parametrize(
    "data", [b"", b"PAR1", b"PAR1PAR1", b"PAR1\xff\xff\xff\x7fPAR1", b"x" * 99]
)
def test_traces_that_are_none(data):
    Path("in.parquet").write_bytes(data)
    _refused(TraceFile, Path("in.parquet"), match=r"^in.parquet: not a readable trace: ")


def test_a_run_that_is_a_file_or_a_pipe():
    os.mkfifo("pipe")
    _refused(check_file, Path("pipe"), match=r"^pipe: is a pipe; expected a regular file$")
    from accelsim.runs import open_run  # noqa: PLC0415

    _refused(open_run, Path("pipe"), match=r"^pipe: is a pipe; expected the folder of a run$")


def test_recorded_figures_that_are_none(irmen, mnist):
    import hashlib  # noqa: PLC0415

    from accelsim.runs import open_run  # noqa: PLC0415

    accelsim.simulate(irmen, mnist, 1, outdir="run")
    manifest = json.loads(Path("run/manifest.json").read_text())
    for text in ("[]", "[" * 100_000, "1", "{"):
        Path("run/stats.json").write_text(text)
        digest = hashlib.sha256(text.encode()).hexdigest()
        manifest["files"]["stats.json"]["sha256"] = digest
        Path("run/manifest.json").write_text(json.dumps(manifest))
        _refused(open_run, Path("run"), match=r"^run/stats.json: damaged: ")
