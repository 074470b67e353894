// Brings the parts of the page together; draws at most once a frame.

class App {
  constructor(data) {
    Object.assign(this, {data, hover: -1, pinned: -1, scales: new Map(), frames: 0});
    this.chosen = new Chosen(data);
    this.shades = new Shades(this);
    this.tip = document.getElementById("tip");
    this.note = document.getElementById("note");
    this.field = document.getElementById("filter");
    this.designs = new Designs(this);
    this.table = new Table(this);
    const named = (name) => data.byName.get(name);
    const pairs = data.pairs.map((pair) => pair.map(named));
    this.plots = pairs.map((pair) => new Scatter(this, pair));
    document.getElementById("plots").append(...this.plots.map(({root}) => root));
    this.parallel = new Parallel(this, document.getElementById("parallel"));
    this.addControls();
    document.addEventListener("keydown", (event) => this.press(event));
    new ResizeObserver(() => this.redraw()).observe(document.querySelector("main"));
    this.changed();
  }

  addControls() {
    this.field.oninput = () => this.filter();
    const shade = document.getElementById("shade");
    for (const column of this.data.plotted)
      shade.append(element("option", `shade: ${column.label}`, {value: column.name}));
    shade.onchange = () => {
      this.shades.set(this.data.byName.get(shade.value) ?? null);
      this.redraw();
    };
    for (const only of ["all", "front", "failed"])
      document.getElementById(only).onclick = () => this.choose(only);
    document.getElementById("clear").onclick = () => this.clear();
    document.getElementById("keys").onclick = () => document.getElementById("help").showModal();
  }

  text(column, value) {
    return shownText(column, value);
  }

  scale(column) {
    if (!this.scales.has(column)) this.scales.set(column, new Scale(this.data, column));
    return this.scales.get(column);
  }

  // Brushes ranges [column, [low, high]]; null: that of the column no more.
  brush(ranges) {
    for (const [column, range] of ranges) {
      if (range == null) this.chosen.ranges.delete(column);
      else this.chosen.ranges.set(column, range);
    }
    this.changed();
  }

  filter() {
    try {
      this.chosen.read(this.field.value);
      this.field.setAttribute("aria-invalid", "false");
      this.changed();
    } catch (error) {
      this.field.setAttribute("aria-invalid", "true");
      this.say(error.message);
    }
  }

  choose(only) {
    this.chosen.only = only;
    this.changed();
  }

  // What is chosen has changed: all parts follow, once a frame.
  changed() {
    this.stale = true;
    this.redraw();
  }

  clear() {
    this.field.value = "";
    this.field.setAttribute("aria-invalid", "false");
    Object.assign(this.chosen, {only: "all", terms: []});
    this.chosen.ranges.clear();
    this.pin(-1);
    this.changed();
  }

  redraw() {
    this.full = true;
    this.remark();
  }

  // Draws the marks anew, not the points.
  remark() {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      this.draw();
    });
  }

  draw() {
    if (this.stale) {
      this.chosen.find();
      for (const only of ["all", "front", "failed"])
        document.getElementById(only).setAttribute("aria-pressed", `${this.chosen.only === only}`);
      this.table.sort();
      this.say("");
    }
    for (const plot of [...this.plots, this.parallel]) this.full ? plot.draw() : plot.drawMarks();
    this.stale = this.full = false;
    this.frames++;
  }

  // Says how many designs are chosen, and something more.
  say(more) {
    const {chosen, data} = this;
    const ranges = [...chosen.ranges].map(([column, ends]) => {
      const [low, high] = column.words == null ? ends.map((value) => shownText(column, value)) : [];
      return low == null ? column.label : `${column.label} ${low} to ${high}`;
    });
    const count = `${countText(chosen.count)} of ${countText(data.count)} points`;
    this.note.textContent = [count, ...ranges, more].filter((text) => text !== "").join("; ");
    this.note.title = this.note.textContent;
  }

  point(i, event = null) {
    const lines = i < 0 || event == null ? [] : this.designs.lines(i);
    showTip(this.tip, lines, event?.clientX, event?.clientY);
    if (i === this.hover) return;
    this.hover = i;
    this.remark();
  }

  pin(i) {
    this.pinned = i;
    this.designs.show(i);
    this.table.mark();
    this.redraw(); // the panel takes room
  }

  // Pins the design before or after in the table.
  step(way) {
    const {order} = this.table;
    if (order.length === 0) return;
    const place = order.indexOf(this.pinned);
    const next = place < 0 ? 0 : Math.min(Math.max(place + way, 0), order.length - 1);
    while (next >= this.table.most) this.table.most += MOST_ROWS;
    if (next >= this.table.place.querySelectorAll("tbody tr").length) this.table.fill();
    this.pin(order[next]);
  }

  press(event) {
    const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
    const key = event.key.toLowerCase();
    if (typing && key === "escape") event.target.blur();
    const busy = event.ctrlKey || event.metaKey || event.altKey;
    if (typing || busy || document.getElementById("help").open) return;
    const action = this.actions()[key];
    if (action == null) return;
    event.preventDefault();
    action();
  }

  actions() {
    return {
      ",": () => this.step(-1),
      ".": () => this.step(1),
      arrowup: () => this.step(-1),
      arrowdown: () => this.step(1),
      a: () => this.choose("all"),
      f: () => this.choose("front"),
      e: () => this.choose("failed"),
      c: () => this.pinned >= 0 && copy(this.data.commands[this.pinned], this, "the command"),
      t: () => this.table.copy(),
      "/": () => this.field.select(),
      "?": () => document.getElementById("help").showModal(),
      escape: () => this.clear(),
    };
  }
}

try {
  const page = JSON.parse(document.getElementById("data").textContent);
  window.accelsim = new App(new SweepData(page, await inflate(page.block)));
} catch (error) {
  const needs = "This page needs a browser of 2023 or later";
  document.getElementById("note").textContent = `${needs}: ${error.message}.`;
  throw error;
}
