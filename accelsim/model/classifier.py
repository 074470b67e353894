"""What is behind the handoff, in the scope of a classification: its blocks and their lines."""

from collections.abc import Callable, Iterator

from accelsim.compiler import ClassifierDesign, Program, stages_of
from accelsim.kernel import Line, Message, Simulation
from accelsim.model.classifier_adc import ClassifierAdc
from accelsim.model.classifier_engine import ClassifierEngine
from accelsim.model.classifier_unit import Unit
from accelsim.model.design import Design
from accelsim.model.host import HostSink
from accelsim.model.messages import OF_CLASSIFIER
from accelsim.model.sequencer import Sequencer
from accelsim.records.recorder import Recorder


class Classifier:
    """ADC, if the results are not codes already, and engine.

    It has images to do when the last handoff is over: `drain` goes on with them.
    """

    def __init__(
        self,
        simulation: Simulation,
        design: Design,
        classifier: ClassifierDesign,
        program: Program,
        recorder: Recorder,
    ) -> None:
        self._simulation, self._period_ps = simulation, design.period_ps
        stages = stages_of(classifier, program)
        # After power control, what faults hit, and banks. The engine first: it makes room.
        parts = design.topology
        after = 1 + 2 * len(parts.places) + len(parts.directions)
        self.engine = ClassifierEngine(simulation, recorder, stages.compute, after)
        self.adc: ClassifierAdc | None = None
        if stages.conversion is not None:
            self.adc = ClassifierAdc(simulation, recorder, [stages.conversion], after + 1)

    def blocks(self) -> Iterator[ClassifierAdc | ClassifierEngine]:
        """Give the blocks that there are."""
        if self.adc is not None:
            yield self.adc
        yield self.engine

    def connect(
        self, line: Callable[..., Line[Message]], sink: HostSink, sequencer: Sequencer
    ) -> None:
        """Join the ports: the handoff's place is free when the first unit is done with it."""
        first: Unit = self.engine if self.adc is None else self.adc
        sink.handed_off_line = line(first.inbox)
        for unit in self.blocks():
            unit.turn_line = line(unit.inbox)
        engine = self.engine.inbox
        if self.adc is None:
            self.engine.labelled_line = line(engine, sink.inbox, sequencer.inbox)
        else:
            adc = self.adc.inbox
            self.engine.labelled_line = line(engine, adc)
            self.adc.converted_line = line(adc, engine, sink.inbox, sequencer.inbox)

    def drain(self, handed_off_ps: int) -> None:
        """Do what is left when the last handoff is over, and report leakage.

        Where the CeNN part uses engine and SRAM itself, they leak for this scope from then on.
        """
        self._simulation.drain(OF_CLASSIFIER)
        since = 0 if self.adc is not None else handed_off_ps
        self.engine.close(since, self._period_ps)
