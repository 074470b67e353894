// Brings the parts of the page together; draws at most once a frame.

class App {
  constructor(data) {
    this.data = data;
    this.state = {
      pinned: -1,
      span: null,
      hover: -1,
      mouse: null,
      hidden: new Set(),
      colours: data.colours,
    };
    this.looks = new Looks(data.names);
    this.facts = new Facts(data);
    this.view = new View(data, () => this.moved());
    this.run = new WholeRun(data);
    [this.view.from, this.view.to] = data.first;
    for (const name of ["strip", "ruler", "rows", "scroller", "size", "note"])
      this[name] = document.getElementById(name);
    this.search = new Search(this);
    this.bars = new BarPainter(this);
    this.painters = {
      curves: new CurvePainter(this),
      names: new NamePainter(this),
      flows: new FlowPainter(this),
      ruler: new RulerPainter(this),
      strip: new StripPainter(this),
    };
    this.panel = new Panel(this);
    this.legend = new Legend(this);
    this.keys = new Keys(this);
    this.gestures = new Gestures(this, {rows: this.rows, ruler: this.ruler, strip: this.strip});
    this.addButtons();
    this.scroller.addEventListener("scroll", () => this.redraw());
    new ResizeObserver(() => this.redraw()).observe(this.scroller);
    this.arrange();
  }

  addButtons() {
    const {view, data} = this;
    document.getElementById("whole").onclick = () => view.show(0, view.end);
    document.getElementById("fit").onclick = () => this.fit();
    const held = document.getElementById("held");
    held.hidden = data.whole;
    held.onclick = () => view.show(...data.held);
  }

  // Places the tracks anew: the groups that are shown have changed.
  arrange() {
    this.layout = layOut(this.data, this.state.hidden);
    this.size.style.height = `${this.layout.height}px`;
    this.redraw();
  }

