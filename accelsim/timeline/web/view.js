// The span of time that is in view, never outside of the run, and where times and tracks stand.

const LEFT = 128; // pixels: names of tracks
const RIGHT = 12;

class View {
  constructor(data, changed) {
    this.end = data.end;
    this.least = Math.min(this.end, Math.max(2, data.period / 100));
    this.changed = changed;
    this.width = 1; // pixels of the plot
    [this.from, this.to] = [0, this.end];
  }

  get span() {
    return this.to - this.from;
  }

  // Time that a pixel stands for.
  get pixel() {
    return this.span / this.width;
  }

  show(from, to) {
    const span = Math.min(this.end, Math.max(this.least, to - from));
    const middle = (from + to) / 2;
    this.from = Math.min(Math.max(0, middle - span / 2), this.end - span);
    this.to = this.from + span;
    this.changed();
  }

  zoom(factor, at) {
    const time = Math.min(Math.max(at ?? (this.from + this.to) / 2, this.from), this.to);
    const span = Math.min(this.end, Math.max(this.least, this.span * factor));
    const share = (time - this.from) / this.span;
    this.show(time - share * span, time + (1 - share) * span);
  }

  pan(time) {
    this.show(this.from + time, this.to + time);
  }

  // Shows a span with some room on both sides.
  fit(from, to) {
    const room = 0.08 * Math.max(to - from, this.least);
    this.show(from - room, to + room);
  }

  x(time) {
    return LEFT + ((time - this.from) / this.span) * this.width;
  }

  time(x) {
    return this.from + ((x - LEFT) / this.width) * this.span;
  }
}

// The same, of the strip: it shows the whole run.
class WholeRun {
  constructor(data) {
    [this.from, this.to, this.end, this.width] = [0, data.end, data.end, 1];
  }

  get span() {
    return this.to - this.from;
  }

  get pixel() {
    return this.span / this.width;
  }
}
WholeRun.prototype.x = View.prototype.x;
WholeRun.prototype.time = View.prototype.time;

const GAP = 2;
const GROUP_GAP = 8;
const MOST_HEIGHT = 200; // of all images, or steps, in flight
const NAMED_HEIGHT = 12; // of a bar that has room for a name
const HEIGHTS = {power: 74, energy: 132, queue: 54, use: 18};

// Returns the tracks from the top: what each is, where it begins, how high it is.
function layOut(data, hidden) {
  const tracks = [];
  let top = 4;
  let before = null;
  const add = (track) => {
    if (hidden.has(track.group)) return;
    if (before != null && before !== track.group) top += GROUP_GAP;
    before = track.group;
    tracks.push({...track, top});
    top += track.height + GAP;
  };
  for (const track of allTracks(data)) add(track);
  return {tracks, height: top + 6, ofRow: new Map(tracks.map((track) => [track.row ?? -1, track]))};
}

function allTracks(data) {
  const slots = data.images.slot.reduce((most, slot) => Math.max(most, slot + 1), 0);
  const images = {
    kind: "images",
    group: "images",
    name: "images",
    stripes: slots,
    height: slots * stripeHeight(18, slots),
  };
  const rows = data.rows.map((row, number) => ({
    ...row,
    kind: "row",
    row: number,
    height: rowHeight(row),
  }));
  const uses = data.uses.map((name, use) => ({
    kind: "use",
    group: "utilization",
    name,
    use,
    height: HEIGHTS.use,
  }));
  const curve = (kind, name) => ({kind, group: kind, name, height: HEIGHTS[kind]});
  return [
    ...(slots > 0 ? [images] : []),
    ...rows,
    curve("power", "power"),
    curve("energy", "energy"),
    ...uses,
    ...(data.queue == null ? [] : [curve("queue", "images queued")]),
  ];
}

function rowHeight({group, stripes}) {
  if (group === "steps") return stripes * stripeHeight(22, stripes);
  return Math.min(Math.max(18, 3 * stripes), 48);
}

// Of many images in flight each has less room, so that the rows below stay near.
function stripeHeight(most, stripes) {
  return Math.max(4, Math.min(most, Math.round(MOST_HEIGHT / stripes)));
}
