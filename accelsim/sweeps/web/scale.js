// From values of a column to a share of an axis and back, and where its ticks are.

const PAD = 0.04; // of an axis, at both ends
const MOST_WORDS = 14;
const FEW = 8; // values that are ticks themselves

class Scale {
  constructor(data, column) {
    Object.assign(this, {column, log: column.log, low: Infinity, high: -Infinity});
    this.few = new Set();
    for (let i = 0; i < data.count; i++) {
      const value = data.value(column, i);
      if (!Number.isNaN(value) && this.few.size <= FEW) this.few.add(value);
      if (value < this.low) this.low = value;
      if (value > this.high) this.high = value;
    }
    if (!(this.low <= this.high)) [this.low, this.high] = [0, 1];
    const size = Math.max(Math.abs(this.low), Math.abs(this.high));
    this.unit = axisUnit(column, size);
    const ends = [this.flat(this.low), this.flat(this.high)];
    const room = ends[1] > ends[0] ? PAD * (ends[1] - ends[0]) : Math.abs(ends[0]) / 10 || 1;
    [this.from, this.to] = [ends[0] - room, ends[1] + room];
  }

  get name() {
    const {unit} = this.unit;
    return unit === "" ? this.column.label : `${this.column.label}, ${unit}`;
  }

  flat(value) {
    return this.log ? Math.log10(value) : value;
  }

  share(value) {
    return (this.flat(value) - this.from) / (this.to - this.from);
  }

  value(share) {
    const flat = this.from + share * (this.to - this.from);
    return this.log ? 10 ** flat : flat;
  }

  // Returns ticks [value, text], no more than some.
  ticks(most) {
    const {column} = this;
    if (column.words != null) {
      const each = Math.ceil(column.words.length / Math.max(Math.min(most, MOST_WORDS), 1));
      return column.words.map((word, n) => [n, word]).filter(([n]) => n % each === 0);
    }
    if (this.few.size <= Math.min(FEW, most)) return this.fewTicks();
    return this.log ? this.logTicks(most) : this.linearTicks(most);
  }

  fewTicks() {
    const values = [...this.few].sort((one, other) => one - other);
    return values.map((value) => [value, general(value * this.unit.factor, 4)]);
  }

  linearTicks(most) {
    const {factor} = this.unit;
    const [from, to] = [this.from * factor, this.to * factor];
    let step = niceAbove((to - from) / Math.max(most, 1));
    if (this.column.whole && factor === 1) step = Math.max(step, 1);
    const found = [];
    for (let n = Math.ceil(from / step); n * step <= to; n++)
      found.push([(n * step) / factor, general(n * step)]);
    return found;
  }

  logTicks(most) {
    const {factor} = this.unit;
    const [from, to] = [this.from, this.to].map((flat) => flat + Math.log10(factor));
    const found = [];
    const steps = to - from > most / 2 ? [1] : to - from > most / 3 ? [1, 3] : [1, 2, 5];
    const each = Math.max(Math.ceil((to - from) / Math.max(most, 1)), 1);
    for (let power = Math.floor(from); power <= to; power++)
      for (const step of steps) {
        const flat = power + Math.log10(step);
        if (flat < from || flat > to || power % each !== 0) continue;
        found.push([10 ** (flat - Math.log10(factor)), general(Number(`${step}e${power}`))]);
      }
    return found;
  }
}
