// A plot of two columns. A drag brushes a rectangle of both; a click pins the nearest design.

const EDGE = {left: 52, right: 8, top: 6, bottom: 30};
const REACH = 10; // pixels from a point

class Scatter {
  constructor(app, [x, y]) {
    Object.assign(this, {app, data: app.data, columns: {x, y}});
    this.root = element("section", "", {className: "plot"});
    this.root.append(this.chooser());
    this.place = element("div", "", {className: "layers"});
    this.root.append(this.place);
    this.layers = new Layers(this.place);
    const {marks} = this.layers;
    marks.setAttribute("role", "img");
    marks.ariaLabel = "Points. Drag to brush, click to pin a design.";
    onDrag(marks, (event) => this.brush(event));
    marks.addEventListener("pointermove", (event) => app.point(this.at(event), event));
    marks.addEventListener("pointerleave", () => app.point(-1));
  }

  chooser() {
    const bar = element("div", "", {className: "axes"});
    for (const side of ["y", "x"]) {
      const select = element("select", "", {title: `${side} axis`, ariaLabel: `${side} axis`});
      for (const column of this.data.plotted)
        select.append(element("option", column.label, {value: column.name}));
      select.value = this.columns[side].name;
      select.onchange = () => {
        this.columns[side] = this.data.byName.get(select.value);
        this.app.redraw();
      };
      bar.append(select);
      if (side === "y") bar.append(element("span", "over"));
    }
    return bar;
  }

  // Returns where a point is, null if it has not both values.
  spot(i) {
    const {x, y} = this.columns;
    const [across, up] = [this.data.value(x, i), this.data.value(y, i)];
    if (Number.isNaN(across) || Number.isNaN(up)) return null;
    return [this.across(across), this.up(up)];
  }

  across(value) {
    return EDGE.left + this.room[0] * this.app.scale(this.columns.x).share(value);
  }

  up(value) {
    return EDGE.top + this.room[1] * (1 - this.app.scale(this.columns.y).share(value));
  }

  draw() {
    const {layers, data, app} = this;
    layers.measure();
    this.room = [layers.width - EDGE.left - EDGE.right, layers.height - EDGE.top - EDGE.bottom];
    this.spots = Array.from({length: data.count}, (_, i) => this.spot(i));
    const key = `${this.columns.x.name}\n${this.columns.y.name}`;
    layers.draw(
      key,
      (context) => this.drawAll(context),
      (context) => this.drawChosen(context, app.chosen.passes),
    );
    this.drawMarks();
  }

  drawAll(context) {
    this.drawAxes(context);
    context.fillStyle = PALE_INK;
    const size = this.data.count < MANY ? 4 : 2;
    for (const spot of this.spots)
      if (spot != null) context.fillRect(spot[0] - size / 2, spot[1] - size / 2, size, size);
  }

  drawChosen(context, passes) {
    const {spots, data, app} = this;
    const fronts = [];
    const size = app.chosen.count < MANY ? 4 : 2.5;
    context.lineWidth = 1.2;
    for (let i = 0; i < data.count; i++) {
      if (passes[i] === 0 || spots[i] == null) continue;
      if (data.front[i]) fronts.push(i);
      const [x, y] = spots[i];
      context.fillStyle = context.strokeStyle = app.shades.of(i);
      if (data.errors[i] != null) drawCross(context, x, y, 3);
      else context.fillRect(x - size / 2, y - size / 2, size, size);
    }
    for (const i of fronts) {
      const fill = app.shades.column == null ? FRONT_INK : app.shades.of(i);
      drawDiamond(context, ...spots[i], 4.5, fill);
    }
  }

