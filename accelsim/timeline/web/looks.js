// Colours, and a canvas that is as sharp as the screen.

const PALE = "#f1f1f1";
const GREY = "#595959";
const SHADES = Array.from({length: 65}, (_, n) => lighter("#16324f", 0.11 + (0.84 * n) / 64));
const IDLE = lighter("#16324f", 0.02); // apart from what is seldom busy
const LIGHT = 0.4; // of the colour of a plane that settles
const FONT = "11px system-ui, sans-serif";
const SMALL = "10px system-ui, sans-serif";

// Returns a colour with a share of it left, the rest white.
function lighter(colour, share) {
  const parts = [1, 3, 5].map((place) => parseInt(colour.slice(place, place + 2), 16));
  const mixed = parts.map((part) => Math.round(255 - share * (255 - part)));
  return `#${mixed.map((part) => part.toString(16).padStart(2, "0")).join("")}`;
}

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

// Returns the context of a canvas of a size in pixels of the page, cleared.
function cleared(canvas, width, height) {
  const ratio = window.devicePixelRatio || 1;
  const [across, down] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== across || canvas.height !== down) {
    [canvas.width, canvas.height] = [across, down];
    [canvas.style.width, canvas.style.height] = [`${width}px`, `${height}px`];
  }
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  context.font = FONT;
  context.textBaseline = "middle";
  return context;
}

// Returns a text cut to a width, or "" if nothing of it would be read.
function fitted(context, text, width) {
  if (context.measureText(text).width <= width) return text;
  for (let length = text.length - 1; length >= 3; length--) {
    const cut = `${text.slice(0, length)}…`;
    if (context.measureText(cut).width <= width) return cut;
  }
  return "";
}
