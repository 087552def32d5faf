// Fingers, mouse, wheel and keys of the page's viewer: what they mean, not what is done.
"use strict";
function gesturesOn(canvas, { orbit, rescale, shift, point }) {
  const fingers = new Map();
  let travelled = 0;
  const spread = () => { const [p, q] = [...fingers.values()]; return [Math.hypot(p[0] - q[0], p[1] - q[1]), (p[0] + q[0]) / 2, (p[1] + q[1]) / 2]; };
  canvas.addEventListener("pointerdown", e => { canvas.setPointerCapture(e.pointerId); fingers.set(e.pointerId, [e.clientX, e.clientY]); travelled = 0; });
  canvas.addEventListener("pointermove", e => {
    if (!fingers.has(e.pointerId)) { if (e.pointerType === "mouse") point(e.clientX, e.clientY); return; }
    const [x, y] = fingers.get(e.pointerId), dx = e.clientX - x, dy = e.clientY - y;
    const before = fingers.size === 2 ? spread() : null;
    fingers.set(e.pointerId, [e.clientX, e.clientY]);
    travelled += Math.abs(dx) + Math.abs(dy);
    if (before) {
      const after = spread();
      shift(after[1] - before[1], before[2] - after[2]);
      rescale(after[0] / (before[0] || 1));
    } else if (fingers.size === 1) {
      if (e.shiftKey || e.buttons === 2) shift(dx, -dy); else orbit(dx, dy);
    }
  });
  const lift = e => { if (fingers.delete(e.pointerId) && e.type === "pointerup" && travelled < 6) point(e.clientX, e.clientY); };
  ["pointerup", "pointercancel"].forEach(kind => canvas.addEventListener(kind, lift));
  canvas.addEventListener("contextmenu", e => e.preventDefault());
  canvas.addEventListener("wheel", e => { e.preventDefault(); rescale(Math.exp(-e.deltaY * 0.0015)); }, { passive: false });
  canvas.addEventListener("keydown", e => {
    const move = { ArrowLeft: [-14, 0], ArrowRight: [14, 0], ArrowUp: [0, -14], ArrowDown: [0, 14] }[e.key];
    if (move) { orbit(...move); e.preventDefault(); }
    if (e.key === "+" || e.key === "-") rescale(e.key === "+" ? 1.15 : 1 / 1.15);
  });
}
