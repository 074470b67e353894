// Numbers with their units, as `accelsim.quantities` and `accelsim.units` show them; a test holds
// these to those. Times are in ps, energies in aJ, others in SI units.

const PREFIXES = {
  a: -18,
  f: -15,
  p: -12,
  n: -9,
  u: -6,
  µ: -6,
  m: -3,
  "": 0,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
};
const NAMES = Object.fromEntries(
  Object.entries(PREFIXES)
    .filter(([name]) => name !== "µ")
    .map(([name, power]) => [power, name]),
);
const BASES = {ps: ["s", -12], aJ: ["J", -18]};
const EXAMPLES = {ps: "1 ns", aJ: "1 pJ"};
const PREFIXED = ["ps", "aJ", "W", "images/s"]; // of figures
const NO_VALUE = "-";

// Returns a value in a unit with its best prefix: 99722040, "aJ" -> "99.72 pJ".
function prefixed(value, unit, digits = 4) {
  const [symbol, base] = BASES[unit] ?? [unit, 0];
  if (value === 0) return `0 ${symbol}`;
  const scaled = value * Number(`1e${base}`);
  const [mantissa, power] = scaled
    .toExponential(digits - 1)
    .split("e")
    .map(Number);
  const third = 3 * Math.floor(power / 3);
  const number = Number((mantissa * 10 ** (power - third)).toPrecision(digits));
  if (NAMES[third] == null) return `${number}e${third} ${symbol}`;
  return `${number} ${NAMES[third]}${symbol}`;
}

// Returns a number with so many digits, as %g does.
function general(value, digits = 6) {
  if (value === 0) return "0";
  const [mantissa, exponent] = value.toExponential(digits - 1).split("e");
  const power = Number(exponent);
  if (power >= -4 && power < digits) return plain(Number(value.toPrecision(digits)));
  return `${Number(mantissa)}e${power < 0 ? "-" : "+"}${`${Math.abs(power)}`.padStart(2, "0")}`;
}

// Returns a number of no more than six places before the point, without an exponent.
function plain(value) {
  const text = `${value}`;
  return text.includes("e") ? value.toFixed(12).replace(/0+$/, "") : text;
}

function grouped(value, digits) {
  if (Math.abs(value) >= 10 ** (digits - 1)) return whole(value);
  const text = general(value, digits);
  return /^-?\d{4}/.test(text) && !text.includes("e") ? countText(Number(text)) : text;
}

// Returns a number to the nearest whole, the even one of two, with commas.
function whole(value) {
  const below = Math.floor(value);
  const even = value - below === 0.5 ? below + (Math.abs(below) % 2) : Math.round(value);
  return countText(even);
}

// Returns a value of a column as commands show it: "42 ns", "98.00 %", "-" for none.
function shownText(column, value) {
  if (!Number.isFinite(value)) return NO_VALUE;
  if (column.words != null) return column.words[value];
  if (!column.figure) {
    if (column.whole) return `${value}`;
    return column.unit === "" ? general(value) : prefixed(value, column.unit);
  }
  if (column.unit === "1") return `${(100 * value).toFixed(2)} %`;
  if (column.unit === "aJ ps") return `${grouped(value / 1e9, 5)} pJ ns`;
  if (PREFIXED.includes(column.unit)) return prefixed(value, column.unit);
  return column.whole ? countText(value) : grouped(value, 4);
}

// Returns unit and factor of numbers that go up to a size: {unit: "ns", factor: 0.001}.
function axisUnit({unit, whole: isWhole, figure}, size) {
  if (figure && unit === "1") return {unit: "%", factor: 100};
  if (unit === "aJ ps") return {unit: "pJ ns", factor: 1e-9};
  if (unit === "" || (figure && !PREFIXED.includes(unit)) || (isWhole && !(unit in BASES)))
    return {unit: figure ? unit : "", factor: 1};
  const [symbol, base] = BASES[unit] ?? [unit, 0];
  const power = size > 0 ? Math.floor(Math.log10(size) + 1e-9) + base : 0;
  const third = Math.min(Math.max(3 * Math.floor(power / 3), -18), 12);
  return {unit: `${NAMES[third]}${symbol}`, factor: 10 ** (base - third)};
}

// Returns the value of a column that a text stands for; throws an Error that says what was expected.
function readValue(column, text) {
  const found = /^([-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)\s*(.*)$/i.exec(text.trim());
  const [symbol, base] = BASES[column.unit] ?? [column.unit, 0];
  const example =
    column.unit === "1" && column.figure ? "98 %" : (EXAMPLES[column.unit] ?? `1 ${symbol}`.trim());
  const wrong = () => new Error(`${column.label}: '${text}', expected a number such as ${example}`);
  if (found == null) throw wrong();
  const [number, unit] = [Number(found[1]), found[2]];
  if (unit === "" && !(column.unit in BASES)) return number;
  if (unit === "%" && column.unit === "1") return number / 100;
  const prefix = unit.slice(0, unit.length - symbol.length);
  if (symbol === "" || !unit.endsWith(symbol) || !(prefix in PREFIXES)) throw wrong();
  return Number(`${number}e${PREFIXES[prefix] - base}`);
}
