// The mouse: drag to measure, Shift and drag to move, Ctrl and wheel to zoom, click to pin.

const NEAR = 6; // pixels from an edge that it is taken at
const NEAR_CYCLE = 20; // pixels from a cycle's begin that a time is moved by

class Gestures {
  constructor(app, canvases) {
    Object.assign(this, {app, view: app.view, run: app.run, ...canvases});
    onDrag(this.rows, (event) => this.onRows(event));
    onDrag(this.ruler, (event) => this.onRuler(event));
    onDrag(this.strip, (event) => this.onStrip(event));
    for (const target of [this.rows, this.ruler]) {
      target.addEventListener("pointermove", (event) => this.point(target, event));
      target.addEventListener("pointerleave", () => this.app.point(null));
      target.addEventListener("wheel", (event) => this.wheel(target, event), {passive: false});
    }
    this.strip.addEventListener("wheel", (event) => this.zoomBy(event, null), {passive: false});
  }

  point(target, event) {
    const [x, y] = within(target, event);
    const inside = x >= LEFT && x <= LEFT + this.view.width;
    const mouse = {
      x,
      y,
      clientX: event.clientX,
      clientY: event.clientY,
      time: this.view.time(x),
      rows: target === this.rows,
    };
    this.app.point(inside ? mouse : null);
  }

  onRows(event) {
    const [x] = within(this.rows, event);
    if (x < LEFT) return null;
    if (event.shiftKey || event.button === 1) return this.move(event);
    return {...this.measure(this.rows, x), clicked: () => this.app.click(event)};
  }

  move(event) {
    const {from, to} = this.view;
    const {pixel} = this.view;
    return {
      moved: (now) => {
        const time = (event.clientX - now.clientX) * pixel;
        this.view.show(from + time, to + time);
      },
    };
  }

  measure(target, x) {
    const start = this.app.snap(this.view.time(x));
    return {
      moved: (now) =>
        this.app.measure(start, this.app.snap(this.view.time(within(target, now)[0]))),
    };
  }

  // On the ruler a cursor is taken where it is near; elsewhere a drag measures anew.
  onRuler(event) {
    const [x] = within(this.ruler, event);
    const span = this.app.state.span ?? [];
    const near = span.findIndex((time) => Math.abs(this.view.x(time) - x) <= NEAR);
    if (near >= 0) {
      const other = span[1 - near];
      return {
        moved: (now) =>
          this.app.measure(other, this.app.snap(this.view.time(within(this.ruler, now)[0]))),
      };
    }
    return {...this.measure(this.ruler, x), clicked: () => this.app.measure(null)};
  }

  // On the strip a drag anywhere chooses the view; at an edge of the box it moves that edge.
  onStrip(event) {
    const [x] = within(this.strip, event);
    const {from, to} = this.view;
    const at = (now) =>
      Math.min(Math.max(this.run.time(within(this.strip, now)[0]), 0), this.run.end);
    const start = at(event);
    if (event.shiftKey) {
      return {moved: (now) => this.view.show(from + at(now) - start, to + at(now) - start)};
    }
    const edges = [from, to].map((time) => Math.abs(this.run.x(time) - x));
    const edge =
      this.app.painters.strip.hasHandles() && Math.min(...edges) <= NEAR
        ? edges.indexOf(Math.min(...edges))
        : -1;
    const fixed = edge < 0 ? start : [to, from][edge];
    const half = (to - from) / 2;
    return {
      moved: (now) => this.view.show(Math.min(fixed, at(now)), Math.max(fixed, at(now))),
      clicked: () => this.view.show(start - half, start + half),
    };
  }

  wheel(target, event) {
    const [x] = within(target, event);
    const across = event.shiftKey ? event.deltaY || event.deltaX : event.deltaX;
    if (event.ctrlKey || event.metaKey || target === this.ruler)
      this.zoomBy(event, this.view.time(x));
    else if (Math.abs(across) > Math.abs(event.shiftKey ? 0 : event.deltaY)) {
      event.preventDefault();
      this.view.pan(across * this.view.pixel);
    }
  }

  zoomBy(event, at) {
    event.preventDefault();
    this.view.zoom(
      Math.exp((Math.sign(event.deltaY) * Math.min(Math.abs(event.deltaY), 100)) / 400),
      at,
    );
  }
}
