// What the page holds: the columns of the points, which are on the front, commands and errors.

class SweepData {
  constructor(page, buffer) {
    const read = (name) => {
      const [type, place, length] = page.places[name];
      return new ARRAYS[type](buffer, place, length);
    };
    this.front = read("front");
    this.count = this.front.length;
    this.columns = page.columns.map((column, n) => ({...column, n, values: read(`column${n}`)}));
    for (const column of this.columns) column.varies = varies(column);
    const texts = JSON.parse(new TextDecoder().decode(read("texts")));
    Object.assign(this, {commands: texts.commands, errors: texts.errors, pairs: page.pairs});
    this.byName = new Map(this.columns.map((column) => [column.name, column]));
    this.point = this.byName.get("point");
    this.coordinates = this.columns.filter(({role}) => role === "axis" || role === "derived");
    this.objectives = this.columns.filter(({goal}) => goal !== "");
    this.figures = this.columns.filter(({figure}) => figure);
    this.axes = [...this.coordinates, ...this.objectives].filter((column) => column.varies);
    const drawn = new Set(this.pairs.flat());
    this.plotted = this.columns.filter((column) => column.varies || drawn.has(column.name));
  }

  // Returns a value of a point, NaN for none.
  value(column, i) {
    const value = column.values[i];
    return column.words != null && value < 0 ? NaN : value;
  }

  text(column, i) {
    return shownText(column, this.value(column, i));
  }

  title(i) {
    const mark = this.front[i] ? ", on the Pareto front" : "";
    return `point ${this.point.values[i]}${this.errors[i] == null ? mark : ", failed"}`;
  }

  // Returns points as CSV: columns as in the Parquet files, then error and command.
  csv(points) {
    const head = [...this.columns.map(({name}) => name), "error", "command"];
    const lines = [...points].map((i) => [
      ...this.columns.map((column) => this.raw(column, i)),
      this.errors[i] ?? "",
      this.commands[i],
    ]);
    return [head, ...lines].map((line) => `${line.map(csvCell).join(",")}\n`).join("");
  }

  raw(column, i) {
    const value = this.value(column, i);
    if (!Number.isFinite(value)) return "";
    return column.words == null ? `${value}` : column.words[value];
  }
}

// Tells whether a column has more than one value.
function varies({values, words}) {
  let first = NaN;
  for (const value of values) {
    if (Number.isNaN(value) || (words != null && value < 0)) continue;
    if (Number.isNaN(first)) first = value;
    else if (value !== first) return true;
  }
  return false;
}

function csvCell(text) {
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
