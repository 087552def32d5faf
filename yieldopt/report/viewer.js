// The page's viewer: a see-through rough, solid stones, lines on top of them. Parallel view, so
// that what looks equally long is equally long. Two programs: shaded triangles, and lines as thin
// quads (WebGL draws lines one pixel wide only). Picking needs no second drawing: a stone is
// convex, so the facet under a finger is the last half-space that the ray enters.
"use strict";
(function () {
  const scene = JSON.parse(document.getElementById("scene").textContent);
  const canvas = document.getElementById("view"), stage = document.getElementById("stage");
  const tip = document.getElementById("tip");
  const gl = canvas.getContext("webgl2", { antialias: true, preserveDrawingBuffer: true });
  if (!gl) {
    stage.innerHTML = '<p class="nogl">This browser cannot draw in 3D. All numbers and the drawings below still hold.</p>';
    stage.style.height = "auto";
    return;
  }
  const COLOURS = [[.13, .56, .66], [.72, .36, .20], [.36, .50, .22], [.48, .32, .62], [.70, .56, .12], [.25, .38, .66]];
  const HOT = [.96, .64, .10], STONE = 0, ROUGH = 1, PLAIN = 2;
  const SMOOTH = Math.cos(35 * Math.PI / 180); // sharper edges of the rough stay sharp

  // ---- small vectors
  const sub = (a, b) => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
  const dot = (a, b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
  const cross = (a, b) => [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
  const unit = a => { const n = Math.hypot(...a) || 1; return [a[0] / n, a[1] / n, a[2] / n]; };
  const turn = (rows, a) => rows.map(r => dot(r, a));
  const product = (a, b) => a.map(r => [0, 1, 2].map(k => r[0] * b[0][k] + r[1] * b[1][k] + r[2] * b[2][k]));

  // ---- programs
  function program(vertex, fragment) {
    const p = gl.createProgram();
    [[gl.VERTEX_SHADER, vertex], [gl.FRAGMENT_SHADER, fragment]].forEach(([kind, text]) => {
      const s = gl.createShader(kind);
      gl.shaderSource(s, "#version 300 es\nprecision highp float;\n" + text);
      gl.compileShader(s);
      gl.attachShader(p, s);
    });
    gl.linkProgram(p);
    if (!gl.getProgramParameter(p, gl.LINK_STATUS)) throw new Error(gl.getProgramInfoLog(p));
    return p;
  }
  const PLACE = `uniform mat3 rot; uniform vec3 mid; uniform vec4 fit; uniform float deep;
    vec4 place(vec3 p) { vec3 q = rot * (p - mid); return vec4(q.xy * fit.xy + fit.zw, -q.z * deep, 1.0); }`;
  const faces = program(
    `in vec3 at; in vec3 out_; in float tier; ${PLACE} out vec3 n; flat out float t;
     void main() { n = rot * out_; t = tier; gl_Position = place(at); }`,
    `in vec3 n; flat in float t; uniform vec4 tint; uniform int kind; uniform float hot; uniform vec3 glow; out vec4 colour;
     void main() {
       vec3 m = normalize(n); if (m.z < 0.0) m = -m;
       if (kind == 2) { colour = tint; return; }
       float lit = 0.40 + 0.46 * max(dot(m, normalize(vec3(-0.45, 0.65, 0.75))), 0.0) + 0.20 * max(dot(m, normalize(vec3(0.8, -0.3, 0.5))), 0.0);
       float shine = pow(max(dot(m, normalize(vec3(-0.3, 0.45, 1.0))), 0.0), 40.0);
       if (kind == 1) { // seen edge-on the skin is dense, seen straight it is clear
         float rim = pow(1.0 - m.z, 2.2);
         colour = vec4(tint.rgb * (0.55 + 0.5 * lit) + 0.35 * shine, clamp(tint.a * (0.12 + 1.0 * rim) + 0.16 * shine, 0.0, 0.9));
         return;
       }
       vec3 base = abs(t - hot) < 0.5 ? glow : tint.rgb;
       colour = vec4(base * lit * 1.12 + 0.30 * shine, 1.0);
     }`);
  const lines = program(
    `in vec3 a; in vec3 b; in vec2 corner; ${PLACE} uniform vec2 px; uniform float wide; uniform float lift;
     void main() {
       vec4 p = place(a), q = place(b); vec2 way = (q.xy - p.xy) / px; float len = max(length(way), 1e-6);
       vec2 side = vec2(-way.y, way.x) / len * corner.y * 0.5 * wide, ahead = way / len * (corner.x - 0.5) * wide * 0.5;
       vec4 e = mix(p, q, corner.x); gl_Position = vec4(e.xy + (side + ahead) * px, e.z - lift, 1.0);
     }`,
    `uniform vec4 tint; out vec4 colour; void main() { colour = tint; }`);
  function buffers(p, fields, count) {
    const vao = gl.createVertexArray();
    gl.bindVertexArray(vao);
    fields.forEach(([name, width, values]) => {
      const where = gl.getAttribLocation(p, name);
      if (where < 0) return;
      gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer());
      gl.bufferData(gl.ARRAY_BUFFER, values instanceof Float32Array ? values : new Float32Array(values), gl.STATIC_DRAW);
      gl.enableVertexAttribArray(where);
      gl.vertexAttribPointer(where, width, gl.FLOAT, false, 0, 0);
    });
    return { vao, count };
  }
  const solid = (at, out, tier) => buffers(faces, [["at", 3, at], ["out_", 3, out], ["tier", 1, tier || new Float32Array(at.length / 3)]], at.length / 3);
  function strokes(pairs) {
    const a = [], b = [], corner = [];
    pairs.forEach(([p, q]) => [[0, -1], [1, -1], [1, 1], [0, -1], [1, 1], [0, 1]].forEach(c => { a.push(...p); b.push(...q); corner.push(...c); }));
    return buffers(lines, [["a", 3, a], ["b", 3, b], ["corner", 2, corner]], a.length / 3);
  }
  const ring = loop => loop.map((p, i) => [p, loop[(i + 1) % loop.length]]);
  function fan(loop) {
    const at = [], n = unit(cross(sub(loop[1], loop[0]), sub(loop[2], loop[0])));
    for (let i = 1; i + 1 < loop.length; i++) at.push(...loop[0], ...loop[i], ...loop[i + 1]);
    const out = [];
    for (let i = 0; i < at.length / 3; i++) out.push(...n);
    return [at, out];
  }

  // ---- the rough: corners on a 16-bit grid; smooth where it is smooth, creased where it is not
  function bytes(text) { return Uint8Array.from(atob(text), c => c.charCodeAt(0)).buffer; }
  function roughMesh(r) {
    const grid = new Uint16Array(bytes(r.corners)), tri = new Uint32Array(bytes(r.faces));
    const n = tri.length / 3, at = new Float32Array(9 * n), out = new Float32Array(9 * n), flat = new Float32Array(3 * n), area = new Float32Array(3 * n);
    const first = new Int32Array(grid.length / 3).fill(-1), next = new Int32Array(tri.length);
    for (let c = 0; c < tri.length; c++) {
      for (let k = 0; k < 3; k++) at[3 * c + k] = r.low[k] + r.step * grid[3 * tri[c] + k];
      next[c] = first[tri[c]];
      first[tri[c]] = c;
    }
    for (let f = 0; f < n; f++) {
      const p = k => [at[9 * f + 3 * k], at[9 * f + 3 * k + 1], at[9 * f + 3 * k + 2]];
      const w = cross(sub(p(1), p(0)), sub(p(2), p(0)));
      area.set(w, 3 * f);
      flat.set(unit(w), 3 * f);
    }
    for (let c = 0; c < tri.length; c++) {
      const f = (c / 3) | 0, me = flat.subarray(3 * f, 3 * f + 3), sum = [0, 0, 0];
      for (let d = first[tri[c]]; d >= 0; d = next[d]) {
        const g = (d / 3) | 0;
        if (dot(me, flat.subarray(3 * g, 3 * g + 3)) > SMOOTH) for (let k = 0; k < 3; k++) sum[k] += area[3 * g + k];
      }
      out.set(unit(dot(sum, sum) ? sum : [...me]), 3 * c);
    }
    return solid(at, out);
  }
  function ball([x, y, z, r]) {
    const at = [], out = [], N = 20, M = 12;
    const p = (i, j) => { const u = 2 * Math.PI * i / N, v = Math.PI * j / M; return [Math.cos(u) * Math.sin(v), Math.sin(u) * Math.sin(v), Math.cos(v)]; };
    for (let i = 0; i < N; i++) for (let j = 0; j < M; j++)
      [[i, j], [i, j + 1], [i + 1, j + 1], [i, j], [i + 1, j + 1], [i + 1, j]].forEach(([a, b]) => { const q = p(a, b); out.push(...q); at.push(x + r * q[0], y + r * q[1], z + r * q[2]); });
    return solid(at, out);
  }

  function flawMesh({ corners, faces }) {
    const at = [], out = [];
    faces.forEach(f => {
      const [p, q, r] = f.map(i => corners[i]), n = unit(cross(sub(q, p), sub(r, p)));
      at.push(...p, ...q, ...r);
      out.push(...n, ...n, ...n);
    });
    return solid(at, out);
  }

  const rough = roughMesh(scene.rough);
  const stones = scene.stones.map((s, i) => {
    const at = [], out = [], tier = [];
    s.loops.forEach((loop, j) => {
      for (let k = 1; k + 1 < loop.length; k++) [0, k, k + 1].forEach(c => { at.push(...s.corners[loop[c]]); out.push(...s.planes[j].slice(0, 3)); tier.push(s.tier[j]); });
    });
    const pair = (body) => strokes(body.edges.map(([a, b]) => [body.corners[a], body.corners[b]]));
    return { mesh: solid(at, out, tier), edges: pair(s), preform: pair(s.preform), colour: COLOURS[i % COLOURS.length] };
  });
  const saws = scene.saw.filter(c => c.outline.length > 2).map(c => ({ mesh: solid(...fan(c.outline)), rim: strokes(ring(c.outline)) }));
  const flaws = scene.inclusions.map(f => ({
    balls: (f.spheres || []).map(ball),
    line: f.line ? strokes([f.line]) : null,
    fan: f.polygon ? solid(...fan(f.polygon)) : null,
    rim: f.polygon ? strokes(ring(f.polygon)) : null,
    mesh: f.mesh ? flawMesh(f.mesh) : null,
  }));
  const ray = (way, length) => [scene.centre.map((c, k) => c - length * way[k]), scene.centre.map((c, k) => c + length * way[k])];
  const axes = Object.values(scene.axes).map(way => strokes([ray(way, 1.15 * scene.radius)]));
  const corner = scene.rough.low, arm = 0.35 * scene.radius;
  const scan = [[1, 0, 0], [0, 1, 0], [0, 0, 1]].map(w => strokes([[corner, corner.map((c, k) => c + arm * w[k])]]));

  // ---- marks: words that follow a place
  const marks = [];
  function mark(text, place, layer) {
    const element = document.createElement("span");
    element.className = "mark";
    element.textContent = text;
    stage.appendChild(element);
    marks.push({ element, place, layer });
  }
  if (scene.stones.length > 1) scene.stones.forEach(s => mark(s.id, s.centre, "stones"));
  scene.inclusions.forEach((f, i) => mark(String(i + 1), f.place, "flaws"));
  scene.saw.forEach(c => { if (c.outline.length) mark("saw " + c.step, c.outline[0], "saw"); });
  Object.entries(scene.axes).forEach(([name, way]) => mark(name, ray(way, 1.2 * scene.radius)[1], "axes"));
  ["x", "y", "z"].forEach((name, i) => mark(name, corner.map((c, k) => c + (k === i ? 1.12 * arm : 0)), "scan"));

  // ---- state
  const shown = { rough: true, stones: true, preform: false, saw: true, flaws: true, axes: true, scan: false };
  let rows, zoom = 1, pan = [0, 0], hot = { stone: -1, tier: -1 }, due = false, size = [1, 1], active = 0;
  const VIEWS = { // rows: right, up and towards you, in the gem's own frame
    "Whole": null, "Table": [[1, 0, 0], [0, 1, 0], [0, 0, 1]], "Culet": [[-1, 0, 0], [0, 1, 0], [0, 0, -1]],
    "Side": [[-1, 0, 0], [0, 0, 1], [0, 1, 0]], "End": [[0, 1, 0], [0, 0, 1], [1, 0, 0]],
  };
  const c = Math.cos(1.0), s = Math.sin(1.0), THREE_QUARTER = product([[1, 0, 0], [0, c, s], [0, -s, c]], [[.92, .38, 0], [-.38, .92, 0], [0, 0, 1]].map(unit));
  function look(name) {
    const frame = scene.stones[active].frame; // rows: the gem's axes in the scan frame
    rows = product(VIEWS[name] || THREE_QUARTER, frame);
    zoom = 1;
    pan = [0, 0];
    redraw();
  }
  const perPixel = () => 2.1 * scene.radius / (zoom * Math.min(size[0], size[1]));

  // ---- drawing
  function redraw() { if (!due) { due = true; requestAnimationFrame(draw); } }
  function common(p) {
    gl.useProgram(p);
    const u = name => gl.getUniformLocation(p, name), k = 2 / perPixel();
    gl.uniformMatrix3fv(u("rot"), true, rows.flat());
    gl.uniform3fv(u("mid"), scene.centre);
    gl.uniform4f(u("fit"), k / size[0], k / size[1], pan[0] * 2 / size[0], pan[1] * 2 / size[1]);
    gl.uniform1f(u("deep"), 0.4 / scene.radius);
    return u;
  }
  function paint(kind, mesh, tint, hotTier = -9) {
    const u = common(faces);
    gl.uniform4fv(u("tint"), tint);
    gl.uniform1i(u("kind"), kind);
    gl.uniform1f(u("hot"), hotTier);
    gl.uniform3fv(u("glow"), HOT);
    gl.bindVertexArray(mesh.vao);
    gl.drawArrays(gl.TRIANGLES, 0, mesh.count);
  }
  function stroke(mesh, tint, wide, lift = 0.0015) {
    const u = common(lines);
    gl.uniform2f(u("px"), 2 / size[0], 2 / size[1]);
    gl.uniform1f(u("wide"), wide);
    gl.uniform1f(u("lift"), lift);
    gl.uniform4fv(u("tint"), tint);
    gl.bindVertexArray(mesh.vao);
    gl.drawArrays(gl.TRIANGLES, 0, mesh.count);
  }
  function draw() {
    due = false;
    const dpr = window.devicePixelRatio || 1;
    size = [stage.clientWidth, stage.clientHeight];
    const w = Math.round(size[0] * dpr), h = Math.round(size[1] * dpr);
    if (canvas.width !== w || canvas.height !== h) { canvas.width = w; canvas.height = h; }
    gl.viewport(0, 0, w, h);
    gl.clearColor(1, 1, 1, 1);
    gl.depthMask(true);
    gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
    gl.enable(gl.DEPTH_TEST);
    gl.enable(gl.BLEND);
    gl.blendFuncSeparate(gl.SRC_ALPHA, gl.ONE_MINUS_SRC_ALPHA, gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    const veil = (face, tint) => { gl.depthMask(false); gl.enable(gl.CULL_FACE); gl.cullFace(face); paint(ROUGH, rough, tint); gl.disable(gl.CULL_FACE); gl.depthMask(true); };
    if (shown.rough) veil(gl.FRONT, [.60, .60, .56, .55]); // its far wall first
    if (shown.stones) stones.forEach((st, i) => {
      paint(STONE, st.mesh, [...st.colour, 1], hot.stone === i ? hot.tier : -9);
      stroke(st.edges, [.04, .12, .15, 1], 1.5);
    });
    if (shown.preform) stones.forEach(st => stroke(st.preform, [.80, .42, .05, 1], 1.6));
    if (shown.flaws) flaws.forEach(f => {
      f.balls.forEach(b => paint(STONE, b, [.72, .16, .14, 1]));
      if (f.mesh) paint(STONE, f.mesh, [.72, .16, .14, 1]);
      if (f.line) stroke(f.line, [.72, .16, .14, 1], 3);
      if (f.fan) { gl.depthMask(false); paint(PLAIN, f.fan, [.72, .16, .14, .45]); gl.depthMask(true); }
      if (f.rim) stroke(f.rim, [.72, .16, .14, 1], 2);
    });
    if (shown.axes) axes.forEach(a => stroke(a, [.35, .25, .60, 1], 2));
    if (shown.scan) scan.forEach((a, i) => stroke(a, [[.75, .2, .15, 1], [.2, .5, .15, 1], [.15, .3, .75, 1]][i], 2.5));
    if (shown.saw) saws.forEach(cut => {
      gl.depthMask(false);
      paint(PLAIN, cut.mesh, [.71, .33, .23, .20]);
      gl.depthMask(true);
      stroke(cut.rim, [.71, .33, .23, 1], 2);
    });
    if (shown.rough) veil(gl.BACK, [.66, .66, .61, .62]);
    marks.forEach(m => {
      const q = turn(rows, sub(m.place, scene.centre)), k = 1 / perPixel();
      m.element.hidden = !shown[m.layer];
      m.element.style.left = size[0] / 2 + q[0] * k + pan[0] + "px";
      m.element.style.top = size[1] / 2 - q[1] * k - pan[1] + "px";
    });
  }

  // ---- what is under the finger
  function facetAt(x, y) {
    const box = canvas.getBoundingClientRect(), k = perPixel();
    const q = [(x - box.left - size[0] / 2 - pan[0]) * k, (size[1] / 2 - (y - box.top) - pan[1]) * k];
    const from = scene.centre.map((v, i) => v + q[0] * rows[0][i] + q[1] * rows[1][i] + 4 * scene.radius * rows[2][i]);
    const way = rows[2].map(v => -v);
    let best = null;
    scene.stones.forEach((st, i) => {
      let enter = -Infinity, leave = Infinity, facet = -1;
      st.planes.forEach(([a, b, e, d], j) => {
        const speed = a * way[0] + b * way[1] + e * way[2], room = d - (a * from[0] + b * from[1] + e * from[2]);
        if (speed < 0 && room / speed > enter) { enter = room / speed; facet = j; }
        if (speed > 0 && room / speed < leave) leave = room / speed;
        if (speed === 0 && room < 0) leave = -Infinity;
      });
      if (enter < leave && facet >= 0 && (!best || enter < best.enter)) best = { stone: i, facet, enter };
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
    choose(hit.stone, st.tier[hit.facet], (scene.stones.length > 1 ? st.id + " · " : "") + st.words[hit.facet]);
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
  [["rough", "Rough", true], ["stones", scene.stones.length > 1 ? "Stones" : "Stone", true], ["preform", "Preform", true], ["saw", "Saw planes", saws.length],
    ["flaws", "Inclusions", flaws.length], ["axes", "Crystal axes", axes.length], ["scan", "Scan axes", true]].forEach(([key, name, there]) => {
    if (!there) return;
    const label = document.createElement("label"), box = document.createElement("input");
    box.type = "checkbox";
    box.checked = shown[key];
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
  new ResizeObserver(redraw).observe(stage);
  look("Whole");
})();
