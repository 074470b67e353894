// What colours and shades mean, and the buttons that show and hide groups of tracks.

const MOST_NAMED = 14;

class Legend {
  constructor(app) {
    Object.assign(this, {app, data: app.data});
    this.place = document.getElementById("legend");
    this.colours = document.getElementById("colours");
    this.colours.value = app.state.colours;
    this.colours.onchange = () => {
      app.state.colours = this.colours.value;
      this.fill();
      this.colours.blur(); // so that keys are those of the page again
      app.redraw();
    };
    this.addGroups();
    this.fill();
  }

  addGroups() {
    const {state} = this.app;
    const groups = [...new Set(allTracks(this.data).map(({group}) => group))];
    const buttons = groups.map((group) => {
      const button = element("button", group, {type: "button", title: `Show or hide: ${group}`});
      button.setAttribute("aria-pressed", "true");
      button.onclick = () => {
        const shown = state.hidden.has(group);
        if (shown) state.hidden.delete(group);
        else state.hidden.add(group);
        button.setAttribute("aria-pressed", `${shown}`);
        this.app.arrange();
      };
      return button;
    });
    document.getElementById("groups").replaceChildren(...buttons);
    this.buttons = new Map(groups.map((group, n) => [group, buttons[n]]));
  }

  show(group) {
    if (this.app.state.hidden.has(group)) this.buttons.get(group).click();
  }

  fill() {
    const chosen = this.chosen();
    const named = chosen
      .slice(0, MOST_NAMED)
      .map(([text, colour, word]) => this.named(text, colour, word));
    if (chosen.length > MOST_NAMED)
      named.push(element("span", `and ${chosen.length - MOST_NAMED} more`));
    const {image_colour: colours} = this.data.names;
    if (this.app.state.colours === "image" && this.data.images.image.length > colours.length)
      named.push(element("span", "and so on"));
    this.place.replaceChildren(...named, ...this.phases());
  }

  // Returns text, colour and what to search for, of the ops, layers or images.
  chosen() {
    const {bars, names, images} = this.data;
    const by = this.app.state.colours;
    if (by === "image") {
      const {length} = names.image_colour;
      const shown = [...images.image].slice(0, length);
      return shown.map((image) => [
        `image ${image}`,
        this.app.looks.ofImage(image),
        `image ${image}`,
      ]);
    }
    const [codes, texts, colours] =
      by === "op"
        ? [bars.op, names.family, names.op_colour]
        : [bars.layer, names.layer, names.layer_colour];
    const used = new Map();
    for (const i of this.data.records())
      if (!used.has(texts[codes[i]])) used.set(texts[codes[i]], colours[codes[i]]);
    used.delete("");
    return [...used].map(([text, colour]) => [text, colour, text]);
  }

  named(text, colour, word) {
    const chip = element("button", text, {
      type: "button",
      className: "chip",
      title: `Find ${word}`,
    });
    chip.style.setProperty("--colour", colour);
    chip.onclick = () => this.app.search.set(word);
    return chip;
  }

  phases() {
    const {bars, names} = this.data;
    const kinds = new Set(bars.kind);
    const has = (kind) => kinds.has(names.kind.indexOf(kind));
    const shown = [
      ["computes", "full"],
      ["settles", "light"],
    ];
    if (has("read")) shown.push(["is read", "hollow"]);
    if (has("wait")) shown.push(["waits", "hatched"]);
    if (has("arrival")) shown.push(["arrives", "stroke"]);
    const phases = shown.map(([text, look]) => element("span", text, {className: `phase ${look}`}));
    for (const [kind, colour] of Object.entries(names.kind_colour)) {
      if (!has(kind)) continue;
      const chip = element("span", kind, {className: "phase own"});
      chip.style.setProperty("--colour", colour);
      phases.push(chip);
    }
    phases.push(element("span", "busy 0 to 100 %", {className: "phase shades"}));
    phases.push(
      element("span", "peak", {className: "phase peak"}),
      element("span", "mean power", {className: "phase mean"}),
    );
    return phases;
  }
}
