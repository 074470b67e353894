// Draws the part of the timeline that is in view. Runs when the view, the groups or the colours
// change, at most once a frame.
//
// all: every record that the page holds, in codes (names: the text of each code). bars, labels,
// ends, shade, cover: what is drawn. load: integrals of power and of shares of busy time.
const page = (window.accelsim ??= {frame: null});
if (page.frame == null) {
  page.frame = requestAnimationFrame(() => {
    page.frame = null;
    draw();
  });
}

function draw() {
  const [from, to] = [x_range.start, x_range.end];
  const places = placeRows();
  const drawn = choose(from, to, places);
  fillBars(drawn, places, from, to);
  fillEnds(from, to);
  const times = sample(from, to);
  fillShades(places, times);
  fillCurves(times);
  const {records, steps} = drawn;
  const text = drawn.shown
    ? `${count(records)} records in view, each drawn.`
    : `${count(records)} records in view: rows show the share of time that they are busy, ` +
      `from white, idle, to dark, always. Zoom in to see each record.`;
  note.text = `<b>${time(round(from))} to ${time(round(to))}.</b> ${text} ${drawn.shown ? outside(from, to) : ""}`;
  page.drawn = drawn.chosen.length;
  page.records = records;
  page.steps = steps;
}

function placeRows() {
  const on = new Set(groups.active.map((place) => groups.labels[place]));
  const places = [];
  let top = 0;
  for (const [number, row] of rows.entries()) {
    if (!on.has(row.group)) {
      places.push(null);
      continue;
    }
    if (number > 0 && top > 0 && rows[number - 1].group !== row.group) top += 0.2;
    const height = row.group === "steps" ? Math.max(1, 0.8 * row.stripes) : 1;
    places.push({top, height, each: height / row.stripes});
    top += height + 0.12;
  }
  const key = groups.active.join();
  if (page.groups !== key) {
    page.groups = key;
    showRows(places, top);
  }
  return places;
}

function showRows(places, total) {
  const shown = rows.map((row, number) => number).filter((number) => places[number] != null);
  const middle = (number) => places[number].top + places[number].height / 2;
  y_range.setv({start: total, end: -0.9});
  plot.height = Math.round(70 + 26 * (total + 0.9));
  axis.ticker.ticks = shown.map(middle);
  axis.major_label_overrides = new Map(shown.map((number) => [middle(number), rows[number].name]));
  cover.data = {
    top: shown.map((number) => places[number].top),
    bottom: shown.map((number) => places[number].top + places[number].height),
  };
}

// Returns the records in view: all of them, or the steps alone if they are too many.
function choose(from, to, places) {
  const {start, end, row, kind} = all.data;
  const chosen = [];
  const steps = [];
  const marks = [];
  let records = 0;
  for (let i = 0; i < start.length; i++) {
    if (end[i] < from || (end[i] === from && start[i] < from) || start[i] >= to) continue;
    const visible = places[row[i]] != null;
    const one = names.kind[kind[i]];
    if (one === "step" || one === "arrival") {
      if (visible) (one === "step" ? steps : marks).push(i);
      continue;
    }
    records++;
    if (visible && chosen.length <= most) chosen.push(i);
  }
  const shown = chosen.length <= most;
  covered.visible = shown;
  const drawn = shown ? chosen : [];
  const added = [steps, marks].filter((some) => some.length <= most);
  return {chosen: drawn.concat(...added), records, steps, shown};
}

function fillBars({chosen}, places, from, to) {
  const data = all.data;
  const columns = {};
  for (const name of Object.keys(bars.data)) columns[name] = new Array(chosen.length);
  const parts = new Map();
  const pixels = plot.inner_width / (to - from);
  chosen.forEach((i, n) => {
    const row = data.row[i];
    const place = places[row];
    const kind = names.kind[data.kind[i]];
    const top = place.top + place.each * data.stripe[i];
    columns.left[n] = data.start[i];
    columns.right[n] = data.end[i];
    columns.top[n] = top;
    columns.bottom[n] = top + place.each;
    look(columns, n, i, kind);
    describe(columns, n, i, kind);
    gather(parts, i, kind, row, top, top + place.each);
  });
  bars.data = columns;
  outline(parts);
  writeTexts(parts, from, to, pixels);
}

function colourOf(i) {
  const {op, layer, image} = all.data;
  const by = {op: names.op_colour[op[i]], layer: names.layer_colour[layer[i]]};
  return by[colours.value] ?? names.image_colour[image[i] % names.image_colour.length];
}

