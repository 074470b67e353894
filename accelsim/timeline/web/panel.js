// The panel below the timeline: what is pinned and measured; and the tip at the mouse.

const MOST_LISTED = 12;

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

  showTip(lines, x, y) {
    showTip(this.tip, lines, x, y);
  }
}
