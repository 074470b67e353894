// Parallel coordinates: an axis a column, a line a point. A drag on an axis brushes a range of it.

const TOP = 34;
const BOTTOM = 8;
const SIDE = 60;
const GRAB = 14; // pixels from an axis that a drag is of it
const TOGETHER = 128; // lines of one stroke

class Parallel {
  constructor(app, place) {
    Object.assign(this, {app, data: app.data, axes: app.data.axes});
    this.layers = new Layers(place);
    const {marks} = this.layers;
    marks.setAttribute("role", "img");
    marks.ariaLabel =
      "Parallel coordinates. Drag on an axis to brush, click a line to pin a design.";
    onDrag(marks, (event) => this.grab(event));
    marks.addEventListener("pointermove", (event) => app.point(this.at(event), event));
    marks.addEventListener("pointerleave", () => app.point(-1));
  }

  x(n) {
    const room = this.layers.width - 2 * SIDE;
    return this.axes.length > 1 ? SIDE + (room * n) / (this.axes.length - 1) : SIDE + room / 2;
  }

  y(n, value) {
    return TOP + this.room * (1 - this.app.scale(this.axes[n]).share(value));
  }

  draw() {
    const {layers, data, app} = this;
    layers.measure();
    this.room = layers.height - TOP - BOTTOM;
    this.places = this.axes.map((column, n) =>
      Float64Array.from({length: data.count}, (_, i) => this.y(n, data.value(column, i))),
    );
    this.across = this.axes.map((_, n) => this.x(n));
    const all = [...Array(data.count).keys()];
    layers.draw(
      "",
      (context) => {
        context.lineWidth = 0.5;
        context.globalAlpha = 0.5;
        this.stroke(context, all, () => PALE_INK);
      },
      (context) => {
        this.drawChosen(context, app.chosen.points());
        this.drawAxes(context);
      },
    );
    this.drawMarks();
  }

  drawChosen(context, points) {
    const {front} = this.data;
    const {shades} = this.app;
    context.globalAlpha = Math.min(Math.max(20 / Math.sqrt(points.length), 0.15), 1);
    context.lineWidth = 0.8;
    const {errors} = this.data;
    this.stroke(
      context,
      points.filter((i) => errors[i] == null),
      (i) => shades.of(i),
    );
    context.setLineDash([3, 3]);
    this.stroke(
      context,
      points.filter((i) => errors[i] != null),
      (i) => shades.of(i),
    );
    context.setLineDash([]);
    context.globalAlpha = 1;
    context.lineWidth = 1.8;
    const fronts = points.filter((i) => front[i]);
    context.globalAlpha = Math.min(Math.max(5 / Math.sqrt(fronts.length), 0.3), 1);
    this.stroke(context, fronts, (i) => (shades.column == null ? FRONT_INK : shades.of(i)));
    context.globalAlpha = 1;
    for (const i of fronts)
      this.axes.forEach((_, n) => {
        const y = this.places[n][i];
        const fill = shades.column == null ? FRONT_INK : shades.of(i);
        if (!Number.isNaN(y)) drawDiamond(context, this.across[n], y, 3, fill);
      });
  }

  // Strokes lines, those of a colour some at a time: one long path is slow.
  stroke(context, points, colourOf) {
    const byColour = new Map();
    for (const i of points) {
      const colour = colourOf(i);
      if (!byColour.has(colour)) byColour.set(colour, []);
      byColour.get(colour).push(i);
    }
    for (const [colour, found] of byColour) {
      context.strokeStyle = colour;
      for (let first = 0; first < found.length; first += TOGETHER) {
        context.beginPath();
        for (const i of found.slice(first, first + TOGETHER)) this.trace(context, i);
        context.stroke();
      }
    }
  }

  // Adds the line of a point to the path; it is broken where the point has no value.
  trace(context, i) {
    let open = false;
    for (let n = 0; n < this.axes.length; n++) {
      const y = this.places[n][i];
      if (Number.isNaN(y)) open = false;
      else if (open) context.lineTo(this.across[n], y);
      else {
        context.moveTo(this.across[n], y);
        open = true;
      }
    }
  }

