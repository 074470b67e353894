// Draws the names of tracks on the left, with what each adds up to in view.

class NamePainter {
  constructor(app) {
    Object.assign(this, {app, data: app.data, view: app.view});
  }

  draw(context, layout) {
    context.textAlign = "right";
    for (const track of layout.tracks) {
      const plot = track.kind === "power" || track.kind === "energy" || track.kind === "queue";
      if (plot) this.drawPlot(context, track);
      else this.drawRow(context, track);
    }
  }

  drawRow(context, track) {
    const middle = track.top + track.height / 2;
    const note = this.note(track);
    context.fillStyle = GREY;
    context.font = SMALL;
    context.textAlign = "right";
    context.fillText(note, LEFT - 6, middle);
    const room = LEFT - 14 - (note === "" ? 0 : context.measureText(note).width + 6);
    context.font = FONT;
    context.fillStyle = "#1a1a1a";
    context.textAlign = "left";
    context.fillText(fitted(context, track.name, room), 6, middle);
  }

  // Returns the share that a row is busy in view.
  note(track) {
    const {data, view} = this;
    const series = track.kind === "use" ? data.useSeries[track.use] : null;
    return series == null ? "" : shareText(series.between(view.from, view.to) / view.span);
  }

  drawPlot(context, track) {
    const most = track.top + track.height - 8;
    context.textAlign = "left";
    context.fillStyle = "#1a1a1a";
    context.fillText(track.name, 6, track.top + 8);
    context.font = SMALL;
    context.fillStyle = GREY;
    this[track.kind]().forEach((text, n) => {
      const line = track.top + 24 + 13 * n;
      if (line <= most) context.fillText(text, 6, line);
    });
    context.font = FONT;
  }

  power() {
    const {mean, peak} = this.data.power(this.view.from, this.view.to);
    return [
      `mean ${powerText(mean)}`,
      `peak ${powerText(peak)}`,
      `(of ${timeText(this.data.peak_width)})`,
    ];
  }

  energy() {
    const {data, view} = this;
    return ["since the left edge", energyText(data.energy.between(view.from, view.to))];
  }

  queue() {
    const {data, view} = this;
    const mean = data.queue.between(view.from, view.to) / view.span;
    return [`mean ${Number(mean.toPrecision(3))}`];
  }
}
