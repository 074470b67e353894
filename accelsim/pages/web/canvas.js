// Shades, and a canvas that is as sharp as the screen.

const PALE = "#f1f1f1";
const GREY = "#595959";
const SHADES = Array.from({length: 65}, (_, n) => lighter("#16324f", 0.11 + (0.84 * n) / 64));
const FONT = "11px system-ui, sans-serif";
const SMALL = "10px system-ui, sans-serif";

// Returns a colour with a share of it left, the rest white.
function lighter(colour, share) {
  const parts = [1, 3, 5].map((place) => parseInt(colour.slice(place, place + 2), 16));
  const mixed = parts.map((part) => Math.round(255 - share * (255 - part)));
  return `#${mixed.map((part) => part.toString(16).padStart(2, "0")).join("")}`;
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

function strokeLine(context, x0, y0, x1, y1) {
  context.beginPath();
  context.moveTo(x0, y0);
  context.lineTo(x1, y1);
  context.stroke();
}
