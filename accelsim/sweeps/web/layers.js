// Canvases that lie on one another: all points pale, what is chosen, and what is pointed at.

const PALE_INK = "#d0d0d0";
const INK = "#004488";
const FRONT_INK = "#d55e00";
const PIN_INK = "#000000";
const BRUSH_INK = "rgba(0, 0, 0, 0.08)";
const MANY = 2000; // points, from which on they are smaller
const LEAST_BRUSH = 3; // pixels

class Layers {
  // place: an element that they fill. Its last canvas takes the mouse.
  constructor(place) {
    this.place = place;
    this.backdrop = document.createElement("canvas");
    this.chosen = document.createElement("canvas");
    this.marks = document.createElement("canvas");
    place.append(this.chosen, this.marks);
    this.key = "";
  }

  measure() {
    [this.width, this.height] = [this.place.clientWidth, this.place.clientHeight];
  }

  // Draws what is chosen over the backdrop, which is drawn anew only if its key is another.
  draw(key, backdrop, chosen) {
    const {width, height} = this;
    const whole = `${key} ${width} ${height} ${window.devicePixelRatio}`;
    if (whole !== this.key) backdrop(cleared(this.backdrop, width, height));
    this.key = whole;
    const context = cleared(this.chosen, width, height);
    context.drawImage(this.backdrop, 0, 0, width, height);
    chosen(context);
  }

  top() {
    return cleared(this.marks, this.width, this.height);
  }
}

function drawDiamond(context, x, y, size, fill = FRONT_INK) {
  context.beginPath();
  context.moveTo(x, y - size);
  context.lineTo(x + size, y);
  context.lineTo(x, y + size);
  context.lineTo(x - size, y);
  context.closePath();
  context.fillStyle = fill;
  context.strokeStyle = "#000000";
  context.lineWidth = 1;
  context.fill();
  context.stroke();
}

function drawCross(context, x, y, size) {
  strokeLine(context, x - size, y - size, x + size, y + size);
  strokeLine(context, x - size, y + size, x + size, y - size);
}

// Colours of points: one for all, or a shade by a column.
class Shades {
  constructor(app) {
    this.app = app;
    this.column = null;
  }

  set(column) {
    this.column = column;
    this.scale = column == null ? null : this.app.scale(column);
  }

  of(i) {
    if (this.column == null) return INK;
    const value = this.app.data.value(this.column, i);
    if (Number.isNaN(value)) return PALE_INK;
    return SHADES[Math.round(64 * (0.15 + 0.85 * this.scale.share(value)))];
  }
}
