// The page's viewer: a see-through rough or its pieces, solid stones, lines on top of them; or one
// stone alone, large. Parallel view, so that what looks equally long is equally long. Picking needs
// no second drawing: a stone is convex, so the facet under a finger is the last half-space the ray enters.
"use strict";
(function () {
  const scene = JSON.parse(document.getElementById("scene").textContent);
  const canvas = document.getElementById("view"), stage = document.getElementById("stage");
  const tip = document.getElementById("tip"), viewer = document.getElementById("viewer");
  const pen = drawingOn(canvas);
  if (!pen) {
    stage.innerHTML = '<p class="nogl">This browser cannot draw in 3D. All numbers and the drawings below still hold.</p>';
    stage.style.height = "auto";
    return;
  }
  const FLAW = [.72, .16, .14], CUT = [.71, .25, .15], INK = [.04, .12, .15, 1], DOT = [.10, .12, .14, 1];
  const FLAT = [.10, .38, .16], REGION = [.45, .27, .62];

  // ---- what is drawn
  const made = []; // pieces are made when they are first seen
  function piece(k) {
    if (made[k]) return made[k];
    const p = scene.pieces[k], { mesh, rims } = skin(p.mesh || scene.rough, p.walls);
    const [low, high] = p.box, corners = [0, 1, 2, 3, 4, 5, 6, 7].map(i => [0, 1, 2].map(j => (i >> j & 1 ? high : low)[j]));
    return made[k] = { mesh: pen.solid(...mesh), rims: rims.map((lines, i) => [p.walls[i][4], pen.strokes(lines)]), corners, middle: low.map((v, j) => (v + high[j]) / 2) };
  }
  // The plan's stones, then others that could be cut in their place.
  const several = scene.stones.length > 1, own = scene.stones.length, last = scene.saw.length;
  const stones = scene.stones.concat(scene.others).map(s => {
    const pair = body => pen.strokes(body.edges.map(([a, b]) => [body.corners[a], body.corners[b]]));
    const middle = REST.map((_, k) => (Math.min(...s.corners.map(c => c[k])) + Math.max(...s.corners.map(c => c[k]))) / 2);
    const wide = Math.max(...s.corners.map(c => Math.hypot(...sub(c, middle))));
    return { ...s, middle, wide, rings: [], mesh: pen.solid(...solidOf(s)), lines: pair(s.surface || s), grown: pair(s.preform) };
  });
  const sheetOf = c => c.line.length ? { sheet: pen.solid(...fan(c.sheet)), rim: pen.strokes(ring(c.sheet)), line: pen.strokes(c.line), at: c.sheet[0] } : null;
  const cuts = scene.saw.map(sheetOf), flats = (scene.flats || []).map(sheetOf);
  const flaws = scene.inclusions.map(f => ({
    balls: (f.spheres || []).map(b => pen.solid(...ball(b))),
    line: f.line ? pen.strokes([f.line]) : null,
    fan: f.polygon ? pen.solid(...fan(f.polygon)) : null,
    rim: f.polygon ? pen.strokes(ring(f.polygon)) : null,
    mesh: f.mesh ? pen.solid(...facetted(f.mesh)) : null,
    region: f.region ? pen.solid(...skin(f.region).mesh) : null,
  }));
  const bead = place => pen.solid(...ball([...place, 0.014 * scene.radius]));
  const spots = (scene.marks || []).map(m => bead(m.place)), inks = (scene.inks || []).map(m => bead(m.place));
  const ray = (way, length) => [scene.centre.map((c, k) => c - length * way[k]), scene.centre.map((c, k) => c + length * way[k])];
  const axes = Object.values(scene.axes).map(way => pen.strokes([ray(way, 1.15 * scene.radius)]));
  const corner = scene.rough.low, arm = 0.35 * scene.radius;
  const scan = [[1, 0, 0], [0, 1, 0], [0, 0, 1]].map(w => pen.strokes([[corner, corner.map((c, k) => c + arm * w[k])]]));

  // ---- state: `chosen` of the others lies in the rough in place of the plan; `alone` is shown large
  const shown = { rough: true, stones: true, preform: false, names: true, saw: true, every: false, flaws: true, marks: false, flats: false, axes: true, scan: false };
  let rows, zoom = 1, pan = [0, 0], hot = { stone: -1, tier: -1, facet: -1 }, due = false, size = [1, 1], step = 0, apart = true;
  let chosen = -1, alone = -1, active = 0, origin = null;
  const widest = Math.max(...scene.steps.map(s => s.reach)); // one scale for all steps: pieces do not grow
  const unsawn = { pieces: [0], moves: [REST], stones: [], flaws: scene.inclusions.map(() => 0), marks: spots.map(() => 0), cuts: [] };
  const now = () => chosen < 0 ? scene.steps[step] : unsawn;
  const centre = () => alone < 0 ? scene.centre : stones[alone].middle;
  const reach = () => alone >= 0 ? 1.06 * stones[alone].wide : apart && chosen < 0 ? widest : scene.radius;
  const cast = () => alone >= 0 ? [alone] : chosen >= 0 ? [chosen] : scene.stones.map((_, i) => i);
  const holder = i => i < own ? now().stones[i] : 0;
  const moveOf = k => { const i = apart && alone < 0 ? now().pieces.indexOf(k) : -1; return i < 0 ? REST : now().moves[i]; };
  const stoneMove = i => moveOf(holder(i)), flawMove = i => moveOf(now().flaws[i]), markMove = i => moveOf(now().marks[i]);
  function cutMove(i) { // a cut to come lies in its piece; one that is made, between its two
    if (i >= step) return moveOf(now().cuts[i]);
    const [a, b] = scene.saw[i].sides.map(moveOf);
    return a.map((v, j) => (v + b[j]) / 2);
  }
  const cutSeen = i => chosen < 0 && cuts[i] && shown.saw && (i === step || i === step - 1 || (shown.every && i > step));
  const VIEWS = { // rows: right, up and towards you, in the gem's own frame
    "Whole": null, "Table": [[1, 0, 0], [0, 1, 0], [0, 0, 1]], "Culet": [[-1, 0, 0], [0, 1, 0], [0, 0, -1]],
    "Side": [[-1, 0, 0], [0, 0, 1], [0, 1, 0]], "End": [[0, 1, 0], [0, 0, 1], [1, 0, 0]],
  };
  const c = Math.cos(1.0), s = Math.sin(1.0), THREE_QUARTER = product([[1, 0, 0], [0, c, s], [0, -s, c]], [[.92, .38, 0], [-.38, .92, 0], [0, 0, 1]].map(unit));
  function look(name) {
    rows = !VIEWS[name] && scene.along && chosen < 0 && alone < 0 ? scene.along : product(VIEWS[name] || THREE_QUARTER, stones[active].frame);
    zoom = 1;
    pan = [0, 0];
    redraw();
  }
  function face(st, tier) { // turns the stone about its axis until the tier's first facet looks at you
    const towards = unit(st.planes[st.tier.indexOf(tier)].slice(0, 3)), up = st.frame[2];
    rows = [unit(cross(up, towards)), up, towards];
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
  const inRough = where => () => alone < 0 ? where() : null;
  stones.forEach((st, i) => {
    if (several || i >= own) mark(st.id, "stones", inRough(() => cast().includes(i) ? [st.centre, stoneMove(i)] : null), "stone").style.borderColor = css(st.colour);
  });
  scene.inclusions.forEach((f, i) => mark(f.region ? f.name + ": kept free" : String(i + 1), "flaws", inRough(() => [f.place, flawMove(i)]), f.region ? "region" : "flaw"));
  scene.saw.forEach((cut, i) => { if (cuts[i]) mark("cut " + cut.step, "saw", inRough(() => cutSeen(i) && i >= step ? [cuts[i].at, cutMove(i)] : null), "cut"); });
  (scene.marks || []).forEach((m, i) => mark("mark " + m.name, "marks", inRough(() => [m.place, markMove(i)]), "bench"));
  (scene.inks || []).forEach(m => mark(m.name, "marks", inRough(() => chosen < 0 && m.cut === step ? [m.place, cutMove(m.cut)] : null), "bench"));
  (scene.flats || []).forEach((f, i) => { if (flats[i]) mark(f.words, "flats", () => cast().includes(i) ? [flats[i].at, stoneMove(i)] : null, "flat"); });
  Object.entries(scene.axes).forEach(([name, way]) => mark(name, "axes", inRough(() => [ray(way, 1.2 * scene.radius)[1], REST])));
  ["x", "y", "z"].forEach((name, i) => mark(name, "scan", inRough(() => [corner.map((c, k) => c + (k === i ? 1.12 * arm : 0)), REST])));
  if (last) scene.pieces.forEach((p, k) => {
    if (p.stone === null && k) mark(p.label, "rough", inRough(() => step && now().pieces.includes(k) ? [top(k), moveOf(k)] : null), p.off ? "off" : "");
  });
  let names = []; // of the facets of the stone that is alone
  function nameFacets() {
    names.forEach(own => { own.element.remove(); marks.splice(marks.indexOf(own), 1); });
    names = [];
    if (alone < 0) return;
    const st = stones[alone];
    st.loops.forEach((loop, j) => {
      if (st.tier[j] < 0 || loop.length < 3) return;
      const { middle, area } = middleOf(loop.map(i => st.corners[i])), code = st.codes[st.tier[j]];
      if (st.notch && st.notch.every(w => dot(w, middle) < w[3])) return;
      mark(code, "names", () => {
        const facing = dot(st.planes[j], rows[2]), room = area * facing / perPixel() ** 2;
        return facing > .25 && room > 300 * (1 + .4 * code.length) ? [middle, REST] : null;
      }, "facet");
      names.push(marks[marks.length - 1]);
    });
  }
  function css(colour) { return "rgb(" + colour.map(v => Math.round(255 * v)).join(",") + ")"; }
  function top(k) { // a label stands over its piece
    return piece(k).corners.reduce((a, b) => dot(rows[1], a) > dot(rows[1], b) ? a : b).map((v, j) => 0.6 * v + 0.4 * piece(k).middle[j]);
  }

  // ---- drawing
  function redraw() { if (!due) { due = true; requestAnimationFrame(draw); } }
  function draw() {
    due = false;
    size = [stage.clientWidth, stage.clientHeight];
    stage.style.setProperty("--shape", size[0] / size[1]); // paper keeps it
    pen.begin({ rows, size, pan, centre: centre(), perPixel: perPixel(), reach: reach(), dpr: window.devicePixelRatio || 1 });
    if (alone >= 0) drawStone(alone, REST, true);
    else drawRough();
    marks.forEach(({ element, layer, where }) => {
      const found = shown[layer] && where();
      element.hidden = !found;
      if (!found) return;
      const q = turn(rows, sub(add(...found), centre())), k = 1 / perPixel();
      element.style.zIndex = 500 + Math.round(100 * q[2] / reach()); // near ones on top
      element.style.left = 50 + 100 * (q[0] * k + pan[0]) / size[0] + "%"; // in shares, so that paper may be smaller
      element.style.top = 50 - 100 * (q[1] * k + pan[1]) / size[1] + "%";
    });
  }
  function drawRough() {
    if (shown.saw && chosen < 0) cuts.forEach((cut, i) => { if (cutSeen(i) && i < step) pen.stroke(cut.rim, [.55, .50, .46, 1], 1.2, cutMove(i)); });
    const depth = k => dot(rows[2], add(piece(k).middle, moveOf(k)));
    [...now().pieces].sort((a, b) => depth(a) - depth(b)).forEach(drawPiece); // far ones first
    if (shown.axes) axes.forEach(a => pen.stroke(a, [.35, .25, .60, 1], 2));
    if (shown.scan) scan.forEach((a, i) => pen.stroke(a, [[.75, .2, .15, 1], [.2, .5, .15, 1], [.15, .3, .75, 1]][i], 2.5));
  }
  function drawPiece(k) {
    const { mesh, rims } = piece(k), move = moveOf(k), p = scene.pieces[k];
    const tint = p.off ? [.52, .50, .46] : [.60, .60, .56];
    if (shown.rough) pen.farWall(mesh, [...tint, .55], move, step);
    cast().forEach(i => { if (holder(i) === k) drawStone(i, move, shown.stones); });
    if (shown.flaws) flaws.forEach((f, i) => { if (now().flaws[i] === k) drawFlaw(f, move); });
    if (chosen < 0) cuts.forEach((cut, i) => {
      if (i < step || now().cuts[i] !== k || !cutSeen(i)) return;
      pen.glass(cut.sheet, [...CUT, i === step ? .20 : .10], move);
      pen.stroke(cut.rim, [...CUT, 1], i === step ? 2 : 1, move);
      if (i === step && shown.rough) pen.stroke(cut.line, [...CUT, 1], 3.5, move);
    });
    if (shown.rough) rims.forEach(([made, lines]) => made === step ? pen.stroke(lines, [...CUT, 1], 2, move) : pen.stroke(lines, [.48, .46, .42, 1], 1.2, move));
    if (shown.rough) pen.nearWall(mesh, [...tint.map(v => v + .06), .62], move, step);
    if (!shown.marks) return;
    spots.forEach((m, i) => { if (now().marks[i] === k) pen.paint(STONE, m, DOT, move); });
    inks.forEach((m, i) => { if (chosen < 0 && scene.inks[i].cut === step && now().cuts[step] === k) pen.paint(STONE, m, [...CUT, 1], move); });
  }
  function drawStone(i, move, solid) {
    const st = stones[i], lit = hot.stone === i;
    if (solid) {
      pen.paint(STONE, st.mesh, [...st.colour, 1], move, lit ? hot.tier : -9);
      pen.stroke(st.lines, INK, 1.5, move);
      if (lit && hot.facet >= 0 && !st.surface) {
        const j = hot.facet;
        pen.stroke(st.rings[j] = st.rings[j] || pen.strokes(ring(st.loops[j].map(k => st.corners[k]))), [.75, .22, 0, 1], 4, move, .003);
      }
    }
    if (shown.preform) pen.stroke(st.grown, [.80, .42, .05, 1], 1.6, move);
    if (shown.flats && flats[i]) {
      pen.glass(flats[i].sheet, [...FLAT, .14], move);
      pen.stroke(flats[i].rim, [...FLAT, 1], 1.2, move);
      pen.stroke(flats[i].line, [...FLAT, 1], 3, move);
    }
  }
  function drawFlaw(f, move) {
    f.balls.forEach(b => pen.paint(STONE, b, [...FLAW, 1], move));
    if (f.mesh) pen.paint(STONE, f.mesh, [...FLAW, 1], move);
    if (f.line) pen.stroke(f.line, [...FLAW, 1], 3, move);
    if (f.fan) pen.glass(f.fan, [...FLAW, .45], move);
    if (f.rim) pen.stroke(f.rim, [...FLAW, 1], 2, move);
    if (f.region) pen.glass(f.region, [...REGION, .22], move);
  }

  // ---- what is under the finger
  function facetAt(x, y) {
    const box = canvas.getBoundingClientRect(), k = perPixel();
    const q = [(x - box.left - size[0] / 2 - pan[0]) * k, (size[1] / 2 - (y - box.top) - pan[1]) * k];
    const start = centre().map((v, i) => v + q[0] * rows[0][i] + q[1] * rows[1][i] + 4 * reach() * rows[2][i]);
    const way = rows[2].map(v => -v);
    let best = null;
    cast().forEach(i => {
      const st = stones[i], from = sub(start, alone < 0 ? stoneMove(i) : REST);
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
  function choose(stone, tier, words, facet = -1) {
    hot = { stone, tier, facet };
    tip.innerHTML = "";
    if (words) tip.appendChild(document.createElement("b")).textContent = words;
    document.querySelectorAll(".tier").forEach(row => row.classList.toggle("on", +row.dataset.stone === stone && +row.dataset.tier === tier));
    redraw();
  }
  function point(x, y) {
    const hit = shown.stones || alone >= 0 ? facetAt(x, y) : null;
    if (!hit) return choose(-1, -1, "");
    const st = stones[hit.stone], { facet } = hit;
    const words = facet < 0 ? "cleft, ground out last" : st.words[facet];
    choose(hit.stone, facet < 0 ? -1 : st.tier[facet], (several || hit.stone >= own ? st.id + " · " : "") + words, facet);
  }
  function orbit(dx, dy) {
    const a = dx * 0.009, b = dy * 0.009;
    rows = product([[1, 0, 0], [0, Math.cos(b), -Math.sin(b)], [0, Math.sin(b), Math.cos(b)]], product([[Math.cos(a), 0, Math.sin(a)], [0, 1, 0], [-Math.sin(a), 0, Math.cos(a)]], rows));
    rows[0] = unit(rows[0]); // rounding would shear the view after an hour of turning
    rows[2] = unit(cross(rows[0], rows[1]));
    rows[1] = cross(rows[2], rows[0]);
    redraw();
  }
  gesturesOn(canvas, {
    orbit, point,
    rescale(factor) { zoom = Math.min(20, Math.max(0.4, zoom * factor)); redraw(); },
    shift(dx, dy) { pan = [pan[0] + dx, pan[1] + dy]; redraw(); },
  });

  // ---- what is shown: the rough, one stone alone, another choice in the rough
  const showing = document.getElementById("shows"), views = document.getElementById("turns"), layers = document.getElementById("layers");
  function button(text, press) {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = text;
    made.onclick = press;
    return made;
  }
  function show(other, stone) { // numbers of stones; -1: the plan's, and none alone
    chosen = other;
    alone = stone;
    active = stone >= 0 ? stone : Math.max(0, other);
    viewer.classList.toggle("alone", alone >= 0);
    viewer.classList.toggle("other", chosen >= 0);
    choose(-1, -1, "");
    nameFacets();
    const parts = [button("In the rough", () => show(chosen, -1))];
    const wanted = chosen >= 0 ? [chosen] : scene.stones.map((_, i) => i);
    wanted.forEach(i => {
      parts.push(button(several || chosen >= 0 ? stones[i].id + " alone" : "Stone alone", () => show(chosen, i)));
      parts[parts.length - 1].dataset.alone = stones[i].id;
    });
    parts.forEach((part, k) => part.setAttribute("aria-pressed", String(k === 1 + wanted.indexOf(alone))));
    if (chosen >= 0) parts.push(button("Back to the plan", () => show(-1, -1)));
    if (origin) parts.push(home);
    showing.replaceChildren(...parts);
    document.querySelectorAll("[data-choice]").forEach(row => row.classList.toggle("on", row.dataset.choice === (chosen < 0 ? "" : stones[chosen].id)));
    look("Whole");
  }
  const home = button("Back to the list", () => origin.scrollIntoView({ block: "center" }));
  function seen(line) { // brings the picture up for a line of a list, and remembers the way back
    origin = line;
    showing.appendChild(home);
    stage.scrollIntoView({ behavior: Math.abs(stage.getBoundingClientRect().top) < 1500 ? "smooth" : "auto", block: "nearest" });
  }
  Object.keys(VIEWS).forEach(name => views.appendChild(button(name, () => look(name))));
  const regions = scene.inclusions.some(f => f.region), plain = scene.inclusions.some(f => !f.region);
  [["rough", last ? "Rough, pieces" : "Rough", true], ["stones", several ? "Stones" : "Stone", true], ["preform", several ? "Preforms" : "Preform", true], ["names", "Facet codes", true],
    ["saw", "Saw planes", last], ["every", "Later cuts too", last > 1], ["flaws", regions ? plain ? "Flaws, kept free" : "Kept free" : "Flaws", flaws.length],
    ["marks", "Marks", spots.length], ["flats", several ? "First flats" : "First flat", flats.length],
    ["axes", "Crystal axes", axes.length], ["scan", scene.frame, true]].forEach(([key, name, there]) => {
    if (!there) return;
    const label = document.createElement("label"), box = document.createElement("input");
    label.className = "of-" + key;
    box.type = "checkbox";
    box.checked = shown[key];
    box.dataset.layer = key;
    box.onchange = () => { shown[key] = box.checked; redraw(); };
    label.append(box, name);
    layers.appendChild(label);
  });
  document.querySelectorAll(".tier").forEach(row => row.addEventListener("click", () => {
    const stone = +row.dataset.stone, tier = +row.dataset.tier;
    if (alone !== stone) show(-1, stone);
    look({ crown: "Table", table: "Table", pavilion: "Culet", girdle: "Side" }[row.dataset.side]);
    if (row.dataset.side === "girdle") face(stones[stone], tier);
    choose(stone, tier, row.dataset.words);
    seen(row);
  }));
  document.querySelectorAll("[data-alone]").forEach(row => row.addEventListener("click", () => { show(-1, stones.findIndex(st => st.id === row.dataset.alone)); seen(row); }));
  document.querySelectorAll("[data-choice]").forEach(row => row.addEventListener("click", () => { show(stones.findIndex(st => st.id === row.dataset.choice), -1); seen(row); }));

  // ---- saw steps: a slider, and lines of the list and the tree that lead to their step
  if (last) {
    const slider = document.getElementById("step"), said = document.getElementById("said"), box = document.getElementById("apart");
    const go = to => {
      if (alone >= 0 || chosen >= 0) show(-1, -1);
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
    document.querySelectorAll("[data-step]").forEach(line => line.addEventListener("click", () => { go(+line.dataset.step); seen(line); }));
    go(0);
  }
  new ResizeObserver(redraw).observe(stage);
  show(-1, -1);
})();
