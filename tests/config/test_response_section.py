"""Tables of a device file's response that do not fit together, and what is said of them."""

import io

import pytest
from ruamel.yaml import YAML

from accelsim.config import load_machine
from accelsim.errors import InputError


@pytest.fixture(scope="module")
def shipped(repository):
    return (repository / "configs" / "devices" / "irmen.yaml").read_text()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda r: r["mean"].pop(), "response.mean: got 4 entries; expected 5"),
        (lambda r: r["mean"][2].pop(), "response.mean[2]: got 48 entries; expected 49"),
        (lambda r: r["left"][1][3].pop(), "response.left[1][3]: got 24 entries; expected 25"),
        (lambda r: r["write_noise"][4].pop(), "response.write_noise[4]: got 2 entries; expected 3"),
        (lambda r: r["read_noise"].append(0), "response.read_noise: got 50 entries; expected 49"),
        (
            lambda r: r["error"].append(0),
            "response.error: got 50 numbers; expected 1 and a multiple of 4",
        ),
        (
            lambda r: r["mean"][0].__setitem__(9, 0.9),
            "response.mean: expected numbers that never fall in the first row",
        ),
        (
            lambda r: r["biases"].__setitem__(0, 0.5),
            "response.biases: expected rising numbers from 0 on",
        ),
        (
            lambda r: r["biases"].__setitem__(2, 1.0),
            "response.biases: expected rising numbers from 0 on",
        ),
    ],
)
def test_tables_that_do_not_fit(shipped, tmp_path, change, message):
    data = YAML().load(shipped)
    change(data["response"])
    stream = io.StringIO()
    YAML().dump(data, stream)
    path = tmp_path / "cell.yaml"
    path.write_text(stream.getvalue())
    with pytest.raises(InputError) as caught:
        load_machine("irmen", {"device": str(path)})
    assert message in str(caught.value)
    assert f"{path}:" in str(caught.value)


def test_a_device_file_of_an_earlier_version_is_refused(shipped, tmp_path):
    begin, end = shipped.index("  ktc_passed:"), shipped.index("  shot_passed:")
    path = tmp_path / "cell.yaml"
    path.write_text(shipped[:begin] + shipped[end:])
    with pytest.raises(InputError) as caught:
        load_machine("irmen", {"device": str(path)})
    assert "response.ktc_passed: missing key" in str(caught.value)
