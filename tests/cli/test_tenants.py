"""`accelsim run` of tenants: what is printed, kept, and refused."""

import json

ARRIVALS = "time_ns,tenant,priority\n0,cam,\n0,eye,\n5,cam,9\n10,eye,\n"


def test_two_tenants(command, tmp_path, monkeypatch):
    (tmp_path / "two.csv").write_text(ARRIVALS)
    options = ("--tenant", "cam=mnist,priority=1", "--tenant", "eye=mnist,priority=2")
    code, out, err = command(
        "run", *options, "--arrivals", "two.csv", "--set", "sequencer.arbitration=priority",
        "--outdir", "out",
    )  # fmt: skip
    assert (code, err) == (0, "")
    assert "cam=mnist, eye=mnist on it, 4 images" in out
    assert "Arbitration: priority (the highest priority first; a lower one may starve" in out
    table = out[out.index("Tenants") : out.index("Under load")]
    rows = {line[:22].strip(): line[22:].split() for line in table.splitlines()}
    # One context: eye's image 1 first, cam's 2 of priority 9 before eye's 3, and 0 at the end.
    assert rows["time in system, max"] == ["168", "ns", "116", "ns", "168", "ns"]
    assert rows["overtaken images"] == ["1,", "by", "up", "to", "3", "0"]
    assert rows["images"] == ["2", "2", "4"]
    assert rows["accuracy"] == ["100.00", "%", "100.00", "%"]
    assert "Schedule of image 0, cam" in out
    assert "Schedule of image 1, eye" in out
    stats = json.loads((tmp_path / "out" / "stats.json").read_text())
    assert stats["tenants"]["cam"]["load"]["overtaken_max"] == {"value": 3, "unit": "images"}
    assert stats["energy"]["by_tenant"]["eye"]["value"] == 2 * 99_722_000
    code, out, _ = command("replay", "out")
    assert (code, out.count("same bytes")) == (0, 6)
    code, out, _ = command("explain", "out", "--image", "3")
    assert code == 0
    assert "image 3 of 0 to 3, of eye" in out
    assert "mean of eye's, without it, 99.7220 pJ" in " ".join(out.split())
    code, out, _ = command("explain", "out", "stalls")
    assert code == 0


def refused(command, *arguments):
    code, out, err = command("run", *arguments)
    assert (code, out) == (2, "")
    return " ".join(err.split())


def test_what_is_refused(command, tmp_path):
    (tmp_path / "two.csv").write_text(ARRIVALS)
    cam, eye = ("--tenant", "cam=mnist"), ("--tenant", "eye=mnist")
    assert refused(command, *cam, *eye) == (
        "error: tenants cam, eye: expected --arrivals FILE with a column 'tenant', which says "
        "whose each image is"
    )
    assert refused(command, *cam, "--arrivals", "two.csv") == (
        "error: two.csv:3: unknown tenant 'eye': expected cam"
    )
    assert refused(command, "--arrivals", "two.csv") == (
        "error: two.csv:1: column 'tenant': the run has one network, 'mnist'; expected --tenant "
        "NAME=WORKLOAD for each"
    )
    assert refused(command, *cam, "--workload", "fashion", "--arrivals", "two.csv") == (
        "error: --workload fashion: --tenant says what runs; leave one out"
    )
    assert refused(command, *cam, "--dataset", "somewhere", "--arrivals", "two.csv") == (
        "error: --dataset somewhere: the run has tenants; expected it with one of them: "
        "NAME=WORKLOAD,dataset=PATH"
    )
    assert refused(command, "--set", "sequencer.arbitration=oldset").endswith(
        "sequencer.arbitration: got 'oldset'; expected 'oldest', 'priority' or 'fair'; did you "
        "mean 'oldest'?"
    )
    five = ("--set", "sequencer.contexts=3")
    own = ("--tenant", "cam=mnist,contexts=2", *eye, *five, "--arrivals", "two.csv")
    assert "3 contexts need 6 planes in a bank of circuit A" in refused(command, *own)
    assert not (tmp_path / "runs").exists()


def test_a_file_of_tenants(command, tmp_path):
    (tmp_path / "two.csv").write_text("time_ns,network\n0,mnist\n0,fashion\n")
    (tmp_path / "pair.yaml").write_text(
        "tenants:\n  - {name: cam, workload: mnist}\n  - {name: mic, workload: fashion}\n"
    )
    code, out, err = command("run", "-w", "pair.yaml", "--arrivals", "two.csv", "--outdir", "out")
    assert (code, err) == (0, "")
    assert "cam=mnist, mic=fashion on it, 2 images" in out
    assert "mic: No values: network 'fashion' names no dataset" in " ".join(out.split())
    code, out, _ = command("validate", "pair.yaml", "out")
    assert code == 0
    assert "pair.yaml: file of 2 tenants: cam=mnist, mic=fashion" in out


def test_files_of_tenants_are_merged(command, tmp_path):
    (tmp_path / "a.csv").write_text("time_ns,deadline_ns\n0,50\n7,50\n")
    (tmp_path / "b.csv").write_text("time_us\n0\n0.005\n")
    code, out, _ = command("workload", "merge", "cam=a.csv", "mic=b.csv", "-o", "both.csv")
    assert code == 0
    assert "merged, images of cam 2, mic 2" in out
    rows = (tmp_path / "both.csv").read_text().splitlines()[1:]
    assert rows == [
        "time_ps,deadline_ps,tenant", "0,50000,cam", "0,,mic", "5000,,mic", "7000,50000,cam"
    ]  # fmt: skip
    (tmp_path / "c.csv").write_text("time_ns,image\n0,3\n")
    for streams, message in (
        (("cam",), "error: cam: expected NAME=FILE, such as cam=cam.csv"),
        (("cam=a.csv", "cam=b.csv"), "error: cam=b.csv: the name 'cam' is taken: another file"),
        (("x=both.csv",), "error: both.csv: has a column 'tenant' already"),
        (("a=a.csv", "c=c.csv"), "error: tenant 'a': its arrivals have no column 'image', others"),
    ):
        code, out, err = command("workload", "merge", *streams, "-o", "out.csv")
        assert (code, out) == (2, "")
        assert err.startswith(message)
    assert not (tmp_path / "out.csv").exists()
