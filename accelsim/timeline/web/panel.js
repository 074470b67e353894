// The panel below the timeline: what is pinned and measured; and the tip at the mouse.

const MOST_LISTED = 12;

function element(tag, text = "", properties = {}) {
  const made = document.createElement(tag);
  made.textContent = text;
  return Object.assign(made, properties);
}

function section(id, title, lines) {
  const made = element("section", "", {id});
  made.append(element("h2", title), ...lines.map((text) => element("p", text)));
  return made;
}

class Panel {
  constructor(app) {
    Object.assign(this, {app, data: app.data, facts: app.facts});
    this.panel = document.getElementById("panel");
    this.tip = document.getElementById("tip");
    document.getElementById("close").onclick = () => app.clear();
    this.shown = "";
  }

  // Fills the panel if what is pinned or measured has changed.
  update() {
    const {pinned, span} = this.app.state;
    const key = `${pinned} ${span}`;
    if (key === this.shown) return;
    this.shown = key;
    const parts = [];
    if (pinned >= 0) parts.push(...this.pinned(pinned));
    if (span != null) parts.push(...this.measured(span));
    document.getElementById("parts").replaceChildren(...parts);
    this.panel.hidden = parts.length === 0;
  }

  pinned(i) {
    const [title, ...lines] = this.facts.of(i);
    const about = section("pinned", title, lines);
    return [about, this.causes(i), this.followers(i)];
  }

  causes(i) {
    const found = section("cause", "Waited for, or followed", []);
    const id = this.data.bars.kind[i] === this.data.arrival ? -1 : this.data.bars.cause_id[i];
    const bars = this.data.causes(i);
    found.append(...bars.map((bar) => this.link(bar)));
    if (bars.length === 0)
      found.append(element("p", id < 0 ? "nothing" : `record ${id}, of which the page has no bar`));
    return found;
  }

  followers(i) {
    const found = this.data.followers(i);
    const made = section("followers", `Waited for it, or followed: ${countText(found.length)}`, []);
    made.append(...found.slice(0, MOST_LISTED).map((bar) => this.link(bar)));
    if (found.length > MOST_LISTED)
      made.append(element("p", `and ${countText(found.length - MOST_LISTED)} more`));
    return made;
  }

  link(bar) {
    const button = element("button", this.facts.short(bar), {type: "button", className: "link"});
    button.onclick = () => this.app.pin(bar, true);
    return button;
  }

  measured(span) {
    const parts = [section("measured", "Measured", this.facts.ofSpan(span))];
    if (span[0] === span[1]) return parts;
    parts.push(section("energies", "Energy in it", this.facts.byGroup(...span)));
    parts.push(section("shares", "Busy in it", this.facts.busy(...span)));
    return parts;
  }

  // Shows lines beside the mouse, within the window.
  showTip(lines, x, y) {
    const {tip} = this;
    tip.hidden = lines.length === 0;
    if (tip.hidden) return;
    const [title, ...rest] = lines;
    tip.replaceChildren(element("b", title), ...rest.map((text) => element("div", text)));
    const {offsetWidth, offsetHeight} = tip;
    const left = x + 16 + offsetWidth > innerWidth ? Math.max(4, x - offsetWidth - 12) : x + 16;
    const top = y + 18 + offsetHeight > innerHeight ? Math.max(4, y - offsetHeight - 12) : y + 18;
    Object.assign(tip.style, {left: `${left}px`, top: `${top}px`});
  }
}