  drawAxes(context) {
    const gap = this.axes.length > 1 ? this.across[1] - this.across[0] : 2 * SIDE;
    this.axes.forEach((column, n) => {
      const [x, scale] = [this.across[n], this.app.scale(column)];
      context.strokeStyle = "#333333";
      context.lineWidth = 1;
      strokeLine(context, x, TOP, x, TOP + this.room);
      context.font = FONT;
      this.name(context, n, gap);
      context.font = SMALL;
      context.textAlign = "left";
      for (const [value, text] of scale.ticks(Math.max(this.room / 24, 2))) {
        const y = this.y(n, value);
        strokeLine(context, x - 3, y, x + 3, y);
        const room = n + 1 < this.axes.length ? gap - 14 : SIDE - 6;
        this.write(context, fitted(context, text, room), x + 5, y, GREY);
      }
    });
  }

  // Writes the name of an axis over it; names of neighbours stand at two heights.
  name(context, n, gap) {
    const column = this.axes[n];
    const mark = {min: " ↓", max: " ↑"}[column.goal] ?? "";
    const text = fitted(context, `${this.app.scale(column).name}${mark}`, 2 * gap - 12);
    const half = context.measureText(text).width / 2;
    const x = Math.min(Math.max(this.across[n], half), this.layers.width - half);
    context.textAlign = "center";
    this.write(context, text, x, n % 2 ? 22 : 8, "#1a1a1a");
  }

  // Writes a text that is read over lines.
  write(context, text, x, y, colour) {
    context.lineJoin = "round";
    [context.strokeStyle, context.lineWidth] = ["#ffffff", 3];
    context.strokeText(text, x, y);
    context.fillStyle = colour;
    context.fillText(text, x, y);
    [context.strokeStyle, context.lineWidth] = ["#333333", 1];
  }

  drawMarks() {
    const context = this.layers.top();
    const {ranges} = this.app.chosen;
    this.axes.forEach((column, n) => {
      const range = ranges.get(column);
      if (range == null) return;
      const [low, high] = range.map((value) => this.y(n, value));
      context.fillStyle = BRUSH_INK;
      context.fillRect(this.across[n] - 8, high, 16, low - high);
      context.strokeStyle = GREY;
      context.strokeRect(this.across[n] - 8, high, 16, low - high);
    });
    for (const i of [this.app.hover, this.app.pinned]) {
      if (i < 0) continue;
      context.lineWidth = i === this.app.pinned ? 3 : 2;
      context.strokeStyle = PIN_INK;
      context.beginPath();
      this.trace(context, i);
      context.stroke();
    }
  }

  // Returns the chosen point whose line is nearest above or below the mouse, -1 if none is near.
  at(event) {
    const [x, y] = within(this.layers.marks, event);
    const left = this.across.findLastIndex((place) => place <= x);
    if (left < 0 || left + 1 >= this.axes.length) return -1;
    const share = (x - this.across[left]) / (this.across[left + 1] - this.across[left]);
    const [from, to] = [this.places[left], this.places[left + 1]];
    let [best, least] = [-1, REACH / 2];
    for (let i = 0; i < this.data.count; i++) {
      if (this.app.chosen.passes[i] === 0) continue;
      const away = Math.abs(from[i] + share * (to[i] - from[i]) - y);
      if (away < least) [best, least] = [i, away];
    }
    return best;
  }

  // A drag near an axis brushes a range of it; a click there takes its range away.
  grab(event) {
    const [x, start] = within(this.layers.marks, event);
    const n = this.across.findIndex((place) => Math.abs(place - x) <= GRAB);
    if (n < 0) return {moved: () => {}, clicked: (now) => this.app.pin(this.at(now))};
    const column = this.axes[n];
    const value = (y) =>
      this.app.scale(column).value(Math.min(Math.max(1 - (y - TOP) / this.room, 0), 1));
    return {
      moved: (now) => {
        const end = within(this.layers.marks, now)[1];
        this.app.brush([[column, [value(start), value(end)].sort((a, b) => a - b)]]);
      },
      clicked: () => this.app.brush([[column, null]]),
    };
  }
}