function look(columns, n, i, kind) {
  const colour = names.kind_colour[kind] || colourOf(i);
  const light = kind === "settle" || kind === "step" || kind === "clock";
  const hollow = kind === "wait" || kind === "read";
  columns.fill[n] = hollow ? "#ffffff" : colour;
  columns.alpha[n] = light ? 0.4 : 1;
  if (kind === "arrival") {
    [columns.fill[n], columns.alpha[n], columns.line[n], columns.line_width[n]] = ["#000000", 1, "#000000", 1.5];
    return;
  }
  columns.line[n] = kind === "wait" ? "#555555" : hollow || kind === "step" || kind === "clock" ? "#ffffff" : colour;
  columns.line_width[n] = kind === "wait" || kind === "step" || kind === "clock" ? 0.5 : light ? 0 : 0.5;
}

function describe(columns, n, i, kind) {
  const data = all.data;
  const image = data.image[i] < 0 ? "" : `, image ${data.image[i]}`;
  const step = data.step[i] < 0 ? "" : `, step ${data.step[i]}`;
  const cause = `${names.cause[data.cause[i]]} ${names.resource[data.resource[i]]}`.trim();
  const by = data.cause_id[i] < 0 ? "" : ` (record ${data.cause_id[i]})`;
  const length = data.end[i] - data.start[i];
  columns.what[n] = `${names.op[data.op[i]]}, ${names.layer[data.layer[i]]}${step}${image}`;
  columns.kind[n] = names.phase[data.kind[i]];
  columns.component[n] = names.component[data.component[i]];
  columns.record[n] = kind === "step" ? "" : `record ${data.id[i]}`;
  columns.time[n] = `${time(data.start[i])} to ${time(data.end[i])}`;
  columns.lasts[n] = `${time(length)}, ${cycles(length)}`;
  columns.actions[n] = names.actions[data.actions[i]] || "none";
  columns.energy[n] = energy(data.energy[i]);
  if (kind === "arrival") {
    columns.what[n] = `image ${data.image[i]}`;
    columns.component[n] = "host";
    columns.record[n] = "no record";
    columns.time[n] = time(data.start[i]);
    columns.lasts[n] = "an instant";
    columns.cause[n] = "";
    return;
  }
  columns.cause[n] = kind === "wait" ? `waits: ${cause}${by}` : `after: ${cause}${by}`;
}

function cycles(length) {
  const number = length / period;
  return `${number} cycle${number === 1 ? "" : "s"}`;
}

// Gathers the lanes of a step in one phase, to be named, and outlined where they are read, once.
function gather(parts, i, kind, row, top, bottom) {
  const {start, end, op, layer, step, image} = all.data;
  if (kind === "arrival") return;
  const single = kind === "wait" || kind === "step" || kind === "clock";
  const key = single ? `i${i}` : `${row} ${image[i]} ${step[i]} ${kind}`;
  const known = parts.get(key);
  if (known != null) {
    known.top = Math.min(known.top, top);
    known.bottom = Math.max(known.bottom, bottom);
    return;
  }
  const short = names.op[op[i]];
  const long = `${step[i]} ${short} ${names.layer[layer[i]]}`;
  const choices = {step: [long, short], wait: [], clock: [], read: []}[kind] ?? [short];
  parts.set(key, {i, kind, left: start[i], right: end[i], top, bottom, choices});
}

function outline(parts) {
  const of = (kind) => [...parts.values()].filter((part) => part.kind === kind);
  const reads = of("read");
  boxes.data = {...sides(reads), line: reads.map((part) => colourOf(part.i))};
  waits.data = sides(of("wait"));
}

function sides(parts) {
  const names = ["left", "right", "top", "bottom"];
  return Object.fromEntries(names.map((side) => [side, parts.map((part) => part[side])]));
}

function writeTexts(parts, from, to, pixels) {
  const columns = {x: [], y: [], text: [], colour: []};
  for (const {kind, left, right, top, bottom, choices} of parts.values()) {
    const [begin, end] = [Math.max(left, from), Math.min(right, to)];
    const text = choices.find((choice) => 6.3 * choice.length + 4 <= (end - begin) * pixels);
    if (text == null || (bottom - top) * 26 < 11) continue;
    columns.x.push((begin + end) / 2);
    columns.y.push((top + bottom) / 2);
    columns.text.push(text);
    columns.colour.push(kind === "step" || kind === "settle" ? "#000000" : "#ffffff");
  }
  labels.data = columns;
}

