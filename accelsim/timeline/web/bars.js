// Draws the records in view, each as a bar; of too many, the share of each row that is busy.

const MOST_DRAWN = 8000;
const MOST_ENDS = 40;

class BarPainter {
  constructor(app) {
    Object.assign(this, {app, data: app.data, view: app.view});
    this.looks = app.looks;
  }

  // Finds what is in view: the bars of records that are drawn (none of too many), steps, arrivals.
  choose(layout) {
    const {row, kind} = this.data.bars;
    const found = {drawn: [], steps: [], arrivals: [], records: 0, whole: true};
    for (let i = 0; i < this.data.count; i++) {
      if (!this.inView(i)) continue;
      const shown = layout.ofRow.has(row[i]);
      if (this.data.isRecord(i)) {
        found.records++;
        if (shown && found.drawn.length <= MOST_DRAWN) found.drawn.push(i);
      } else if (shown) {
        (kind[i] === this.data.step ? found.steps : found.arrivals).push(i);
      }
    }
    if (found.drawn.length > MOST_DRAWN) [found.drawn, found.whole] = [[], false];
    return found;
  }

  inView(i) {
    const {start, end} = this.data.bars;
    const {from, to} = this.view;
    return start[i] < to && (end[i] > from || (end[i] === from && start[i] === from));
  }

  draw(context, layout, found) {
    this.context = context;
    this.places = new Map();
    const rows = layout.tracks.filter((track) => track.kind === "row");
    for (const track of rows) this.drawGround(track, found.whole);
    this.drawEnds();
    this.drawImages();
    if (this.dimmed()) context.globalAlpha = 0.25;
    for (const some of [found.steps, found.drawn, found.arrivals]) this.drawAll(some);
    context.globalAlpha = 1;
    this.drawParts([...found.steps, ...found.drawn]);
  }

  dimmed() {
    return this.app.search.on;
  }

  // Shades a row by how busy it is where its records are not drawn.
  drawGround(track, whole) {
    const {context, view, data} = this;
    context.fillStyle = PALE;
    context.fillRect(LEFT, track.top, view.width, track.height);
    const series = data.rowSeries[track.row];
    if (series == null) return;
    const inside = (x) => Math.min(Math.max(x - LEFT, 0), view.width);
    const begin = Math.floor(inside(view.x(data.held[0])));
    const end = Math.ceil(inside(view.x(data.held[1])));
    const outside = [
      [0, begin],
      [end, view.width],
    ];
    for (const span of whole ? outside : [[0, view.width]])
      drawShare(context, this.app.pixels, track, series, span);
  }

  place(i) {
    const {row, stripe, start, end} = this.data.bars;
    const track = this.app.layout.ofRow.get(row[i]);
    if (track == null) return null;
    const each = track.height / track.stripes;
    return {
      left: this.view.x(start[i]),
      right: this.view.x(end[i]),
      top: track.top + each * stripe[i],
      height: each,
    };
  }

  // Bars that follow one another in the same pixel of a stripe are drawn once.
  drawAll(chosen) {
    const last = new Map();
    const {row, stripe} = this.data.bars;
    const [least, most] = [LEFT - 2, LEFT + this.view.width + 2];
    for (const i of chosen) {
      const {left, right, top, height} = this.place(i);
      const [begin, end] = [Math.max(left, least), Math.max(Math.min(right, most), left + 1)];
      const key = row[i] * 65536 + stripe[i];
      const matches = this.app.search.matches(i);
      if (!matches && end <= (last.get(key) ?? -1)) continue;
      last.set(key, end);
      this.drawBar(i, begin, top, end - begin, height, matches);
    }
  }

  drawBar(i, left, top, width, height, matches) {
    const {context, app} = this;
    if (this.dimmed() && matches) context.globalAlpha = 1;
    if (this.data.bars.kind[i] === this.data.arrival) {
      context.fillStyle = "#000000";
      context.fillRect(left - 0.75, top, 1.5, height);
    } else {
      const {fill, line} = this.looks.of(this.data.bars, i, app.state.colours);
      context.fillStyle = line != null && width < 3 ? this.looks.lightened(line) : fill;
      // A thin gap tells neighbours in time apart.
      context.fillRect(
        left,
        top,
        width > 4 ? width - 0.75 : width,
        height > 6 ? height - 0.5 : height,
      );
    }
    if (this.dimmed()) context.globalAlpha = 0.25;
  }

  // The lanes of one step in one phase have one outline and one name.
  drawParts(chosen) {
    const parts = new Map();
    const {bars, names} = this.data;
    const {start, end} = bars;
    const least = 3 * this.view.pixel;
    for (const i of chosen) {
      if (end[i] - start[i] < least) continue;
      const {left, right, top, height} = this.place(i);
      const kind = names.kind[bars.kind[i]];
      const alone = kind === "wait" || kind === "step" || kind === "clock";
      const key = alone ? i : `${bars.row[i]} ${this.data.stepKey(i)} ${kind} ${bars.start[i]}`;
      const known = parts.get(key);
      const part = known ?? {i, kind, left, right, top, bottom: top + height};
      part.top = Math.min(part.top, top);
      part.bottom = Math.max(part.bottom, top + height);
      if (known == null) parts.set(key, part);
    }
    for (const part of parts.values()) this.drawPart(part);
  }

