// Finds steps and records by op, layer, kind, component, image, step or record; one after another.

const NUMBERED = {image: "image", step: "step", record: "id"};

class Search {
  constructor(app) {
    Object.assign(this, {app, data: app.data, found: [], at: -1, on: false});
    this.field = document.getElementById("search");
    this.count = document.getElementById("found");
    this.field.oninput = () => this.find(this.field.value);
    this.field.onkeydown = (event) => this.key(event);
  }

  key(event) {
    if (event.key === "Enter") this.go(event.shiftKey ? -1 : 1);
    if (event.key === "Escape") {
      this.clear();
      this.field.blur();
    }
    event.stopPropagation();
  }

  set(text) {
    this.field.value = text;
    this.find(text);
    this.go(1);
  }

  clear() {
    this.set("");
  }

  matches(i) {
    return this.on && this.flags[i] === 1;
  }

  find(text) {
    const tests = this.testsOf(
      text
        .toLowerCase()
        .split(/[\s,]+/)
        .filter((word) => word !== ""),
    );
    this.on = tests.length > 0;
    [this.found, this.at] = [[], -1];
    if (this.on) {
      this.flags = new Uint8Array(this.data.count);
      for (let i = 0; i < this.data.count; i++)
        this.flags[i] = tests.every((test) => test(i)) ? 1 : 0;
      this.found = this.listed();
    }
    this.say();
    this.app.redraw();
  }

  // Of steps and their records that match, the steps are gone through, in order of time.
  listed() {
    const all = [];
    for (let i = 0; i < this.data.count; i++) if (this.flags[i] === 1) all.push(i);
    const {start, kind} = this.data.bars;
    const steps = all.filter((i) => kind[i] === this.data.step);
    return (steps.length > 0 ? steps : all).sort((a, b) => start[a] - start[b] || a - b);
  }

  // Returns a test for each word, or pair of words: "image 3".
  testsOf(words) {
    const tests = [];
    for (let n = 0; n < words.length; n++) {
      const column = NUMBERED[words[n]];
      if (column != null && /^\d+$/.test(words[n + 1] ?? ""))
        tests.push(this.numbered(column, Number(words[++n])));
      else tests.push(this.worded(words[n]));
    }
    return tests;
  }

  numbered(column, number) {
    const {bars} = this.data;
    if (column === "id") return (i) => this.data.isRecord(i) && bars.id[i] === number;
    return (i) => bars[column][i] === number;
  }

  worded(word) {
    const {bars, names, arrival} = this.data;
    const codes = (texts) => texts.map((text) => text.toLowerCase().includes(word));
    const [op, layer, kind, component] = ["op", "layer", "kind", "component"].map((name) =>
      codes(names[name]),
    );
    return (i) =>
      kind[bars.kind[i]] ||
      (bars.kind[i] !== arrival &&
        (op[bars.op[i]] || layer[bars.layer[i]] || component[bars.component[i]]));
  }

  go(way) {
    const {length} = this.found;
    if (length === 0) return;
    this.at = this.at < 0 ? (way > 0 ? 0 : length - 1) : (this.at + way + length) % length;
    this.say();
    this.app.pin(this.found[this.at], true);
  }

  say() {
    const {length} = this.found;
    const none = "nothing found: search for an op, a layer, a block, image 3, step 5 or record 17";
    const place =
      this.at < 0
        ? `${countText(length)} found: Enter`
        : `${countText(this.at + 1)} of ${countText(length)}`;
    this.count.textContent = !this.on ? "" : length === 0 ? none : place;
  }
}
