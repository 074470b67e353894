// Drags of the mouse on an element, and where it is.

const CLICK = 4; // pixels that a click may slip

// Follows a drag on an element: moved(event, start) at each move, ended(event, slipped) at its end.
function onDrag(target, begin) {
  target.addEventListener("pointerdown", (event) => {
    if (event.button > 1) return;
    const drag = begin(event);
    if (drag == null) return;
    event.preventDefault();
    target.setPointerCapture(event.pointerId);
    let slipped = false;
    const move = (now) => {
      slipped ||= Math.hypot(now.clientX - event.clientX, now.clientY - event.clientY) >= CLICK;
      if (slipped) drag.moved(now);
    };
    const end = (now) => {
      target.removeEventListener("pointermove", move);
      target.removeEventListener("pointerup", end);
      target.removeEventListener("pointercancel", end);
      if (!slipped && now.type === "pointerup") drag.clicked?.(now);
    };
    target.addEventListener("pointermove", move);
    target.addEventListener("pointerup", end);
    target.addEventListener("pointercancel", end);
  });
}

function within(target, event) {
  const box = target.getBoundingClientRect();
  return [event.clientX - box.left, event.clientY - box.top];
}
