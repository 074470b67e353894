// Which points are chosen: ranges that were brushed, terms of the filter, the front or the failed.

const TERM = /^\s*(.+?)\s*(<=|>=|!=|==?|<|>)\s*(.+?)\s*$/;
const COMPARED = {
  "<": (one, other) => one < other,
  "<=": (one, other) => one <= other,
  ">": (one, other) => one > other,
  ">=": (one, other) => one >= other,
  "=": near,
  "!=": (one, other) => !near(one, other),
};

// Tells whether two numbers are alike to more digits than are shown.
function near(one, other) {
  return Math.abs(one - other) <= 1e-6 * Math.max(Math.abs(one), Math.abs(other));
}

class Chosen {
  constructor(data) {
    Object.assign(this, {data, only: "all", ranges: new Map(), terms: []});
    this.passes = new Uint8Array(data.count);
    this.find();
  }

  find() {
    const {data, passes, only, terms} = this;
    const ranges = [...this.ranges];
    this.count = 0;
    for (let i = 0; i < data.count; i++) {
      passes[i] =
        (only === "all" || (only === "front" ? data.front[i] === 1 : data.errors[i] != null)) &&
        ranges.every(([column, [low, high]]) => {
          const value = data.value(column, i);
          return value >= low && value <= high;
        }) &&
        terms.every((holds) => holds(i))
          ? 1
          : 0;
      this.count += passes[i];
    }
  }

  points() {
    return [...this.passes.keys()].filter((i) => this.passes[i] === 1);
  }

  // Takes the text of the filter; throws an Error, and leaves all as it was, if it is wrong.
  read(text) {
    const parts = text.split(",").filter((part) => part.trim() !== "");
    this.terms = parts.map((part) => this.term(part));
    this.find();
  }

  term(part) {
    const {data} = this;
    const found = TERM.exec(part);
    if (found == null) {
      const word = part.trim().toLowerCase();
      return (i) => `${data.commands[i]} ${data.errors[i] ?? ""}`.toLowerCase().includes(word);
    }
    const column = this.column(found[1]);
    const sign = found[2] === "==" ? "=" : found[2];
    if (column.words != null) return this.ofWords(column, sign, found[3]);
    const value = readValue(column, found[3]);
    return (i) => {
      const mine = data.value(column, i);
      return !Number.isNaN(mine) && COMPARED[sign](mine, value);
    };
  }

  ofWords(column, sign, text) {
    const code = column.words.indexOf(text);
    if (sign !== "=" && sign !== "!=") throw new Error(`${column.label} is words: use = or !=`);
    if (code < 0) {
      const some = column.words.slice(0, 8).join(", ");
      throw new Error(`${column.label}: no point has '${text}'; there is ${some}`);
    }
    return (i) => column.values[i] >= 0 && (column.values[i] === code) === (sign === "=");
  }

  column(name) {
    const {columns} = this.data;
    const wanted = name.toLowerCase();
    const is = (column) =>
      [column.name, column.label].some((each) => each.toLowerCase() === wanted);
    const found = columns.find(is);
    if (found != null) return found;
    const like = columns.find(({name: each}) => each.toLowerCase().includes(wanted || "\n"));
    const hint = (like ?? columns.at(-1)).name;
    throw new Error(`no column '${name}'; there is ${hint}`);
  }
}
