// Draws what has a value at every time: shares as rows of shade, power, energy, the host's queue.

// Fills a row from one pixel of the plot to another: from pale, idle, to dark, always busy.
function drawShare(context, pixels, {top, height}, series, [from, to]) {
  let [begun, colour] = [from, null];
  const paint = (x) => {
    context.fillStyle = colour;
    context.fillRect(LEFT + begun, top, x - begun, height);
  };
  let before = pixels.before(series, from);
  for (let x = from; x < to; x++) {
    const after = pixels.before(series, x + 1);
    const shade = shadeOf((after - before) / pixels.time);
    if (shade !== colour && colour != null) {
      paint(x);
      begun = x;
    }
    [colour, before] = [shade, after];
  }
  if (colour != null) paint(to);
}

// Fills what is below the power, mean and peak of each pixel; the scale ends at `most`.
function drawPower(context, view, data, {top, height}, most) {
  const y = (value) => top + height - (value / most) * (height - 1);
  const columns = [];
  for (let x = 0; x < view.width; x++) {
    const from = view.time(LEFT + x);
    columns.push(data.power(from, Math.min(from + view.pixel, data.end)));
  }
  for (const [name, colour] of [
    ["peak", "#b9c4cf"],
    ["mean", "#2f4358"],
  ]) {
    context.fillStyle = colour;
    columns.forEach((column, x) => {
      context.fillRect(LEFT + x, y(column[name]), 1.3, top + height - y(column[name]));
    });
  }
}

class CurvePainter {
  constructor(app) {
    Object.assign(this, {app, data: app.data, view: app.view});
  }

  draw(context, layout) {
    this.context = context;
    for (const track of layout.tracks) {
      if (track.kind === "use") this.drawUse(track);
      if (track.kind === "power") this.drawPower(track);
      if (track.kind === "energy") this.drawEnergy(track);
      if (track.kind === "queue") this.drawQueue(track);
    }
  }

  drawUse(track) {
    const series = this.data.useSeries[track.use];
    drawShare(this.context, this.app.pixels, track, series, [0, this.view.width]);
  }

  // Draws the ground of a plot, and where its scale ends.
  drawScale(track, text) {
    const {context, view} = this;
    context.fillStyle = "#fafafa";
    context.fillRect(LEFT, track.top, view.width, track.height);
    context.strokeStyle = "#dddddd";
    context.lineWidth = 1;
    context.strokeRect(LEFT + 0.5, track.top + 0.5, view.width - 1, track.height - 1);
    context.font = SMALL;
    context.fillStyle = GREY;
    context.textAlign = "right";
    context.fillText(text, LEFT - 6, track.top + 6);
    context.font = FONT;
  }

  drawPower(track) {
    const {peak} = this.data.power(this.view.from, this.view.to);
    const most = niceAbove(peak || 1);
    this.drawScale(track, powerText(most));
    drawPower(this.context, this.view, this.data, track, most);
  }

  // Energy is that from the left edge of the view on, so that it can be read at any zoom.
  drawEnergy(track) {
    const {context, view, data} = this;
    const {from, to} = view;
    const total = data.energy.between(from, to);
    const most = niceAbove(total || 1);
    this.drawScale(track, energyText(most));
    const y = (value) => track.top + track.height - (value / most) * (track.height - 1);
    const times = Array.from({length: Math.ceil(view.width / 2) + 1}, (_, n) =>
      Math.min(view.time(LEFT + 2 * n), to),
    );
    let below = times.map(() => 0);
    data.energySeries.forEach((series, n) => {
      const start = series.before(from);
      const above = times.map((time, place) => below[place] + series.before(time) - start);
      context.fillStyle = data.energies[n].colour;
      context.beginPath();
      times.forEach((time, place) => context.lineTo(view.x(time), y(above[place])));
      for (let place = times.length - 1; place >= 0; place--)
        context.lineTo(view.x(times[place]), y(below[place]));
      context.fill();
      below = above;
    });
    this.writeEnergies(track);
  }

  // The legend: largest first, as much as the plot has room for.
  writeEnergies(track) {
    const {context, data, view} = this;
    const lines = Math.floor((track.height - 8) / 13);
    const shown = data.energyBy(view.from, view.to).slice(0, lines);
    if (shown.length === 0) return;
    context.fillStyle = "rgba(255, 255, 255, 0.85)";
    context.fillRect(LEFT + 4, track.top + 4, 186, 13 * shown.length + 2);
    shown.forEach(({name, colour, energy, share}, n) => {
      const line = track.top + 12 + 13 * n;
      context.fillStyle = colour;
      context.fillRect(LEFT + 8, line - 5, 10, 10);
      context.fillStyle = "#1a1a1a";
      context.textAlign = "left";
      context.fillText(`${name}  ${energyText(energy)}, ${shareText(share)}`, LEFT + 23, line);
    });
  }

  drawQueue(track) {
    const {context, view, data} = this;
    const means = [];
    for (let x = 0; x < view.width; x++) {
      const from = view.time(LEFT + x);
      means.push(data.queue.between(from, from + view.pixel) / view.pixel);
    }
    const most = niceAbove(Math.max(1, ...means));
    this.drawScale(track, countText(most));
    context.fillStyle = "#7d7d7d";
    means.forEach((mean, x) => {
      const height = (mean / most) * (track.height - 1);
      context.fillRect(LEFT + x, track.top + track.height - height, 1.3, height);
    });
  }
}
