// Draws the ruler, which is always in sight, the strip of the whole run, and what is measured.

const RULER = 40;
const STRIP = 54;

// Returns times of ticks, and their texts, that do not run into one another.
function ticks(context, view) {
  let step = niceAbove(Math.max(1, 80 * view.pixel));
  for (let tries = 0; tries < 3; tries++) {
    const times = [];
    for (let n = Math.ceil(view.from / step); n * step <= view.to; n++) times.push(n * step);
    const texts = times.map(timeText);
    const widest = Math.max(0, ...texts.map((text) => context.measureText(text).width));
    if (widest + 14 <= step / view.pixel) return {times, texts, step};
    step = niceAbove(step * 1.01);
  }
  return {times: [], texts: [], step};
}

class RulerPainter {
  constructor(app) {
    Object.assign(this, {app, data: app.data, view: app.view});
  }

  draw(context, width) {
    const {view, app} = this;
    context.fillStyle = "#fbfbfb";
    context.fillRect(0, 0, width, RULER);
    const {times, texts} = ticks(context, view);
    this.texts = texts;
    context.strokeStyle = "#888888";
    context.lineWidth = 1;
    context.textAlign = "center";
    times.forEach((time, n) => {
      const x = Math.round(view.x(time)) + 0.5;
      strokeLine(context, x, RULER - 7, x, RULER);
      context.fillStyle = "#1a1a1a";
      const half = context.measureText(texts[n]).width / 2;
      context.fillText(texts[n], Math.min(Math.max(x, LEFT + half), width - half - 2), RULER - 14);
    });
    strokeLine(context, LEFT, RULER - 0.5, width, RULER - 0.5);
    context.textAlign = "left";
    context.fillStyle = GREY;
    context.fillText("time", 6, RULER - 14);
    if (app.state.mouse != null) this.drawMouse(context, app.state.mouse.time);
    if (app.state.span != null) this.drawSpan(context, app.state.span);
  }

  drawMouse(context, time) {
    const {view} = this;
    const text = timeText(roundTime(time, view.pixel));
    const x = view.x(time);
    const half = context.measureText(text).width / 2 + 4;
    const middle = Math.min(Math.max(x, LEFT + half), LEFT + view.width - half);
    context.fillStyle = "#e4e4e4";
    context.fillRect(middle - half, RULER - 22, 2 * half, 15);
    context.fillStyle = "#000000";
    context.textAlign = "center";
    context.fillText(text, middle, RULER - 14);
    context.strokeStyle = "#555555";
    strokeLine(context, x, RULER - 7, x, RULER);
  }

  drawSpan(context, [from, to]) {
    const {view, data} = this;
    const [left, right] = [view.x(from), view.x(to)];
    context.fillStyle = "rgba(0, 114, 178, 0.18)";
    context.fillRect(left, 0, right - left, RULER);
    context.strokeStyle = "#0072b2";
    context.lineWidth = 1.5;
    for (const x of [left, right]) strokeLine(context, x, 0, x, RULER);
    const text =
      to > from
        ? `${timeText(to - from)}, ${cyclesText(to - from, data.period)}`
        : `A at ${timeText(from)}`;
    const half = context.measureText(text).width / 2 + 3;
    const middle = Math.min(Math.max((left + right) / 2, LEFT + half), LEFT + view.width - half);
    context.fillStyle = "#0072b2";
    context.fillRect(middle - half, 1, 2 * half, 15);
    context.fillStyle = "#ffffff";
    context.textAlign = "center";
    context.fillText(text, middle, 9);
  }
}

class StripPainter {
  constructor(app) {
    Object.assign(this, {app, data: app.data, view: app.view, run: app.run});
  }

  draw(context, width) {
    const {run, data, view} = this;
    const {mean, peak} = data.power(0, data.end);
    const area = {top: 4, height: STRIP - 20};
    drawPower(context, run, data, area, peak || 1);
    this.drawTicks(context, width);
    this.drawBox(context, view);
    this.drawSpan(context);
    context.textAlign = "left";
    context.fillStyle = "#1a1a1a";
    context.fillText("whole run", 6, 10);
    context.fillStyle = GREY;
    context.font = SMALL;
    context.fillText(`mean ${powerText(mean)}`, 6, 25);
    context.fillText(`peak ${powerText(peak)}`, 6, 39);
    context.font = FONT;
  }

  // Tells whether the edges of the box are apart enough to be taken.
  hasHandles() {
    return this.run.x(this.view.to) - this.run.x(this.view.from) >= 5 * NEAR;
  }

  drawTicks(context, width) {
    const {run} = this;
    const {times, texts} = ticks(context, run);
    context.fillStyle = GREY;
    context.strokeStyle = "#aaaaaa";
    context.lineWidth = 1;
    context.textAlign = "center";
    strokeLine(context, LEFT, STRIP - 15.5, LEFT + run.width, STRIP - 15.5);
    times.forEach((time, n) => {
      const x = Math.round(run.x(time)) + 0.5;
      strokeLine(context, x, STRIP - 16, x, STRIP - 12);
      const half = context.measureText(texts[n]).width / 2;
      context.fillText(texts[n], Math.min(Math.max(x, LEFT + half), width - half - 2), STRIP - 6);
    });
  }

  drawBox(context, {from, to}) {
    const {run} = this;
    const left = run.x(from);
    const right = Math.max(run.x(to), left + 2);
    const bottom = STRIP - 15;
    context.fillStyle = "rgba(255, 255, 255, 0.5)";
    context.fillRect(LEFT, 0, left - LEFT, bottom);
    context.fillRect(right, 0, LEFT + run.width - right, bottom);
    context.strokeStyle = "#0072b2";
    context.lineWidth = 1.5;
    context.strokeRect(left, 0.75, right - left, bottom - 1.5);
    context.fillStyle = "#0072b2";
    if (this.hasHandles())
      for (const x of [left, right]) context.fillRect(x - 2, bottom / 2 - 8, 4, 16);
  }

  drawSpan(context) {
    const {span} = this.app.state;
    if (span == null) return;
    const [left, right] = span.map((time) => this.run.x(time));
    context.fillStyle = "rgba(0, 114, 178, 0.25)";
    context.fillRect(left, 0, Math.max(right - left, 1), STRIP - 15);
  }
}
