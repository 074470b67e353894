"""Images of one's own: npy files and folders of PNG files are the data set that an npz is."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from accelsim.errors import InputError
from accelsim.files import sha256
from accelsim.network import load_network, open_dataset, read_dataset
from accelsim.network.pngs import read_pngs
from tests.cli.test_dataset import write_idx

IMAGES = np.random.default_rng(2).integers(0, 256, (3, 28, 28), dtype=np.uint8)
LABELS = [7, 0, 7]


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def write_pngs(folder, images=IMAGES, labels=LABELS):
    """Write images as NUMBER.png, in folders named by their class if there are labels."""
    for place, image in enumerate(images):
        path = Path(folder, *([] if labels is None else [str(labels[place])]), f"{place}.png")
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(path)


def load(dataset):
    return open_dataset(load_network("mnist", dataset))


def test_all_formats_hold_the_same():
    np.savez("all.npz", images=IMAGES, labels=LABELS)
    np.save("images.npy", IMAGES)
    np.save("labels.npy", np.array(LABELS, np.int64))
    Path("idx").mkdir()
    write_idx(Path("idx/t10k-images-idx3-ubyte"), IMAGES)
    write_idx(Path("idx/t10k-labels-idx1-ubyte"), np.array(LABELS))
    for place in ("all.npz", "images.npy", "idx"):
        found = load(place)
        assert np.array_equal(found.images[:, 0], IMAGES)
        assert found.labels is not None
        assert found.labels.tolist() == LABELS


def test_idx_files_come_before_pictures_beside_them():
    write_pngs("idx", labels=None)
    write_idx(Path("idx/t10k-images-idx3-ubyte"), IMAGES[:1])
    write_idx(Path("idx/t10k-labels-idx1-ubyte"), np.array(LABELS[:1]))
    assert len(load("idx")) == 1


def test_a_folder_of_classes():
    write_pngs("digits")
    found = load("digits")
    # By class, then by name: image 1 is of class 0, images 0 and 2 are of class 7.
    assert np.array_equal(found.images[:, 0], IMAGES[[1, 0, 2]])
    assert found.labels is not None
    assert found.labels.tolist() == [0, 7, 7]


def test_a_folder_without_classes_is_in_order_of_numbers():
    images = np.zeros((12, 4, 4), np.uint8) + np.arange(12, dtype=np.uint8)[:, None, None]
    write_pngs("some", images, None)
    Path("some/.hidden").write_text("")
    found, labels = read_pngs(Path("some"))
    assert found[:, 0, 0, 0].tolist() == list(range(12))
    assert labels is None


def test_rgb_has_three_maps():
    image = np.random.default_rng(3).integers(0, 256, (5, 6, 3), dtype=np.uint8)
    write_pngs("rgb", [image], None)
    found, _ = read_pngs(Path("rgb"))
    assert found.shape == (1, 3, 5, 6)
    assert np.array_equal(found[0].transpose(1, 2, 0), image)


def test_network_files_name_the_formats(make_network):
    write_pngs("digits")
    np.save("images.npy", IMAGES)
    np.save("labels.npy", LABELS)
    fc = {"op": "fc", "out": 10}
    for dataset in (
        {"format": "png", "images": "digits"},
        {"format": "npy", "images": "images.npy", "labels": "labels.npy"},
    ):
        network = make_network([1, 28, 28], fc, dataset=dataset)
        assert len(open_dataset(network)) == 3


@pytest.mark.parametrize(
    ("dataset", "message"),
    [
        (
            {"format": "npy", "images": "a.npz"},
            "got a.npz with format npy; expected format: npz",
        ),
        (
            {"format": "png", "images": "a.npy"},
            "got a.npy with format png; expected format: npy",
        ),
        (
            {"format": "npy", "images": "folder"},
            "got folder with format npy; expected a name that ends in .npy",
        ),
        (
            {"format": "png", "images": "folder", "labels": "b"},
            "got b; expected none, as the names of folders are the classes",
        ),
        ({"format": "pgn", "images": "folder"}, "dataset.format: got 'pgn'; expected 'idx'"),
    ],
)
def test_a_network_file_that_does_not_fit_its_data_set(make_network, dataset, message):
    with pytest.raises(InputError, match=message):
        make_network([1, 28, 28], {"op": "fc", "out": 10}, dataset=dataset)


def _other(name, image, **options):
    def write():
        write_pngs("digits")
        Image.fromarray(image).save(f"digits/7/{name}", **options)

    return write


def _text(name, text):
    def write():
        write_pngs("digits")
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_text(text)

    return write


@pytest.mark.parametrize(
    ("write", "message"),
    [
        (
            _other("9.png", np.zeros((28, 27), np.uint8)),
            r"^digits/7/9.png: 1 x 28 x 27; expected 1 x 28 x 28, as digits/0/1.png$",
        ),
        (
            _other("9.png", np.zeros((28, 28, 4), np.uint8)),
            r"^digits/7/9.png: an image of mode RGBA; expected grey or RGB of 8 bits, without "
            r"transparency$",
        ),
        (_text("digits/7/9.png", "none"), r"^digits/7/9.png: not a readable PNG file: it begins"),
        (
            _text("digits/7/notes.txt", ""),
            r"^digits/7/notes.txt: expected PNG files alone in a folder of images$",
        ),
        (
            _text("digits/a.png", ""),
            r"^digits/a.png: lies beside folders of classes; expected either files or folders$",
        ),
        (
            _text("digits/seven/a.png", ""),
            r"^digits/seven: expected the number of a class, 0 to 255, as the name of a folder of "
            r"images$",
        ),
        (_text("digits/256/a.png", ""), r"^digits/256: expected the number of a class, 0 to 255"),
        (
            lambda: (write_pngs("digits"), Path("digits/8").mkdir()),
            r"^digits/8: no PNG file in it$",
        ),
    ],
)
def test_a_folder_that_is_no_data_set(write, message):
    write()
    with pytest.raises(InputError, match=message):
        load("digits")


def test_a_png_file_that_is_cut_off():
    write_pngs("digits")
    data = Path("digits/7/2.png").read_bytes()
    Path("digits/7/2.png").write_bytes(data[: len(data) // 2])
    with pytest.raises(InputError, match=r"^digits/7/2.png: not a readable PNG file: "):
        load("digits")
    Path("digits/7/2.png").write_bytes(data[:40])
    with pytest.raises(InputError, match=r"2.png: .*PNG file: its header is cut or damaged$"):
        load("digits")


@pytest.mark.parametrize(
    ("write", "message"),
    [
        (
            lambda: np.save("images.npy", IMAGES / 255),
            r"^images.npy: the array is float64 of shape \(3, 28, 28\); expected unsigned bytes "
            r"\(uint8\) of shape .*; pixels from 0 to 1 times 255, rounded, are such$",
        ),
        (
            lambda: np.save("images.npy", IMAGES[0]),
            r"^images.npy: the array is uint8 of shape \(28, 28\); expected unsigned bytes",
        ),
        (
            lambda: Path("images.npy").write_bytes(b"PK"),
            r"^images.npy: not a readable npy file: it begins with 50 4b, expected 93 4e 55",
        ),
        (
            lambda: (
                np.save("images.npy", IMAGES),
                Path("images.npy").write_bytes(Path("images.npy").read_bytes()[:-1]),
            ),
            r"^images.npy: not a readable npy file: it says uint8 of shape \(3, 28, 28\), and has "
            r"2351 bytes$",
        ),
        (
            lambda: (np.save("images.npy", IMAGES), np.save("labels.npy", np.ones(3))),
            r"^labels.npy: the array is float64 of shape \(3,\); expected integers of shape",
        ),
        (
            lambda: (np.save("images.npy", IMAGES), np.save("labels.npy", [1, 2])),
            r"^labels.npy: 2 labels, images.npy has 3 images$",
        ),
        (
            lambda: (np.save("images.npy", IMAGES), np.save("labels.npy", [1, 2, -1])),
            r"^labels.npy: label -1 of image 2: expected 0 to 255$",
        ),
        (lambda: None, r"^--dataset images.npy: no such file$"),
    ],
)
def test_an_npy_file_that_is_no_data_set(write, message):
    write()
    with pytest.raises(InputError, match=message):
        load("images.npy")


def test_objects_in_an_npy_file_are_refused_and_not_unpickled():
    np.save("images.npy", np.array([{}], object), allow_pickle=True)
    with pytest.raises(InputError, match=r"^images.npy: the array is object"):
        load("images.npy")


def test_a_data_set_that_is_not_there(make_network):
    network = make_network([1, 28, 28], {"op": "fc", "out": 10},
                           dataset={"format": "png", "images": "digits"})  # fmt: skip
    with pytest.raises(InputError, match=r"^test.yaml: dataset: digits: no such file$"):
        open_dataset(network)
    Path("empty").mkdir()
    with pytest.raises(InputError, match=r".gz in it, no batches of CIFAR-10 and no PNG files$"):
        load("empty")


def test_the_hash_of_a_folder_follows_names_and_contents():
    write_pngs("digits")
    first = sha256(Path("digits"))
    Path("digits/.hidden").write_text("")
    assert sha256(Path("digits")) == first
    Path("digits/7/2.png").rename("digits/7/3.png")
    assert sha256(Path("digits")) != first
    Path("digits/7/3.png").rename("digits/7/2.png")
    assert sha256(Path("digits")) == first
    Image.fromarray(IMAGES[0]).save("digits/7/2.png")
    assert sha256(Path("digits")) != first
    Path("digits/7/loop").symlink_to("..")
    with pytest.raises(InputError, match=r"^digits/7/loop: is a folder; expected a regular file$"):
        sha256(Path("digits"))


def test_a_dangling_link_is_named_by_its_own_name():
    write_pngs("digits")
    Path("digits/7/9.png").symlink_to("nowhere.png")
    with pytest.raises(InputError, match=r"^digits/7/9.png: "):
        read_dataset(Path("digits"))


@pytest.mark.parametrize("dataset", ["digits", "images.npy"])
def test_a_run_is_replayed_with_its_images(command, dataset):
    write_pngs("digits")
    np.save("images.npy", IMAGES)
    code, out, err = command("run", "--dataset", dataset, "--images", 3, "--outdir", "out")
    assert (code, err) == (0, "")
    assert ("label     0 7 7" in out) == (dataset == "digits")
    assert command("replay", "out")[0] == 0
    if dataset == "digits":
        Path("digits/7/2.png").unlink()
        _, out, _ = command("replay", "out")
        assert "Values were not replayed, only schedule and energy: the images file changed" in out


def test_validate_says_what_a_data_set_is(command):
    write_pngs("digits")
    np.save("images.npy", IMAGES)
    np.save("labels.npy", LABELS)
    for path, about in (
        ("digits", "data set: 3 images of 1 x 28 x 28, 3 labels"),
        ("images.npy", "data set: 3 images of 1 x 28 x 28, no labels"),
        ("labels.npy", "3 labels"),
    ):
        assert command("validate", path)[1] == f"{path}: {about}\n"
    Path("digits/7/0.png").write_text("")
    code, _, err = command("validate", "digits")
    assert (code, err) == (
        2,
        "error: digits/7/0.png: not a readable PNG file: it begins with nothing, expected 89 50 4e "
        "47 0d 0a 1a 0a\n",
    )
