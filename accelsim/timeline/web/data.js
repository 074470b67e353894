// What the page holds: bars of records and steps in columns, images, and the load of the run.

const MOST_CAUSES = 8;

// Returns the place of the first of sorted values that is above a value.
function upper(values, value) {
  let [low, high] = [0, values.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle] <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}

// An amount in each bin, spread evenly over it: exact sums between any two times.
class Series {
  constructor(edges, amount) {
    this.edges = edges;
    this.sums = new Float64Array(edges.length);
    for (let i = 0; i + 1 < edges.length; i++) this.sums[i + 1] = this.sums[i] + amount(i);
  }

  between(from, to) {
    return this.before(to) - this.before(from);
  }

  before(time) {
    return this.at(...placeIn(this.edges, time));
  }

  // Returns the sum up to a share of a bin.
  at(bin, share) {
    return this.sums[bin] + (this.sums[bin + 1] - this.sums[bin]) * share;
  }
}

// Returns the bin that a time is in, and how much of it is before.
function placeIn(edges, time) {
  const bin = Math.min(Math.max(upper(edges, time) - 1, 0), edges.length - 2);
  const share = (time - edges[bin]) / (edges[bin + 1] - edges[bin]);
  return [bin, Math.min(Math.max(share, 0), 1)];
}

// Where the edges of pixels of a view are among the bins, found once for all series.
class Pixels {
  constructor(edges, view) {
    this.time = view.pixel;
    this.bins = new Int32Array(view.width + 1);
    this.shares = new Float64Array(view.width + 1);
    for (let x = 0; x <= view.width; x++)
      [this.bins[x], this.shares[x]] = placeIn(edges, view.from + x * view.pixel);
  }

  // Returns the sum of a series up to a pixel.
  before(series, x) {
    return series.at(this.bins[x], this.shares[x]);
  }
}

class RunData {
  constructor(page, buffer) {
    Object.assign(this, page);
    this.columns = page.columns;
    this.buffer = buffer;
    this.bars = this.group("bars");
    this.count = this.bars.start.length;
    this.images = this.group("images");
    this.readLoad(this.group("load"));
    this.arrival = this.names.kind.indexOf("arrival");
    this.step = this.names.kind.indexOf("step");
  }

  group(prefix) {
    const found = {};
    for (const [name, [type, place, length]] of Object.entries(this.columns)) {
      const [group, column] = name.split(".");
      if (group === prefix) found[column] = new ARRAYS[type](this.buffer, place, length);
    }
    return found;
  }

  readLoad(load) {
    const {edges} = load;
    const ofAmounts = (values) => new Series(edges, (i) => values[i]);
    const ofMeans = (values) => new Series(edges, (i) => values[i] * (edges[i + 1] - edges[i]));
    const maybe = (values) => (values == null ? null : ofMeans(values));
    this.edges = edges;
    this.peaks = load.peak;
    const amounts = this.energies.map((_, n) => load[`energy${n}`]);
    this.energySeries = amounts.map(ofAmounts);
    this.energy = new Series(edges, (i) => amounts.reduce((sum, values) => sum + values[i], 0));
    this.rowSeries = this.rows.map((_, n) => maybe(load[`row${n}`]));
    this.useSeries = this.uses.map((_, n) => ofMeans(load[`use${n}`]));
    this.queue = maybe(load.queue);
  }

  // Returns the mean power of a span, and the highest that a cycle in it has: the one owner of both.
  power(from, to) {
    const mean = this.energy.between(from, to) / (to - from) / 1e3;
    const {edges, peaks} = this;
    let i = Math.min(Math.max(upper(edges, from) - 1, 0), peaks.length - 1);
    let peak = peaks[i];
    while (++i < peaks.length && edges[i] < to) peak = Math.max(peak, peaks[i]);
    return {mean, peak: Math.max(peak, mean)};
  }

  // Returns the groups of components that took energy in a span, largest first.
  energyBy(from, to) {
    const total = this.energy.between(from, to);
    return this.energySeries
      .map((series, n) => ({...this.energies[n], energy: series.between(from, to)}))
      .filter(({energy}) => energy > 1e-9 * total)
      .sort((one, other) => other.energy - one.energy)
      .map((part) => ({...part, share: part.energy / total}));
  }

  isRecord(i) {
    return this.bars.kind[i] !== this.step && this.bars.kind[i] !== this.arrival;
  }

  // Returns the bar of a record, or -1 if the page has none.
  barOf(id) {
    this.byId ??= new Map(this.records().map((i) => [this.bars.id[i], i]));
    return this.byId.get(id) ?? -1;
  }

  records() {
    const found = [];
    for (let i = 0; i < this.count; i++) if (this.isRecord(i)) found.push(i);
    return found;
  }

  // Returns the records of the step that a bar stands for; of another bar, the bar alone.
  partsOf(bar) {
    if (this.bars.kind[bar] !== this.step) return [bar];
    this.byStep ??= groupBy(this.records(), (i) => this.stepKey(i));
    return this.byStep.get(this.stepKey(bar)) ?? [];
  }

  stepKey(i) {
    return `${this.bars.image[i]} ${this.bars.step[i]}`;
  }

  // Returns what a bar waited for or followed, what that did, and so on until another step of an
  // image: bars from the nearest. Records that the page has no bar for end it.
  causes(bar) {
    const found = [];
    let now = bar;
    while (this.bars.kind[now] !== this.arrival && found.length < MOST_CAUSES) {
      now = this.barOf(this.bars.cause_id[now]);
      if (now < 0 || found.includes(now)) break;
      found.push(now);
      if (this.stepKey(now) !== this.stepKey(bar)) break;
    }
    return found;
  }

  // Returns the records that waited for, or followed, a bar; of a step, those of other steps.
  followers(bar) {
    this.byCause ??= groupBy(this.records(), (i) => this.bars.cause_id[i]);
    if (this.bars.kind[bar] === this.arrival) return [];
    const parts = this.partsOf(bar);
    const own = new Set(parts);
    const found = parts.flatMap((i) => this.byCause.get(this.bars.id[i]) ?? []);
    return found.filter((i) => !own.has(i)).sort((a, b) => this.bars.id[a] - this.bars.id[b]);
  }
}

function groupBy(items, key) {
  const groups = new Map();
  for (const item of items) {
    const name = key(item);
    const known = groups.get(name);
    if (known == null) groups.set(name, [item]);
    else known.push(item);
  }
  return groups;
}
