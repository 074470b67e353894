// Draws around the bar that is pinned, and arrows: from what it waited for, to what waited for it.

const MOST_ARROWS = 60;

class FlowPainter {
  constructor(app) {
    Object.assign(this, {app, data: app.data, view: app.view, bars: app.bars});
  }

  draw(context) {
    const {pinned, hover} = this.app.state;
    this.arrows = 0;
    if (hover >= 0 && hover !== pinned) this.outline(context, hover, 1);
    if (pinned < 0) return;
    this.outline(context, pinned, 2);
    const chain = [pinned, ...this.data.causes(pinned)];
    for (let n = 1; n < chain.length; n++)
      this.arrow(context, chain[n], chain[n - 1], "#b3200f", false);
    const colour = "#0a5c36";
    for (const follower of this.data.followers(pinned).slice(0, MOST_ARROWS)) {
      this.arrow(context, this.source(pinned, follower), follower, colour, true);
    }
  }

  // Returns what of a step a follower waited for: arrows begin at that record.
  source(pinned, follower) {
    return this.data.bars.kind[pinned] === this.data.step
      ? this.data.barOf(this.data.bars.cause_id[follower])
      : pinned;
  }

  outline(context, i, width) {
    const place = this.bars.place(i);
    if (place == null) return;
    const [left, right] = [
      Math.max(place.left, LEFT - 3),
      Math.min(place.right, LEFT + this.view.width + 3),
    ];
    if (right < left) return;
    const box = [left - 1, place.top - 1, Math.max(right - left, 2) + 1.5, place.height + 1.5];
    context.strokeStyle = "#ffffff";
    context.lineWidth = width + 2.5;
    context.strokeRect(...box);
    context.strokeStyle = "#000000";
    context.lineWidth = width;
    context.strokeRect(...box);
  }

  arrow(context, from, to, colour, dashed) {
    const [begin, end] = [this.bars.place(from), this.bars.place(to)];
    if (begin == null || end == null) return;
    this.arrows++;
    const path = this.path(begin, end, this.data.names.kind[this.data.bars.kind[to]] === "wait");
    context.save();
    context.beginPath();
    context.rect(LEFT, 0, this.view.width, 1e6);
    context.clip();
    for (const [stroke, width] of [
      ["#ffffff", 3.5],
      [colour, 1.5],
    ]) {
      context.strokeStyle = context.fillStyle = stroke;
      context.lineWidth = width;
      context.setLineDash(dashed && stroke === colour ? [5, 2] : []);
      context.beginPath();
      context.moveTo(path[0], path[1]);
      context.bezierCurveTo(...path.slice(2));
      context.stroke();
    }
    const [, , , , beforeX, beforeY, x, y] = path;
    context.translate(x, y);
    context.rotate(Math.atan2(y - beforeY, x - beforeX));
    context.beginPath();
    context.moveTo(1, 0);
    context.lineTo(-7, -4);
    context.lineTo(-7, 4);
    context.fill();
    context.restore();
  }

  // Returns begin, two points of control and end: from the end of a bar to the begin of another.
  // A wait is over when what it waited for ends; what goes on at one time is joined upright.
  path(begin, end, isWait) {
    const [y0, y1] = [begin, end].map(({top, height}) => top + height / 2);
    if (!isWait && end.left < begin.right - 1) {
      const [x0, x1] = [begin, end].map(({left, right}) => (left + right) / 2);
      const down = y1 >= y0;
      const [from, to] = [
        down ? begin.top + begin.height : begin.top,
        down ? end.top : end.top + end.height,
      ];
      const middle = (from + to) / 2;
      return [x0, from, x0, middle, x1, middle, x1, to];
    }
    const [x0, x1] = [begin.right, isWait ? end.right : end.left];
    const bend = Math.max(14, Math.min(60, Math.abs(x1 - x0) / 2));
    return [x0, y0, x0 + bend, y0, isWait ? x1 + bend : x1 - bend, y1, x1, y1];
  }
}
