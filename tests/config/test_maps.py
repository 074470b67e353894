"""What maps in the SRAM need of a machine file, and what cannot stand beside them."""

import pytest

from accelsim.config import Codes, load_machine
from accelsim.errors import InputError

FAILURE = "- {kind: power_failure, at: 1 us, duration: 1 us}"
ADC = "adc: {count: 1, bits: 4, conversion_time: 1 ns, step_energy: 1 fJ}"
DIGITAL = (
    "digital: {clock: 1 GHz, macs: 1, bits: 8, alus: 1, mac: 1 fJ, op: 1 fJ, leakage: 0 aJ, "
    "sram: {size: 999, word: 8, read: 1 fJ, write: 1 fJ, leakage: 0 aJ}}"
)


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["extends: irmen", "maps: {memory: sram}", "converters: null"],
         "converters: missing section 'converters'; maps.memory is sram "
         "(configs/mixed_signal.yaml shows one)"),
        (["extends: irmen", "maps: {memory: sram}", DIGITAL, f"converters: {{{ADC}, dac: null}}"],
         "converters.dac: missing section 'dac'; maps.memory is sram"),
        (["extends: mixed_signal", "maps: {memory: analog, digital: relu}"],
         "maps.digital: got 'relu' with maps.memory analog; expected maps.memory sram: the digital "
         "engine works on codes in the SRAM"),
        (["extends: mixed_signal", "host: {spill: {cycles: 5, cell: 2 pJ}}"],
         "host.spill: maps.memory is sram; expected no such section: maps that find no plane go to "
         "the SRAM"),
        (["extends: mixed_signal", "power: {policy: off_after}"],
         "power.policy: got off_after with maps.memory sram; expected always_on: what the SRAM and "
         "the digital engine cost and lose in a power state is not modelled"),
        (["extends: mixed_signal", "faults:", "  events:",
          "  - {kind: late_settle, rate: 1 MHz, cycles: 1}", f"  {FAILURE}"],
         "faults.events[1].kind: got 'power_failure' with maps.memory sram; expected another: what "
         "the SRAM loses without a supply is not modelled"),
        (["extends: mixed_signal", "maps: {digital: relo}"],
         "maps.digital: got 'relo'; expected none, or relu, pool, or both: 'relu, pool'; did you "
         "mean 'relu'?"),
        (["extends: mixed_signal", "maps: {memory: srom}"],
         "maps.memory: got 'srom'; expected 'analog' or 'sram'; did you mean 'sram'?"),
        (["extends: mixed_signal", "converters: {adc: {count: 0}}"],
         "converters.adc.count: got 0; expected a whole number of converters from 1 to 1048576"),
    ],
)  # fmt: skip
def test_refusals_name_the_key(tmp_path, lines, message):
    path = tmp_path / "mine.yaml"
    path.write_text("\n".join(lines) + "\n")
    with pytest.raises(InputError) as caught:
        load_machine(path)
    assert any(line.endswith(message) for line in str(caught.value).splitlines()), caught.value


def test_room_in_the_sram():
    # 49 codes of 4 bits: 196 bits, 4 words of 64; a plane of 8 lanes is 8 x 4 x 8 bytes.
    codes = Codes(bits=4, word_bits=64, cells=49, lanes=8, size=1000)
    assert (codes.words(49), codes.plane_bytes, codes.planes) == (4, 256, 3)
    machine = load_machine("mixed_signal")
    assert machine.codes == Codes(4, 64, 784, 8, 262_144)
    # 784 x 4 bits are 49 words; 83 of 8 x 49 x 8 bytes.
    assert machine.sram_planes == machine.topology.sram_planes == 262_144 // 3_136 == 83
    assert load_machine("mixed_signal_8bit").sram_planes == 41
    assert load_machine("charge").codes is None


def test_the_second_design_point_has_twice_the_bits():
    four, eight = load_machine("mixed_signal"), load_machine("mixed_signal_8bit")
    prices = [each.prices_aJ["adc_conversion"] for each in (four, eight)]
    assert prices == [50_000 * 16, 50_000 * 256]
    assert eight.converters.adc.count == four.converters.adc.count
