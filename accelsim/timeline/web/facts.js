// What the page says of a bar, in words: for the tip at the mouse and for the panel.

class Facts {
  constructor(data) {
    this.data = data;
  }

  // Returns lines: what it is, what goes on, where, when, what it cost, what it waited for.
  of(i) {
    const {bars, names, period} = this.data;
    const meaning = names.meaning[bars.kind[i]];
    const when = timeText(bars.start[i]);
    if (bars.kind[i] === this.data.arrival)
      return [`image ${bars.image[i]}`, meaning, "host, no record", `${when}: an instant`];
    const length = bars.end[i] - bars.start[i];
    const record = bars.kind[i] === this.data.step ? "" : `, record ${bars.id[i]}`;
    return [
      this.what(i),
      meaning,
      `${names.component[bars.component[i]]}${record}`,
      `${when} to ${timeText(bars.end[i])}: ${timeText(length)}, ${cyclesText(length, period)}`,
      `energy ${energyText(bars.energy[i], ALL_DIGITS)}; ${names.actions[bars.actions[i]] || "no actions"}`,
      this.why(i),
    ];
  }

  what(i) {
    const {bars, names} = this.data;
    const parts = [names.op[bars.op[i]], names.layer[bars.layer[i]]].filter((text) => text !== "");
    if (parts.length === 0) parts.push(names.kind[bars.kind[i]]);
    if (bars.step[i] >= 0) parts.push(`step ${bars.step[i]}`);
    if (bars.image[i] >= 0) parts.push(`image ${bars.image[i]}`);
    return parts.join(", ");
  }

  why(i) {
    const {bars, names} = this.data;
    const cause = `${names.cause[bars.cause[i]]} ${names.resource[bars.resource[i]]}`.trim();
    const by = bars.cause_id[i] < 0 ? "" : ` (record ${bars.cause_id[i]})`;
    const word = names.kind[bars.kind[i]] === "wait" ? "waits" : "after";
    return `${word}: ${cause || "nothing"}${by}`;
  }

  // Returns a bar in few words, for a list.
  short(i) {
    const {bars, names} = this.data;
    return `${this.what(i)}: ${names.kind[bars.kind[i]]} in ${names.component[bars.component[i]]} at ${timeText(bars.start[i])}`;
  }

  // Returns lines of a place of a track where there is no bar; none if there is nothing to say.
  ofPlace(track, time, pixel) {
    const {data} = this;
    const [from, to] = [Math.max(time - pixel / 2, 0), Math.min(time + pixel / 2, data.end)];
    const span = to - from;
    const at = timeText(roundTime(time, pixel));
    if (!(span > 0)) return [];
    if (track.kind === "power") {
      const {mean, peak} = data.power(from, to);
      return [`power at ${at}`, `mean ${powerText(mean)}, peak ${powerText(peak)}`];
    }
    const series = {
      row: data.rowSeries[track.row],
      use: data.useSeries[track.use],
      queue: data.queue,
    }[track.kind];
    if (series == null) return [];
    const mean = series.between(from, to) / span;
    if (track.kind === "queue") return [`images queued at ${at}`, `${Number(mean.toPrecision(4))}`];
    return [`${track.name} at ${at}`, `busy ${shareText(mean)}`];
  }

  ofEnergy(from, time) {
    const total = energyText(this.data.energy.between(from, time));
    return [`energy since the left edge: ${total}`, ...this.byGroup(from, time)];
  }

  byGroup(from, to) {
    const parts = this.data.energyBy(from, to);
    return parts.map(
      ({name, energy, share}) => `${name} ${energyText(energy)}, ${shareText(share)}`,
    );
  }

  // Returns how busy blocks are in a span.
  busy(from, to) {
    const {uses, useSeries} = this.data;
    return uses.map(
      (name, n) => `${name} ${shareText(useSeries[n].between(from, to) / (to - from))}`,
    );
  }

  ofImage(n) {
    const {image, start, end, energy} = this.data.images;
    return [
      `image ${image[n]}`,
      `${timeText(start[n])} to ${timeText(end[n])}: ${timeText(end[n] - start[n])}, ${cyclesText(end[n] - start[n], this.data.period)}`,
      `energy ${energyText(energy[n], ALL_DIGITS)}`,
    ];
  }

  ofSpan([from, to]) {
    const {data} = this;
    if (from === to) return [`A ${timeText(from)}`, "M again: cursor B at the mouse"];
    const {mean, peak} = data.power(from, to);
    return [
      `A ${timeText(from)}, B ${timeText(to)}`,
      `A to B: ${timeText(to - from)}, ${cyclesText(to - from, data.period)}`,
      `energy ${energyText(data.energy.between(from, to))}`,
      `power: mean ${powerText(mean)}, peak ${powerText(peak)}`,
    ];
  }
}