  drawAxes(context) {
    const [x, y] = [this.columns.x, this.columns.y].map((column) => this.app.scale(column));
    const [right, bottom] = [EDGE.left + this.room[0], EDGE.top + this.room[1]];
    context.strokeStyle = "#e4e4e4";
    context.fillStyle = GREY;
    context.font = SMALL;
    context.textAlign = "center";
    const wide = this.room[0] / x.ticks(Math.max(this.room[0] / 60, 2)).length;
    for (const [value, text] of x.ticks(Math.max(this.room[0] / 60, 2))) {
      strokeLine(context, this.across(value), EDGE.top, this.across(value), bottom);
      context.fillText(fitted(context, text, wide), this.across(value), bottom + 8);
    }
    context.textAlign = "right";
    for (const [value, text] of y.ticks(Math.max(this.room[1] / 28, 2))) {
      strokeLine(context, EDGE.left, this.up(value), right, this.up(value));
      context.fillText(fitted(context, text, EDGE.left - 18), EDGE.left - 4, this.up(value));
    }
    context.font = FONT;
    context.fillStyle = "#1a1a1a";
    context.textAlign = "center";
    const name = fitted(context, x.name, this.room[0]);
    context.fillText(name, EDGE.left + this.room[0] / 2, bottom + 22);
    context.translate(7, EDGE.top + this.room[1] / 2);
    context.rotate(-Math.PI / 2);
    context.fillText(fitted(context, y.name, this.room[1]), 0, 0);
    context.rotate(Math.PI / 2);
    context.translate(-7, -EDGE.top - this.room[1] / 2);
    context.textAlign = "left";
  }

  // Draws brushes, and the designs that are pointed at and pinned.
  drawMarks() {
    const context = this.layers.top();
    const {ranges} = this.app.chosen;
    const [x, y] = [ranges.get(this.columns.x), ranges.get(this.columns.y)];
    if (x != null || y != null) {
      const [wide, tall] = this.room;
      const inside = (place, from, room) => Math.min(Math.max(place, from), from + room);
      const [left, right] = (x ?? [-Infinity, Infinity]).map((value) =>
        inside(Math.abs(value) === Infinity ? value : this.across(value), EDGE.left, wide),
      );
      const [low, high] = (y ?? [-Infinity, Infinity]).map((value) =>
        inside(Math.abs(value) === Infinity ? -value : this.up(value), EDGE.top, tall),
      );
      context.fillStyle = BRUSH_INK;
      context.fillRect(left, high, right - left, low - high);
      context.strokeStyle = GREY;
      context.strokeRect(left, high, right - left, low - high);
    }
    context.lineWidth = 2;
    for (const i of [this.app.hover, this.app.pinned]) {
      const spot = this.spots[i];
      if (spot == null) continue;
      context.strokeStyle = PIN_INK;
      context.beginPath();
      context.arc(...spot, i === this.app.pinned ? 8 : 6, 0, 2 * Math.PI);
      context.stroke();
    }
  }

  // Returns the chosen point that is nearest to the mouse, -1 if none is near.
  at(event) {
    const [x, y] = within(this.layers.marks, event);
    let [best, least] = [-1, REACH];
    for (let i = 0; i < this.data.count; i++) {
      const spot = this.spots[i];
      if (spot == null || this.app.chosen.passes[i] === 0) continue;
      const away = Math.hypot(spot[0] - x, spot[1] - y);
      if (away < least) [best, least] = [i, away];
    }
    return best;
  }

  brush(event) {
    const start = within(this.layers.marks, event);
    return {
      moved: (now) => {
        const end = within(this.layers.marks, now);
        this.app.brush([
          [this.columns.x, this.range("x", start[0], end[0])],
          [this.columns.y, this.range("y", start[1], end[1])],
        ]);
      },
      clicked: (now) => this.app.pin(this.at(now)),
    };
  }

  range(side, one, other) {
    const scale = this.app.scale(this.columns[side]);
    const share = (place) =>
      side === "x" ? (place - EDGE.left) / this.room[0] : 1 - (place - EDGE.top) / this.room[1];
    return [share(one), share(other)]
      .map((each) => scale.value(Math.min(Math.max(each, 0), 1)))
      .sort((a, b) => a - b);
  }
}