  drawPart(part) {
    const {context, looks, app} = this;
    const {fill, line, hatched} = looks.of(this.data.bars, part.i, app.state.colours);
    const faint = this.dimmed() && !app.search.matches(part.i);
    context.globalAlpha = faint ? 0.25 : 1;
    const [left, right] = [
      Math.max(part.left, LEFT - 4),
      Math.min(part.right, LEFT + this.view.width + 4),
    ];
    const [width, height] = [right - left - 0.75, part.bottom - part.top];
    if (hatched) this.hatch(left, part.top, width, height);
    if (line != null) {
      context.strokeStyle = line;
      context.lineWidth = hatched ? 0.8 : 1.4;
      context.strokeRect(left + 0.7, part.top + 0.7, width - 1.4, height - 1.4);
    }
    this.write(part, hatched ? null : fill, left, right);
    context.globalAlpha = 1;
  }

  hatch(left, top, width, height) {
    const {context} = this;
    context.save();
    context.beginPath();
    context.rect(left, top, width, height);
    context.clip();
    context.beginPath();
    for (let x = left - height; x < left + width; x += 5) {
      context.moveTo(x, top + height);
      context.lineTo(x + height, top);
    }
    context.strokeStyle = "#8a8a8a";
    context.lineWidth = 0.8;
    context.stroke();
    context.restore();
  }

  write(part, fill, left, right) {
    const {context, data, view} = this;
    if (fill == null || part.bottom - part.top < NAMED_HEIGHT) return;
    const [begin, end] = [Math.max(left, LEFT), Math.min(right, LEFT + view.width)];
    const {op, layer, step} = data.bars;
    const short = data.names.op[op[part.i]];
    const long = `${step[part.i]} ${short}  ${data.names.layer[layer[part.i]]}`;
    const known = {step: [long, short], clock: []}[part.kind];
    const texts = known ?? [short === "" ? part.kind : short];
    context.fillStyle = inkOn(fill);
    context.textAlign = "center";
    for (const font of [FONT, SMALL]) {
      context.font = font;
      const text = texts.find((one) => context.measureText(one).width + 3 <= end - begin);
      if (text == null) continue;
      context.fillText(text, (begin + end) / 2, (part.top + part.bottom) / 2 + 0.5);
      break;
    }
    context.font = FONT;
  }

  // Where images are done, behind the bars, so that no line crosses a name.
  drawEnds() {
    const {context, view, data} = this;
    const ends = [...data.images.end].filter((end) => end > view.from && end <= view.to);
    if (ends.length > MOST_ENDS) return;
    const {top, height} = this.app.layout.tracks.findLast(
      ({kind}) => kind === "row" || kind === "images",
    ) ?? {top: 0, height: 0};
    context.strokeStyle = "#444444";
    context.lineWidth = 1;
    context.setLineDash([4, 3]);
    context.beginPath();
    for (const end of ends) {
      const x = Math.min(Math.round(view.x(end)), LEFT + view.width) - 0.5;
      context.moveTo(x, 0);
      context.lineTo(x, top + height);
    }
    context.stroke();
    context.setLineDash([]);
  }

  // Each image that is whole, from its first issue until it is done, with latency and energy.
  drawImages() {
    const track = this.app.layout.tracks.find(({kind}) => kind === "images");
    if (track == null) return;
    const {images} = this.data;
    const {context, view, looks} = this;
    const last = [];
    for (let n = 0; n < images.start.length; n++) {
      if (images.end[n] <= view.from || images.start[n] >= view.to) continue;
      const left = Math.max(view.x(images.start[n]), LEFT);
      const right = Math.max(Math.min(view.x(images.end[n]), LEFT + view.width), left + 1);
      const slot = images.slot[n];
      if (right <= (last[slot] ?? -1)) continue;
      last[slot] = right;
      const fill = looks.lightened(looks.ofImage(images.image[n]));
      const each = track.height / track.stripes;
      const top = track.top + each * slot;
      context.fillStyle = fill;
      context.fillRect(left, top, right - left > 3 ? right - left - 1 : right - left, each - 1);
      if (each >= NAMED_HEIGHT) this.writeImage(n, left, right, top + each / 2);
    }
  }

  // Returns which of the images is at a place of their track, or -1.
  imageAt(track, x, y) {
    const {images} = this.data;
    const time = this.view.time(x);
    const slot = Math.floor(((y - track.top) / track.height) * track.stripes);
    return images.start.findIndex(
      (start, n) => images.slot[n] === slot && start <= time && time < images.end[n],
    );
  }

  writeImage(n, left, right, y) {
    const {context} = this;
    const {image, start, end, energy} = this.data.images;
    const name = `image ${image[n]}`;
    const long = `${name}: ${timeText(end[n] - start[n])}, ${energyText(energy[n])}`;
    const texts = [long, `${name}: ${timeText(end[n] - start[n])}`, name, `${image[n]}`];
    const text = texts.find((one) => context.measureText(one).width + 6 <= right - left);
    if (text == null) return;
    context.fillStyle = "#000000";
    context.textAlign = "center";
    context.fillText(text, (left + right) / 2, y);
  }
}
