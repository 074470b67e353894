// Elements of a page, and the tip at the mouse.

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

// Shows lines beside the mouse, within the window.
function showTip(tip, lines, x, y) {
  tip.hidden = lines.length === 0;
  if (tip.hidden) return;
  const [title, ...rest] = lines;
  tip.replaceChildren(element("b", title), ...rest.map((text) => element("div", text)));
  const {offsetWidth, offsetHeight} = tip;
  const left = x + 16 + offsetWidth > innerWidth ? Math.max(4, x - offsetWidth - 12) : x + 16;
  const top = y + 18 + offsetHeight > innerHeight ? Math.max(4, y - offsetHeight - 12) : y + 18;
  Object.assign(tip.style, {left: `${left}px`, top: `${top}px`});
}
