// Colours of bars.

const IDLE = lighter("#16324f", 0.02); // apart from what is seldom busy
const LIGHT = 0.4; // of the colour of a plane that settles

// Returns black or white: what is read on a colour.
function inkOn(colour) {
  const [red, green, blue] = [1, 3, 5].map((place) => parseInt(colour.slice(place, place + 2), 16));
  return 0.299 * red + 0.587 * green + 0.114 * blue > 140 ? "#000000" : "#ffffff";
}

function shadeOf(share) {
  if (share < 1e-6) return IDLE;
  return SHADES[Math.round(64 * Math.min(Math.max(share, 0), 1))];
}

class Looks {
  constructor(names) {
    this.names = names;
    this.light = new Map();
  }

  // Returns the colour of what a bar belongs to: its op, layer or image.
  base(bars, i, by) {
    const {names} = this;
    if (by === "op") return names.op_colour[bars.op[i]];
    if (by === "layer") return names.layer_colour[bars.layer[i]];
    return this.ofImage(bars.image[i]);
  }

  ofImage(image) {
    const {length} = this.names.image_colour;
    return this.names.image_colour[((image % length) + length) % length];
  }

  // Returns fill and outline of a bar: {fill, line, hatched}.
  of(bars, i, by) {
    const kind = this.names.kind[bars.kind[i]];
    const own = this.names.kind_colour[kind];
    if (own != null) return {fill: own, line: null};
    const colour = this.base(bars, i, by);
    if (kind === "wait") return {fill: "#ffffff", line: "#777777", hatched: true};
    if (kind === "read") return {fill: "#ffffff", line: colour};
    if (kind === "settle" || kind === "step" || kind === "clock")
      return {fill: this.lightened(colour), line: null};
    return {fill: colour, line: null};
  }

  lightened(colour) {
    if (!this.light.has(colour)) this.light.set(colour, lighter(colour, LIGHT));
    return this.light.get(colour);
  }
}