// Marks where images are done, if they are few enough to be told apart.
function fillEnds(from, to) {
  const inside = images.filter((image) => image.end > from && image.end <= to);
  inside.sort((one, other) => one.end - other.end);
  const few = inside.length <= 40 ? inside : [];
  const pixels = plot.inner_width / (to - from);
  let free = from;
  ends.data = {
    x: few.map((image) => image.end),
    y: few.map(() => -0.1),
    text: few.map((image) => {
      const short = `image ${image.image}: ${time(image.latency)}`;
      const long = `${short}, ${energy(image.energy)}`;
      const text = [long, short].find((text) => 6.3 * text.length + 10 <= (image.end - free) * pixels);
      if (text != null) free = image.end;
      return text ?? "";
    }),
  };
}

// Returns times across the view: the edges of bins, or, of too many, as many as can be told apart.
function sample(from, to) {
  const {t} = load.data;
  const [begin, end] = [Math.max(from, t[0]), Math.min(to, t.at(-1))];
  const [first, last] = [upper(t, begin), upper(t, end)];
  if (last - first > spans || end <= begin) return even(begin, end);
  const inside = Array.from(t.slice(first, last)).filter((time) => time < end);
  return [begin, ...inside, end];
}

function even(begin, end) {
  return Array.from({length: spans + 1}, (_, n) => begin + ((end - begin) * n) / spans);
}

// Returns the mean of a rate in each span of time; load has its integral.
function means(name, times) {
  const values = integral(name, times);
  return times.slice(1).map((time, n) => (values[n + 1] - values[n]) / (time - times[n]));
}

function integral(name, times) {
  const values = load.data[name];
  const {t} = load.data;
  return times.map((time) => {
    const i = Math.min(Math.max(upper(t, time) - 1, 0), t.length - 2);
    return values[i] + ((values[i + 1] - values[i]) * (time - t[i])) / (t[i + 1] - t[i]);
  });
}

// Rows are shaded in equal spans of time: the share of each that they are busy.
function fillShades(places, times) {
  const [begin, end] = [times[0], times.at(-1)];
  const {image, ...columns} = shade.data;
  places.forEach((place, number) => {
    const shown = place != null && load.data[`row${number}`] != null;
    columns.x[number] = begin;
    columns.dw[number] = end - begin;
    columns.y[number] = shown ? place.top + 0.03 : NaN; // inside what covers it
    columns.dh[number] = shown ? place.height - 0.06 : NaN;
    if (shown) image[number].set(means(`row${number}`, even(begin, end)));
  });
  shade.change.emit();
}

// Energy is drawn from the left edge of the view on, so that it can be read at any zoom.
function fillCurves(times) {
  const columns = {t: times, power: [], total: [], text: [], sum0: times.map(() => 0)};
  const texts = times.map(() => []);
  let sums = columns.sum0;
  for (const [g, group] of energy_groups.entries()) {
    const values = integral(`energy${g}`, times).map((value, n, all) => value - all[0]);
    values.forEach((value, n) => {
      if (round(value) > 0) texts[n].push(`${group} ${energy(round(value))}`);
    });
    sums = sums.map((sum, n) => sum + values[n]);
    columns[`sum${g + 1}`] = sums;
  }
  columns.total = sums;
  columns.text = sums.map(
    (sum, n) => `${time(round(times[n]))}: <b>${energy(round(sum))}</b><br>${texts[n].join("<br>")}`,
  );
  columns.power = stepped(times.slice(1).map((t, n) => (sums[n + 1] - sums[n]) / (t - times[n]) / 1e3));
  for (const name of Object.keys(load.data)) {
    if (name.startsWith("use") || name === "queue") columns[name] = stepped(means(name, times));
  }
  stack.data = columns;
  energy_range.setv({start: 0, end: 1.1 * sums.at(-1) || 1});
  power_range.setv({start: 0, end: 1.1 * Math.max(...columns.power) || 1});
}

// A stepped curve needs a value at its end as well.
function stepped(values) {
  return [...values, values.at(-1)];
}

function upper(values, value) {
  let [low, high] = [0, values.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle] <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function outside(from, to) {
  return from < held[0] - period || to > held[1] + period
    ? "Outside the records that this page holds, rows show the share of time that they are busy."
    : "";
}

function round(value) {
  return Number(value.toPrecision(8));
}

function scaled(value, units) {
  const size = Math.abs(value);
  const [unit, scale] = units.find(([, scale]) => size >= scale) ?? units.at(-1);
  return `${Number((value / scale).toPrecision(12))} ${unit}`;
}

function time(ps) {
  return scaled(ps, [["s", 1e12], ["ms", 1e9], ["µs", 1e6], ["ns", 1e3], ["ps", 1]]);
}

function energy(aJ) {
  return scaled(aJ, [["J", 1e18], ["mJ", 1e15], ["µJ", 1e12], ["nJ", 1e9], ["pJ", 1e6], ["fJ", 1e3], ["aJ", 1]]);
}

function count(number) {
  return number.toLocaleString("en");
}