  redraw() {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      this.draw();
    });
  }

  // The view has moved below the mouse.
  moved() {
    const {mouse} = this.state;
    if (mouse != null) mouse.time = this.view.time(mouse.x);
    this.state.hover = -1;
    this.panel.showTip([]);
    this.redraw();
  }

  draw() {
    const [width, height] = [this.scroller.clientWidth, this.scroller.clientHeight];
    this.view.width = this.run.width = Math.max(width - LEFT - RIGHT, 20);
    this.found = this.bars.choose(this.layout);
    this.pixels = new Pixels(this.data.edges, this.view);
    const context = cleared(this.rows, width, height);
    context.translate(0, -this.scroller.scrollTop);
    context.save();
    context.beginPath();
    context.rect(LEFT, 0, this.view.width, this.layout.height);
    context.clip();
    this.bars.draw(context, this.layout, this.found);
    this.painters.flows.draw(context);
    context.restore();
    this.painters.curves.draw(context, this.layout);
    this.painters.names.draw(context, this.layout);
    this.drawCursors(context);
    this.painters.ruler.draw(cleared(this.ruler, width, RULER), width);
    this.painters.strip.draw(cleared(this.strip, width, STRIP), width);
    this.panel.update();
    this.say();
    this.frames = (this.frames ?? 0) + 1;
  }

  drawCursors(context) {
    const {span, mouse} = this.state;
    const {view, layout} = this;
    context.lineWidth = 1;
    if (span != null) {
      const [left, right] = span.map((time) =>
        Math.min(Math.max(view.x(time), LEFT), LEFT + view.width),
      );
      context.fillStyle = "rgba(0, 114, 178, 0.10)";
      context.fillRect(left, 0, right - left, layout.height);
      context.strokeStyle = "#0072b2";
      for (const time of span)
        if (time >= view.from && time <= view.to)
          strokeLine(context, view.x(time), 0, view.x(time), layout.height);
    }
    context.strokeStyle = "rgba(0, 0, 0, 0.35)";
    if (mouse != null) strokeLine(context, mouse.x, 0, mouse.x, layout.height);
  }

  say() {
    const {view, found, data} = this;
    const [from, to] = [view.from, view.to].map((time) => timeText(roundTime(time, view.pixel)));
    const records = `${countText(found.records)} records in view`;
    const outside = view.from < data.held[0] - data.period || view.to > data.held[1] + data.period;
    let how = ": rows show their busy shares; zoom in to see each";
    if (found.whole)
      how = `, each drawn${outside ? "; busy shares where the page holds none" : ""}`;
    this.note.replaceChildren(element("b", `${from} to ${to}`), `. ${records}${how}.`);
    this.note.title = this.note.textContent;
  }

  // Returns the bar at a place of the rows, or -1: of those that lie there, the shortest.
  barAt(x, y) {
    const {start, end} = this.data.bars;
    let [best, length] = [-1, Infinity];
    for (const i of [...this.found.drawn, ...this.found.steps, ...this.found.arrivals]) {
      const lasts = end[i] - start[i];
      if (lasts >= length) continue;
      const {left, right, top, height} = this.bars.place(i);
      const [room, slack] = [right - left < 3 ? 2 : 0, height < 3 ? 1 : 0];
      if (x >= left - room && x <= right + room && y >= top - slack && y < top + height + slack)
        [best, length] = [i, lasts];
    }
    return best;
  }

  point(mouse) {
    this.state.mouse = mouse;
    this.state.hover = -1;
    let lines = [];
    if (mouse?.rows === true) {
      const y = mouse.y + this.scroller.scrollTop;
      this.state.hover = this.barAt(mouse.x, y);
      lines = this.state.hover >= 0 ? this.facts.of(this.state.hover) : this.linesAt(mouse, y);
      if (this.state.hover >= 0 && this.state.hover === this.state.pinned) lines = []; // the panel says it
    }
    this.panel.showTip(lines, mouse?.clientX, mouse?.clientY);
    this.redraw();
  }

  trackAt(y) {
    return this.layout.tracks.find(({top, height}) => y >= top && y < top + height);
  }

  linesAt({x, time}, y) {
    const track = this.trackAt(y);
    if (track == null) return [];
    if (track.kind === "images") {
      const image = this.bars.imageAt(track, x, y);
      return image < 0 ? [] : this.facts.ofImage(image);
    }
    if (track.kind === "energy") return this.facts.ofEnergy(this.view.from, time);
    return this.facts.ofPlace(track, time, this.view.pixel);
  }

  click(event) {
    const [x, above] = within(this.rows, event);
    const y = above + this.scroller.scrollTop;
    const track = this.trackAt(y);
    const {images} = this.data;
    const image = track?.kind === "images" ? this.bars.imageAt(track, x, y) : -1;
    if (image >= 0) this.measure(images.start[image], images.end[image]);
    else this.pin(this.barAt(x, y), false);
    this.panel.showTip([]);
  }

  // Pins a bar, -1: none; brings it into view if that is asked for.
  pin(bar, reveal) {
    if (bar < 0 && reveal) return;
    this.state.pinned = bar;
    if (reveal) this.reveal(bar);
    this.panel.update(); // it takes room from the rows
    if (bar >= 0) this.scrollTo(bar);
    this.redraw();
  }

  reveal(bar) {
    const {start, end, row} = this.data.bars;
    this.legend.show(this.data.rows[row[bar]].group);
    const {view} = this;
    const [from, to] = [start[bar], end[bar]];
    const long = to - from;
    if (long > view.span || long < 6 * view.pixel)
      view.show(from - 6 * long - this.data.period, to + 6 * long + this.data.period);
    else if (from < view.from || to > view.to)
      view.show((from + to - view.span) / 2, (from + to + view.span) / 2);
  }

  scrollTo(bar) {
    const {scroller} = this;
    const {top, height} = this.bars.place(bar);
    const hidden =
      top < scroller.scrollTop || top + height > scroller.scrollTop + scroller.clientHeight;
    if (hidden) scroller.scrollTop = top - scroller.clientHeight / 2;
  }

  // Pins the bar before or after the one that is pinned, in the same stripe of its row.
  step(way) {
    const {pinned} = this.state;
    if (pinned < 0) return;
    const {row, stripe, start} = this.data.bars;
    let best = -1;
    for (let i = 0; i < this.data.count; i++) {
      if (row[i] !== row[pinned] || stripe[i] !== stripe[pinned]) continue;
      const ahead = way * (start[i] - start[pinned]);
      if (ahead > 0 && (best < 0 || ahead < way * (start[best] - start[pinned]))) best = i;
    }
    this.pin(best, true);
  }

  // Measures from one time to another; null: no more.
  measure(one, other) {
    const inside = (time) => Math.min(Math.max(time, 0), this.data.end);
    this.state.span =
      one == null ? null : [inside(Math.min(one, other)), inside(Math.max(one, other))];
    this.redraw();
  }

  // Marks what is pinned; if nothing is, the place of the mouse: first A, then B.
  mark() {
    const {pinned, mouse, span} = this.state;
    if (pinned >= 0) this.measure(this.data.bars.start[pinned], this.data.bars.end[pinned]);
    else if (mouse != null) {
      const time = this.snap(mouse.time);
      this.measure(span != null && span[0] === span[1] ? span[0] : time, time);
    }
  }

  // Returns a time at an edge of a bar near by, or else at a cycle, if these are wide enough.
  snap(time) {
    const {view, data, found} = this;
    const {start, end} = data.bars;
    let [best, distance] = [null, NEAR * view.pixel];
    const offer = (edge) => {
      if (Math.abs(edge - time) < distance) [best, distance] = [edge, Math.abs(edge - time)];
    };
    [0, data.end].forEach(offer);
    for (const i of [...found.drawn, ...found.steps]) [start[i], end[i]].forEach(offer);
    const cycle = Math.round(time / data.period) * data.period;
    const isNear = Math.abs(cycle - time) <= NEAR_CYCLE * view.pixel;
    if (best == null && data.period >= NEAR * view.pixel && isNear) best = cycle;
    return best ?? roundTime(time, view.pixel);
  }

  // Fits the view to what is measured, or else to what is pinned, or else to the run.
  fit() {
    const {span, pinned} = this.state;
    const {start, end} = this.data.bars;
    if (span != null && span[1] > span[0]) this.view.fit(...span);
    else if (pinned >= 0) this.view.fit(start[pinned], end[pinned]);
    else this.view.show(0, this.view.end);
  }

  clear() {
    this.search.clear();
    Object.assign(this.state, {pinned: -1, span: null});
    this.redraw();
  }
}

try {
  const page = JSON.parse(document.getElementById("data").textContent);
  window.accelsim = new App(new RunData(page, await inflate(page.block)));
} catch (error) {
  const needs = "This page needs a browser of 2023 or later";
  document.getElementById("note").textContent = `${needs}: ${error.message}.`;
  throw error;
}
