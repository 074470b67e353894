// What the page says of a design: for the tip at the mouse and for the panel.

const MOST_COMMAND = 240;

class Designs {
  constructor(app) {
    Object.assign(this, {app, data: app.data, shown: null});
    this.panel = document.getElementById("panel");
    document.getElementById("close").onclick = () => app.pin(-1);
  }

  pairs(columns, i) {
    const {data} = this;
    return columns
      .filter((column) => Number.isFinite(data.value(column, i)))
      .map((column) => `${column.label} ${data.text(column, i)}`);
  }

  // Returns lines for the tip: coordinates, objectives, and the command.
  lines(i) {
    const {data} = this;
    const command = data.commands[i];
    const cut = command.length > MOST_COMMAND ? `${command.slice(0, MOST_COMMAND)}…` : command;
    return [
      data.title(i),
      this.pairs(data.coordinates, i).join("; "),
      data.errors[i] ?? this.pairs(data.objectives, i).join("; "),
      cut,
    ];
  }

  // Fills the panel with a design; -1: hides it.
  show(i) {
    if (i === this.shown) return;
    this.shown = i;
    this.panel.hidden = i < 0;
    if (i < 0) return;
    const {data} = this;
    const run = section("command", "This design alone", []);
    run.append(element("code", data.commands[i]), this.copier(data.commands[i]));
    const parts = [section("design", data.title(i), this.pairs(data.coordinates, i)), run];
    if (data.errors[i] != null)
      parts.splice(1, 0, section("error", "Why it failed", [data.errors[i]]));
    else parts.push(section("figures", "Figures", this.pairs(data.figures, i)));
    document.getElementById("parts").replaceChildren(...parts);
  }

  copier(text) {
    const button = element("button", "copy command", {type: "button", title: "C"});
    button.onclick = () => copy(text, this.app, "the command");
    return button;
  }
}

// Puts a text on the clipboard and says so.
async function copy(text, app, what) {
  let kept = true;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    kept = copyBySelection(text);
  }
  app.say(kept ? `copied: ${what}` : "the browser refuses the clipboard");
}

function copyBySelection(text) {
  const field = element("textarea", text);
  document.body.append(field);
  field.select();
  const kept = document.execCommand("copy");
  field.remove();
  return kept;
}
