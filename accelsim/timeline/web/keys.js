// Keys, as in the trace viewers that people know.

const ZOOM = 0.75;
const PAN = 0.15;

class Keys {
  constructor(app) {
    this.app = app;
    this.help = document.getElementById("help");
    const {view} = app;
    const at = () => app.state.mouse?.time;
    this.actions = {
      w: () => view.zoom(ZOOM, at()),
      s: () => view.zoom(1 / ZOOM, at()),
      a: () => view.pan(-PAN * view.span),
      d: () => view.pan(PAN * view.span),
      arrowleft: () => view.pan(-PAN * view.span),
      arrowright: () => view.pan(PAN * view.span),
      f: () => app.fit(),
      m: () => app.mark(),
      home: () => view.show(0, view.end),
      ",": () => app.step(-1),
      ".": () => app.step(1),
      "[": () => app.pin(app.data.causes(app.state.pinned)[0] ?? -1, true),
      "]": () => app.pin(app.data.followers(app.state.pinned)[0] ?? -1, true),
      "/": () => app.search.field.select(),
      "?": () => this.help.showModal(),
      escape: () => app.clear(),
    };
    document.addEventListener("keydown", (event) => this.press(event));
    document.getElementById("keys").onclick = () => this.help.showModal();
  }

  press(event) {
    const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
    if (typing || event.ctrlKey || event.metaKey || event.altKey || this.help.open) return;
    const action = this.actions[event.key.toLowerCase()];
    if (action == null) return;
    event.preventDefault();
    action();
  }
}
