"""Templates of the same rows: kept once, each with its own step, place and causes."""

from accelsim.records import columns
from accelsim.records.recorder import Cause, Recorder
from accelsim.records.templates import ISSUE_ROW, Owner, Row, RowTemplate


class Kept:
    def __init__(self):
        self.rows = []

    def write(self, records: columns.Records):
        texts = records.vocabulary.texts
        self.rows += [
            (
                int(records.id[n]), texts[records.component[n]], texts[records.layer[n]],
                int(records.step[n]), int(records.t_start_ps[n]), int(records.cause_id[n]),
                int(records.actions["cell_write"][n]),
            )
            for n in range(len(records))
        ]  # fmt: skip

    def close(self):
        pass


def test_templates_share_rows_and_differ_in_step_layer_and_place():
    kept = Kept()
    recorder = Recorder([kept])
    write = Row("write", "plane", {"cell_write": 7}, "issue", ISSUE_ROW, -1000, ends_at_start=True)
    rows = recorder.share([write, Row("settle", "plane", {}, "write", 1)])
    issue = recorder.template(RowTemplate((Row("issue", "sequencer", {}),)))
    one = recorder.shared(rows, Owner("conv", "conv1", 1), 1)
    two = recorder.shared(rows, Owner("relu", "relu1", 2), 1)
    assert len(recorder._expander.templates.tables().counts) == 3
    for template, first, start in ((one, 0, 1000), (two, 3, 5000)):
        recorder.begin(3)
        recorder.report(issue, first, (start - 1000, start), Cause("arrival"))
        recorder.phase((template, first, 0, start, start + 2000))
    recorder.close()
    # A write follows its issue, the settling the write before it.
    assert kept.rows == [
        (0, "sequencer", "", -1, 0, -1, 0),
        (1, "plane", "conv1", 1, 0, 0, 7),
        (2, "plane", "conv1", 1, 1000, 1, 0),
        (3, "sequencer", "", -1, 4000, -1, 0),
        (4, "plane", "relu1", 2, 4000, 3, 7),
        (5, "plane", "relu1", 2, 5000, 4, 0),
    ]
