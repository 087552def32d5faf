// The page's viewer: a see-through rough or its pieces, solid stones, lines on top of them.
// Parallel view, so that what looks equally long is equally long. Picking needs no second
// drawing: a stone is convex, so the facet under a finger is the last half-space the ray enters.
"use strict";
(function () {
  const scene = JSON.parse(document.getElementById("scene").textContent);
  const canvas = document.getElementById("view"), stage = document.getElementById("stage");
  const tip = document.getElementById("tip");
  const pen = drawingOn(canvas);
  if (!pen) {
    stage.innerHTML = '<p class="nogl">This browser cannot draw in 3D. All numbers and the drawings below still hold.</p>';
    stage.style.height = "auto";
    return;
  }
  const FLAW = [.72, .16, .14], CUT = [.71, .25, .15], INK = [.04, .12, .15, 1];

  // ---- what is drawn
  const made = []; // pieces are made when they are first seen
  function piece(k) {
    if (made[k]) return made[k];
    const p = scene.pieces[k], { mesh, rims } = skin(p.mesh || scene.rough, p.walls);
    const [low, high] = p.box, corners = [0, 1, 2, 3, 4, 5, 6, 7].map(i => [0, 1, 2].map(j => (i >> j & 1 ? high : low)[j]));
    return made[k] = { mesh: pen.solid(...mesh), rims: rims.map((lines, i) => [p.walls[i][4], pen.strokes(lines)]), corners, middle: low.map((v, j) => (v + high[j]) / 2) };
  }
  const stones = scene.stones.map(s => {
    const at = [], out = [], tier = [];
    if (s.surface) {
      const [a, o] = facetted(s.surface);
      at.push(...a);
      out.push(...o);
      s.surface.planes.forEach(j => { const t = j < s.tier.length ? s.tier[j] : -1; tier.push(t, t, t); });
    } else s.loops.forEach((loop, j) => {
      for (let k = 1; k + 1 < loop.length; k++) [0, k, k + 1].forEach(c => { at.push(...s.corners[loop[c]]); out.push(...s.planes[j].slice(0, 3)); tier.push(s.tier[j]); });
    });
    const pair = body => pen.strokes(body.edges.map(([a, b]) => [body.corners[a], body.corners[b]]));
    return { mesh: pen.solid(at, out, tier), edges: pair(s.surface || s), preform: pair(s.preform), colour: s.colour };
  });
  const cuts = scene.saw.map(c => c.line.length ? { sheet: pen.solid(...fan(c.sheet)), rim: pen.strokes(ring(c.sheet)), line: pen.strokes(c.line) } : null);
  const flaws = scene.inclusions.map(f => ({
    balls: (f.spheres || []).map(b => pen.solid(...ball(b))),
    line: f.line ? pen.strokes([f.line]) : null,
    fan: f.polygon ? pen.solid(...fan(f.polygon)) : null,
    rim: f.polygon ? pen.strokes(ring(f.polygon)) : null,
    mesh: f.mesh ? pen.solid(...facetted(f.mesh)) : null,
  }));
  const ray = (way, length) => [scene.centre.map((c, k) => c - length * way[k]), scene.centre.map((c, k) => c + length * way[k])];
  const axes = Object.values(scene.axes).map(way => pen.strokes([ray(way, 1.15 * scene.radius)]));
  const corner = scene.rough.low, arm = 0.35 * scene.radius;
  const scan = [[1, 0, 0], [0, 1, 0], [0, 0, 1]].map(w => pen.strokes([[corner, corner.map((c, k) => c + arm * w[k])]]));

  // ---- state
  const several = scene.stones.length > 1, last = scene.saw.length;
  const shown = { rough: true, stones: true, preform: false, saw: true, every: false, flaws: true, axes: true, scan: false };
  let rows, zoom = 1, pan = [0, 0], hot = { stone: -1, tier: -1 }, due = false, size = [1, 1], active = 0, step = 0, apart = true;
  const widest = Math.max(...scene.steps.map(s => s.reach)); // one scale for all steps: pieces do not grow
  const reach = () => apart ? widest : scene.radius;
  const now = () => scene.steps[step];
  const moveOf = k => { const i = apart ? now().pieces.indexOf(k) : -1; return i < 0 ? REST : now().moves[i]; };
  const stoneMove = i => moveOf(now().stones[i]), flawMove = i => moveOf(now().flaws[i]);
  function cutMove(i) { // a cut to come lies in its piece; one that is made, between its two
    if (i >= step) return moveOf(now().cuts[i]);
    const [a, b] = scene.saw[i].sides.map(moveOf);
    return a.map((v, j) => (v + b[j]) / 2);
  }
  const cutSeen = i => cuts[i] && shown.saw && (i === step || i === step - 1 || (shown.every && i > step));
  const VIEWS = { // rows: right, up and towards you, in the gem's own frame
    "Whole": null, "Table": [[1, 0, 0], [0, 1, 0], [0, 0, 1]], "Culet": [[-1, 0, 0], [0, 1, 0], [0, 0, -1]],
    "Side": [[-1, 0, 0], [0, 0, 1], [0, 1, 0]], "End": [[0, 1, 0], [0, 0, 1], [1, 0, 0]],
  };
  const c = Math.cos(1.0), s = Math.sin(1.0), THREE_QUARTER = product([[1, 0, 0], [0, c, s], [0, -s, c]], [[.92, .38, 0], [-.38, .92, 0], [0, 0, 1]].map(unit));
  function look(name) {
    rows = !VIEWS[name] && scene.along ? scene.along : product(VIEWS[name] || THREE_QUARTER, scene.stones[active].frame);
    zoom = 1;
    pan = [0, 0];
    redraw();
  }
  const perPixel = () => 2.1 * reach() / (zoom * Math.min(size[0], size[1]));

  // ---- marks: words that follow a place
  const marks = [];
  function mark(text, layer, where, kind) { // `where` gives a place and its move, or null
    const element = document.createElement("span");
    element.className = "mark " + (kind || "");
    element.textContent = text;
    stage.appendChild(element);
    marks.push({ element, layer, where });
    return element;
  }
  if (several) scene.stones.forEach((st, i) => { mark(st.id, "stones", () => [st.centre, stoneMove(i)], "stone").style.borderColor = css(st.colour); });
  scene.inclusions.forEach((f, i) => mark(String(i + 1), "flaws", () => [f.place, flawMove(i)], "flaw"));
  scene.saw.forEach((cut, i) => { if (cuts[i]) mark("cut " + cut.step, "saw", () => cutSeen(i) && i >= step ? [cut.sheet[0], cutMove(i)] : null, "cut"); });
  Object.entries(scene.axes).forEach(([name, way]) => mark(name, "axes", () => [ray(way, 1.2 * scene.radius)[1], REST]));
  ["x", "y", "z"].forEach((name, i) => mark(name, "scan", () => [corner.map((c, k) => c + (k === i ? 1.12 * arm : 0)), REST]));
  if (last) scene.pieces.forEach((p, k) => {
    if (p.stone === null && k) mark(p.label, "rough", () => step && now().pieces.includes(k) ? [top(k), moveOf(k)] : null, p.off ? "off" : "");
  });
  function css(colour) { return "rgb(" + colour.map(v => Math.round(255 * v)).join(",") + ")"; }
  function top(k) { // a label stands over its piece
    return piece(k).corners.reduce((a, b) => dot(rows[1], a) > dot(rows[1], b) ? a : b).map((v, j) => 0.6 * v + 0.4 * piece(k).middle[j]);
  }

  // ---- drawing
  function redraw() { if (!due) { due = true; requestAnimationFrame(draw); } }
  function draw() {
    due = false;
    size = [stage.clientWidth, stage.clientHeight];
    pen.begin({ rows, size, pan, centre: scene.centre, perPixel: perPixel(), reach: reach(), dpr: window.devicePixelRatio || 1 });
    if (shown.saw) cuts.forEach((cut, i) => { if (cutSeen(i) && i < step) pen.stroke(cut.rim, [.55, .50, .46, 1], 1.2, cutMove(i)); });
    const depth = k => dot(rows[2], add(piece(k).middle, moveOf(k)));
    [...now().pieces].sort((a, b) => depth(a) - depth(b)).forEach(drawPiece); // far ones first
    if (shown.axes) axes.forEach(a => pen.stroke(a, [.35, .25, .60, 1], 2));
    if (shown.scan) scan.forEach((a, i) => pen.stroke(a, [[.75, .2, .15, 1], [.2, .5, .15, 1], [.15, .3, .75, 1]][i], 2.5));
    marks.forEach(({ element, layer, where }) => {
      const found = shown[layer] && where();
      element.hidden = !found;
      if (!found) return;
      const q = turn(rows, sub(add(...found), scene.centre)), k = 1 / perPixel();
      element.style.zIndex = 500 + Math.round(100 * q[2] / reach()); // near ones on top
      element.style.left = size[0] / 2 + q[0] * k + pan[0] + "px";
      element.style.top = size[1] / 2 - q[1] * k - pan[1] + "px";
    });
  }
  function drawPiece(k) {
    const { mesh, rims } = piece(k), move = moveOf(k), p = scene.pieces[k];
    const tint = p.off ? [.52, .50, .46] : [.60, .60, .56];
    if (shown.rough) pen.farWall(mesh, [...tint, .55], move, step);
    stones.forEach((st, i) => {
      if (now().stones[i] !== k) return;
      if (shown.stones) {
        pen.paint(STONE, st.mesh, [...st.colour, 1], move, hot.stone === i ? hot.tier : -9);
        pen.stroke(st.edges, INK, 1.5, move);
      }
      if (shown.preform) pen.stroke(st.preform, [.80, .42, .05, 1], 1.6, move);
    });
    if (shown.flaws) flaws.forEach((f, i) => { if (now().flaws[i] === k) drawFlaw(f, move); });
    cuts.forEach((cut, i) => {
      if (i < step || now().cuts[i] !== k || !cutSeen(i)) return;
      pen.glass(cut.sheet, [...CUT, i === step ? .20 : .10], move);
      pen.stroke(cut.rim, [...CUT, 1], i === step ? 2 : 1, move);
      if (i === step && shown.rough) pen.stroke(cut.line, [...CUT, 1], 3.5, move);
    });
    if (shown.rough) rims.forEach(([made, lines]) => made === step ? pen.stroke(lines, [...CUT, 1], 2, move) : pen.stroke(lines, [.48, .46, .42, 1], 1.2, move));
    if (shown.rough) pen.nearWall(mesh, [...tint.map(v => v + .06), .62], move, step);
  }
  function drawFlaw(f, move) {
    f.balls.forEach(b => pen.paint(STONE, b, [...FLAW, 1], move));
    if (f.mesh) pen.paint(STONE, f.mesh, [...FLAW, 1], move);
    if (f.line) pen.stroke(f.line, [...FLAW, 1], 3, move);
    if (f.fan) pen.glass(f.fan, [...FLAW, .45], move);
    if (f.rim) pen.stroke(f.rim, [...FLAW, 1], 2, move);
  }

  // ---- what is under the finger
  function facetAt(x, y) {
    const box = canvas.getBoundingClientRect(), k = perPixel();
    const q = [(x - box.left - size[0] / 2 - pan[0]) * k, (size[1] / 2 - (y - box.top) - pan[1]) * k];
    const start = scene.centre.map((v, i) => v + q[0] * rows[0][i] + q[1] * rows[1][i] + 4 * reach() * rows[2][i]);
    const way = rows[2].map(v => -v);
    let best = null;
    scene.stones.forEach((st, i) => {
      const from = sub(start, stoneMove(i));
      let enter = -Infinity, leave = Infinity, facet = -1;
      st.planes.forEach(([a, b, e, d], j) => {
        const speed = a * way[0] + b * way[1] + e * way[2], room = d - (a * from[0] + b * from[1] + e * from[2]);
        if (speed < 0 && room / speed > enter) { enter = room / speed; facet = j; }
        if (speed > 0 && room / speed < leave) leave = room / speed;
        if (speed === 0 && room < 0) leave = -Infinity;
      });
      if (enter >= leave || facet < 0 || (best && enter >= best.enter)) return;
      const at = from.map((v, j) => v + enter * way[j]), open = st.notch && st.notch.every(w => dot(w, at) < w[3]);
      best = { stone: i, facet: open ? -1 : facet, enter };
    });
    return best;
  }
  function choose(stone, tier, words) {
    hot = { stone, tier };
    tip.innerHTML = "";
    if (words) tip.appendChild(document.createElement("b")).textContent = words;
    document.querySelectorAll(".tier").forEach(row => row.classList.toggle("on", +row.dataset.stone === stone && +row.dataset.tier === tier));
    redraw();
  }
  function point(x, y) {
    const hit = shown.stones ? facetAt(x, y) : null;
    if (!hit) return choose(-1, -1, "");
    const st = scene.stones[hit.stone];
    const words = hit.facet < 0 ? "cleft, ground out last" : st.words[hit.facet];
    choose(hit.stone, hit.facet < 0 ? -1 : st.tier[hit.facet], (several ? st.id + " · " : "") + words);
  }

  // ---- fingers, mouse, keys
  function orbit(dx, dy) {
    const a = dx * 0.009, b = dy * 0.009;
    rows = product([[1, 0, 0], [0, Math.cos(b), -Math.sin(b)], [0, Math.sin(b), Math.cos(b)]], product([[Math.cos(a), 0, Math.sin(a)], [0, 1, 0], [-Math.sin(a), 0, Math.cos(a)]], rows));
    rows[0] = unit(rows[0]); // rounding would shear the view after an hour of turning
    rows[2] = unit(cross(rows[0], rows[1]));
    rows[1] = cross(rows[2], rows[0]);
    redraw();
  }
  const rescale = factor => { zoom = Math.min(20, Math.max(0.4, zoom * factor)); redraw(); };
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
      pan = [pan[0] + after[1] - before[1], pan[1] - after[2] + before[2]];
      rescale(after[0] / (before[0] || 1));
    } else if (fingers.size === 1) {
      if (e.shiftKey || e.buttons === 2) { pan = [pan[0] + dx, pan[1] - dy]; redraw(); } else orbit(dx, dy);
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

  // ---- buttons, switches, rows of the facet list
  Object.keys(VIEWS).forEach(name => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = name;
    button.onclick = () => look(name);
    document.getElementById("turns").appendChild(button);
  });
  [["rough", last ? "Rough, pieces" : "Rough", true], ["stones", several ? "Stones" : "Stone", true], ["preform", several ? "Preforms" : "Preform", true],
    ["saw", "Saw planes", last], ["every", "Later cuts too", last > 1], ["flaws", "Inclusions", flaws.length], ["axes", "Crystal axes", axes.length], ["scan", "Scan axes", true]].forEach(([key, name, there]) => {
    if (!there) return;
    const label = document.createElement("label"), box = document.createElement("input");
    box.type = "checkbox";
    box.checked = shown[key];
    box.dataset.layer = key;
    box.onchange = () => { shown[key] = box.checked; redraw(); };
    label.append(box, name);
    document.getElementById("layers").appendChild(label);
  });
  document.querySelectorAll(".tier").forEach(row => row.addEventListener("click", () => {
    const stone = +row.dataset.stone, tier = +row.dataset.tier;
    active = stone;
    look({ crown: "Table", table: "Table", pavilion: "Culet", girdle: "Side" }[row.dataset.side]);
    choose(stone, tier, row.dataset.words);
    stage.scrollIntoView({ behavior: "smooth", block: "nearest" });
  }));

  // ---- saw steps: a slider, and lines of the list and the tree that lead to their step
  if (last) {
    const slider = document.getElementById("step"), said = document.getElementById("said"), box = document.getElementById("apart");
    const go = to => {
      step = Math.min(last, Math.max(0, to));
      slider.value = step;
      said.textContent = now().words;
      document.querySelectorAll("tr.cut").forEach(row => row.classList.toggle("on", +row.dataset.step === step));
      redraw();
    };
    slider.addEventListener("input", () => go(+slider.value));
    document.getElementById("back").onclick = () => go(step - 1);
    document.getElementById("on").onclick = () => go(step + 1);
    box.onchange = () => { apart = box.checked; redraw(); };
    document.querySelectorAll("[data-step]").forEach(line => line.addEventListener("click", () => {
      go(+line.dataset.step);
      stage.scrollIntoView({ behavior: "smooth", block: "nearest" });
    }));
    go(0);
  }
  new ResizeObserver(redraw).observe(stage);
  look("Whole");
})();
