// Numbers with their units, as the page shows them. Times are in ps, energies in aJ, powers in mW.

const TIMES = [
  ["s", 1e12],
  ["ms", 1e9],
  ["us", 1e6],
  ["ns", 1e3],
  ["ps", 1],
];
const ENERGIES = [
  ["J", 1e18],
  ["mJ", 1e15],
  ["uJ", 1e12],
  ["nJ", 1e9],
  ["pJ", 1e6],
  ["fJ", 1e3],
  ["aJ", 1],
];
const POWERS = [
  ["W", 1e3],
  ["mW", 1],
  ["uW", 1e-3],
  ["nW", 1e-6],
];
const ALL_DIGITS = 15; // of a whole number of ps or aJ, whatever the unit

function scaled(value, units, digits) {
  const size = Math.abs(value);
  const [unit, scale] = units.find(([, scale]) => size >= scale) ?? units.at(-1);
  return `${Number((value / scale).toPrecision(digits))} ${unit}`;
}

function timeText(ps) {
  return ps === 0 ? "0 ns" : scaled(ps, TIMES, ALL_DIGITS);
}

// Returns the time rounded to a power of ten that is no more than a step: of a pixel, say.
function roundTime(ps, step) {
  const quantum = Math.max(1, 10 ** Math.floor(Math.log10(step)));
  return Math.round(ps / quantum) * quantum;
}

function energyText(aJ, digits = 4) {
  return scaled(aJ, ENERGIES, digits);
}

function powerText(mW) {
  return scaled(mW, POWERS, 4);
}

function shareText(share) {
  return `${Number((100 * share).toPrecision(3))} %`;
}

function cyclesText(ps, period) {
  const number = Number((ps / period).toPrecision(6));
  return `${countText(number)} cycle${number === 1 ? "" : "s"}`;
}
