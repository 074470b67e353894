"""Streams as a user meets them: explain load, diff, replay, compile of tenants, fast-forward."""

import json
import shutil

import pytest

import accelsim
from accelsim.arrivals import ArrivalFile, Names
from accelsim.network import load_tenants

NET = (
    "name: net\ninput: [1, 4, 4]\nlayers:\n- {name: c, op: conv, out: 1, kernel: 3}\n"
    "- {name: r, op: relu}\n"
)
TENANTS = (
    "tenants:\n- {name: cam, workload: net.yaml, priority: 1}\n"
    "- {name: mic, workload: net.yaml, priority: 2}\n"
)
# An image takes 12 ns: cam's 0 runs to 12, mic's 2 and 3 to 36, cam's 1 to 48, and 4 long after.
STREAM = "time_ns,tenant\n0,cam\n1,cam\n2,mic\n3,mic\n9000,cam\n"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Files, and runs of them: `oldest` and, by priority, `first`."""
    folder = tmp_path_factory.mktemp("streams")
    for name, text in (("net.yaml", NET), ("two.yaml", TENANTS), ("two.csv", STREAM)):
        (folder / name).write_text(text)
    tenants = load_tenants(folder / "two.yaml")
    stream = ArrivalFile(folder / "two.csv", Names(("cam", "mic"), ("net", "net"))).arrivals()
    for name, policy in (("oldest", "oldest"), ("first", "priority")):
        machine = accelsim.load_machine("irmen", {"sequencer.arbitration": policy})
        accelsim.simulate(machine, tenants, stream, outdir=folder / name)
    return folder


@pytest.fixture
def files(command, monkeypatch, tmp_path, made):
    monkeypatch.setenv("COLUMNS", "80")
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)

    def run(*options):
        code, out, err = command("run", "-w", "two.yaml", "--arrivals", "two.csv", *options)
        assert (code, err) == (0, "")
        return out

    return run


def narrow(text):
    assert max(len(line.rstrip()) for line in text.splitlines()) <= 80
    return " ".join(text.split())


def test_why_the_slowest_are_slow(command, files):
    code, out, _ = command("explain", "first", "load")
    assert code == 0
    text = narrow(out)
    for expected in (
        "Why 99 % of 5 images take 47 ns at most in the system",
        "where waits for image 1 1 slowest, mean all, mean",
        "queue a free context 35 ns 35 ns 13.2 ns",  # 35, 10 and 21 of 5
        "in flight its own steps 12 ns 12 ns 12 ns",
        "time in system 47 ns 47 ns 25.2 ns",
        "Image 1, the first at it, came at 1 ns and waited behind 3 images in turn, of which 2 "
        "came later: 3, 2, 0.",
        "Its burst: 4 images, 0 to 3, came in 3 ns (1 Gimages/s; whole stream 444 kimages/s); the "
        "machine took 48 ns for them (83.3 Mimages/s).",
        "At or above it: image 1.",
        "mic: 99 % of 2 images take 33 ns at most in the system; it spends 21 ns waiting for a "
        "free context (queue), 12 ns in its own steps. Image 3, the first at it",
    ):
        assert expected in text, expected
    text = narrow(command("explain", "first")[1])
    assert "99 % of 5 images take 47 ns at most" in text
    assert "what else they waited for: accelsim explain RUN load" in text
    tree = json.loads(command("explain", "first", "load", "--json")[1])["load"]
    assert (tree["image"], tree["behind"], tree["overtook"]) == (1, [3, 2, 0], 2)
    assert tree["waits"] == [
        {"where": "queue", "reason": "no free context", "image_ps": 35_000, "tail_ps": 35_000,
         "all_ps": 66_000},
    ]  # fmt: skip
    assert tree["own_steps_ps"] == {"image": 12_000, "tail": 12_000, "all": 60_000}
    assert tree["tenants"]["cam"]["burst"]["images"] == 4


def test_a_percentile_that_the_records_do_not_have_is_damage(command, files, tmp_path):
    stats = json.loads((tmp_path / "first" / "stats.json").read_text())
    stats["load"]["time_in_system_p99"]["value"] = 46_000
    (tmp_path / "first" / "stats.json").write_text(json.dumps(stats))
    manifest = json.loads((tmp_path / "first" / "manifest.json").read_text())
    digest = accelsim.files.sha256(tmp_path / "first" / "stats.json")
    manifest["files"]["stats.json"]["sha256"] = digest
    (tmp_path / "first" / "manifest.json").write_text(json.dumps(manifest))
    code, _, err = command("explain", "first", "load")
    assert code == 2
    assert " ".join(err.split()) == (
        "error: first: damaged: its files do not agree: by its records 99 % of the images take "
        "47000 ps at most, by stats.json 46000 ps"
    )


def test_only_a_stream_has_a_load(command, files):
    command("run", "-w", "net.yaml", "--images", "2", "--outdir", "batch")
    code, out, err = command("explain", "batch", "load")
    assert (code, out) == (2, "")
    assert " ".join(err.split()) == (
        "error: load: the images of batch all came at one time; expected a run of a stream "
        "(--arrivals FILE)"
    )
    assert command("explain", "batch", "load", "--image", "1")[0] == 2
    assert "load" not in json.loads(command("explain", "batch", "--json")[1])


def test_a_diff_says_first_what_moved(command, files):
    code, out, _ = command("diff", "oldest", "first")
    assert code == 3
    narrow(out[: out.index("They differ")])
    text = " ".join(out.split())
    # Oldest first: 12, 23, 34, 45 and 12 ns; by priority 12, 47, 22, 33 and 12.
    for expected in (
        "time in system, max 45 ns 47 ns +2 ns +4.44 %",
        "tenant cam", "time in system, mean 15.67 ns 23.67 ns +8 ns +51.1 %",
        "tenant mic", "time in system, mean 39.5 ns 27.5 ns -12 ns -30.4 %",
        "overtaken images 0 1 +1",
    ):  # fmt: skip
        assert expected in text, expected
    assert text.index("What moved") < text.index("They differ") < text.index("What changed")
    tree = json.loads(command("diff", "oldest", "first", "--json")[1])
    assert tree["streams"]["tenant_mic"]["time_in_system_max"] == {
        "a": 45_000, "b": 33_000, "unit": "ps",
    }  # fmt: skip
    # Layers of one name are told apart: three images of cam, two of mic.
    layers = tree["figures"]["energy_by_layer"]
    assert list(layers)[:-1] == [
        f"{name}: {layer}" for name in ("cam", "mic") for layer in ("input", "c", "r", "output")
    ]
    assert layers["cam: r"]["a"] * 2 == layers["mic: r"]["a"] * 3
    assert "2 conv of cam: c" in tree["figures"]["energy_by_step"]
    assert command("diff", "first", "first")[0] == 0


def test_runs_without_records_are_compared_by_their_figures(command, files):
    files("--outdir", "a", "--trace", "none")
    options = ("--set", "sequencer.arbitration=priority")
    files("--outdir", "b", "--trace", "none", *options)
    code, out, _ = command("diff", "a", "b")
    assert code == 3
    assert "time in system, max 45 ns 47 ns +2 ns" in narrow(out)
    assert "They differ, by their figures: neither keeps records (--trace none)" in out
    code, out, _ = command("diff", "a", "a")
    assert code == 0
    assert "The same, by their figures" in out
    code, _, err = command("diff", "a", "oldest")
    assert code == 2
    assert "a keeps the records of none, oldest those of all; expected runs that keep" in err
    # A batch has no figures under load, so that its records are missed.
    command("run", "-w", "net.yaml", "--images", "2", "--trace", "none", "--outdir", "c")
    code, _, err = command("diff", "c", "c")
    assert code == 2
    assert "c: it keeps no trace (--trace none); expected a run with all of its records" in err


def test_images_of_other_tenants_cannot_be_aligned(command, files, tmp_path):
    (tmp_path / "two.csv").write_text(STREAM.replace("1,cam", "1,mic"))
    files("--outdir", "b")
    code, _, err = command("diff", "oldest", "b")
    assert code == 2
    assert " ".join(err.split()) == (
        "error: oldest and b cannot be aligned: image 1 is of 'cam' in the one, of 'mic' in the "
        "other; expected runs of one arrivals.parquet"
    )


def test_replayed_elsewhere_it_says_what_moved(command, files, tmp_path):
    code, out, _ = command("replay", "first", "--set", "timing.write_cycles=3", "--outdir", "b")
    assert code == 0
    text = narrow(out[out.index("What moved") :])
    assert (
        "time in system, max 47 ns 63 ns +34 %" in text
    )  # four steps more of one cycle, four times
    name = "arrivals.parquet"
    assert (tmp_path / "first" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), "none, event by event: several tenants or priorities"),
        (("--no-fast-forward",), "none, event by event: --no-fast-forward"),
    ],
)
def test_a_stream_that_runs_event_by_event_says_why(files, options, said):
    assert f"Fast-forward {said}" in narrow(files(*options))


def test_images_that_were_skipped_are_counted(command, files, tmp_path):
    command("workload", "periodic", "--rate", "20 MHz", "--images", "50", "-o", "p.csv")
    out = narrow(command("run", "-w", "net.yaml", "--arrivals", "p.csv")[1])
    assert "of 50 images repeat others, and were skipped: exact" in out
    (tmp_path / "p.csv").write_text("time_ns\n0\n1\n5\n")
    out = narrow(command("run", "-w", "net.yaml", "--arrivals", "p.csv")[1])
    assert "Fast-forward none, event by event: nothing repeats often enough" in out


def test_tenants_are_compiled_together(command, files):
    options = ("--set", "sequencer.contexts=3", "--set", "banks.planes=6")
    code, out, _ = command("compile", "-w", "two.yaml", *options)
    assert code == 0
    text = narrow(out)
    assert "cam: micro-program of 'net' on 'irmen': 4 steps of 3 cycles" in text
    assert "mic: micro-program of 'net' on 'irmen'" in text
    # A plane of each circuit for each context.
    assert "context images of planes from" in text
    assert "2 cam, mic a2, b2" in text
    alone = ("--tenant", "cam=net.yaml,contexts=1", "--tenant", "mic=net.yaml", "--json")
    tree = json.loads(command("compile", *alone, *options)[1])
    assert tree["names"] == ["cam", "mic"]
    assert tree["contexts"] == [1, 0]


def test_other_commands_take_one_network(command, files):
    code, out, err = command("compare", "irmen", "charge", "-w", "two.yaml")
    assert (code, out) == (2, "")
    assert " ".join(err.split()) == (
        "error: two.yaml: a file of tenants; expected one network: accelsim run and compile take "
        "tenants, other commands each of their networks"
    )
