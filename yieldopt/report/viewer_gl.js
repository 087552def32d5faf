// Drawing for the page's viewer: two programs, shaded triangles and lines as thin quads (WebGL
// draws lines one pixel wide only), and what makes meshes of rings, balls and packed skins.
"use strict";
const sub = (a, b) => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
const add = (a, b) => [a[0] + b[0], a[1] + b[1], a[2] + b[2]];
const dot = (a, b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const cross = (a, b) => [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
const unit = a => { const n = Math.hypot(...a) || 1; return [a[0] / n, a[1] / n, a[2] / n]; };
const turn = (rows, a) => rows.map(r => dot(r, a));
const product = (a, b) => a.map(r => [0, 1, 2].map(k => r[0] * b[0][k] + r[1] * b[1][k] + r[2] * b[2][k]));
const STONE = 0, ROUGH = 1, PLAIN = 2, REST = [0, 0, 0];
const HOT = [.96, .64, .10], SAWN = [.74, .36, .24];
const SMOOTH = Math.cos(35 * Math.PI / 180); // sharper edges of the rough stay sharp

function drawingOn(canvas) {
  const gl = canvas.getContext("webgl2", { antialias: true, preserveDrawingBuffer: true });
  if (!gl) return null;
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
       if (kind == 1 && t > 0.5) { // a sawn face: that of the last cut stands out
         bool last = abs(t - hot) < 0.5;
         colour = vec4((last ? glow : vec3(0.62, 0.60, 0.56)) * (0.62 + 0.5 * lit) + 0.1 * shine, last ? 0.32 : 0.20);
         return;
       }
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

  // ---- one picture: what is seen from where, then its parts; `move` shifts a part, mm
  let seen = null;
  function begin(view) {
    seen = view;
    const w = Math.round(view.size[0] * view.dpr), h = Math.round(view.size[1] * view.dpr);
    if (canvas.width !== w || canvas.height !== h) { canvas.width = w; canvas.height = h; }
    gl.viewport(0, 0, w, h);
    gl.clearColor(1, 1, 1, 1);
    gl.depthMask(true);
    gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
    gl.enable(gl.DEPTH_TEST);
    gl.enable(gl.BLEND);
    gl.blendFuncSeparate(gl.SRC_ALPHA, gl.ONE_MINUS_SRC_ALPHA, gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
  }
  function common(p, move) {
    gl.useProgram(p);
    const u = name => gl.getUniformLocation(p, name), k = 2 / seen.perPixel, size = seen.size;
    gl.uniformMatrix3fv(u("rot"), true, seen.rows.flat());
    gl.uniform3fv(u("mid"), sub(seen.centre, move));
    gl.uniform4f(u("fit"), k / size[0], k / size[1], seen.pan[0] * 2 / size[0], seen.pan[1] * 2 / size[1]);
    gl.uniform1f(u("deep"), 0.4 / seen.reach);
    return u;
  }
  function paint(kind, mesh, tint, move = REST, hotTier = -9) {
    const u = common(faces, move);
    gl.uniform4fv(u("tint"), tint);
    gl.uniform1i(u("kind"), kind);
    gl.uniform1f(u("hot"), hotTier);
    gl.uniform3fv(u("glow"), kind === ROUGH ? SAWN : HOT);
    gl.bindVertexArray(mesh.vao);
    gl.drawArrays(gl.TRIANGLES, 0, mesh.count);
  }
  function stroke(mesh, tint, wide, move = REST, lift = 0.0015) {
    const u = common(lines, move);
    gl.uniform2f(u("px"), 2 / seen.size[0], 2 / seen.size[1]);
    gl.uniform1f(u("wide"), wide);
    gl.uniform1f(u("lift"), lift);
    gl.uniform4fv(u("tint"), tint);
    gl.bindVertexArray(mesh.vao);
    gl.drawArrays(gl.TRIANGLES, 0, mesh.count);
  }
  const clear = part => { gl.depthMask(false); part(); gl.depthMask(true); }; // hides nothing behind it
  const glass = (mesh, tint, move) => clear(() => paint(PLAIN, mesh, tint, move));
  const wall = side => (mesh, tint, move, step) => clear(() => { gl.enable(gl.CULL_FACE); gl.cullFace(side); paint(ROUGH, mesh, tint, move, step); gl.disable(gl.CULL_FACE); });
  return { solid, strokes, begin, paint, stroke, glass, farWall: wall(gl.FRONT), nearWall: wall(gl.BACK) };
}

// ---- lists of corners for `solid` and `strokes`
const ring = loop => loop.map((p, i) => [p, loop[(i + 1) % loop.length]]);
function fan(loop) {
  const at = [], n = unit(cross(sub(loop[1], loop[0]), sub(loop[2], loop[0])));
  for (let i = 1; i + 1 < loop.length; i++) at.push(...loop[0], ...loop[i], ...loop[i + 1]);
  const out = [];
  for (let i = 0; i < at.length / 3; i++) out.push(...n);
  return [at, out];
}

// A packed skin: corners on a 16-bit grid; smooth where it is smooth, creased where it is not.
// Triangles in one of the `walls` [n, d, step] are sawn faces: their tier is the step of the cut;
// `rims` go round them, by wall.
function bytes(text) { return Uint8Array.from(atob(text), c => c.charCodeAt(0)).buffer; }
function skin(r, walls = []) {
  const grid = new Uint16Array(bytes(r.corners)), tri = new Uint32Array(bytes(r.faces));
  const n = tri.length / 3, at = new Float32Array(9 * n), out = new Float32Array(9 * n), flat = new Float32Array(3 * n), area = new Float32Array(3 * n);
  const first = new Int32Array(grid.length / 3).fill(-1), next = new Int32Array(tri.length);
  const tier = new Float32Array(3 * n), wallOf = new Int8Array(n).fill(-1), near = 2 * r.step + 1e-4, open = walls.map(() => new Map());
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
    wallOf[f] = walls.findIndex(([x, y, z, d]) => [0, 1, 2].every(k => Math.abs(dot([x, y, z], p(k)) - d) < near));
    if (wallOf[f] < 0) continue;
    tier.fill(walls[wallOf[f]][4], 3 * f, 3 * f + 3);
    for (let k = 0; k < 3; k++) { // an edge that two sawn triangles of one wall share is no rim
      const a = tri[3 * f + k], b = tri[3 * f + (k + 1) % 3], round = open[wallOf[f]];
      if (!round.delete(b + ":" + a)) round.set(a + ":" + b, [p(k), p((k + 1) % 3)]);
    }
  }
  for (let c = 0; c < tri.length; c++) {
    const f = (c / 3) | 0, me = flat.subarray(3 * f, 3 * f + 3), sum = [0, 0, 0];
    for (let d = first[tri[c]]; d >= 0; d = next[d]) {
      const g = (d / 3) | 0;
      if (wallOf[f] === wallOf[g] && dot(me, flat.subarray(3 * g, 3 * g + 3)) > SMOOTH) for (let k = 0; k < 3; k++) sum[k] += area[3 * g + k];
    }
    out.set(unit(dot(sum, sum) ? sum : [...me]), 3 * c);
  }
  return { mesh: [at, out, tier], rims: open.map(round => [...round.values()]) };
}
function ball([x, y, z, r]) {
  const at = [], out = [], N = 20, M = 12;
  const p = (i, j) => { const u = 2 * Math.PI * i / N, v = Math.PI * j / M; return [Math.cos(u) * Math.sin(v), Math.sin(u) * Math.sin(v), Math.cos(v)]; };
  for (let i = 0; i < N; i++) for (let j = 0; j < M; j++)
    [[i, j], [i, j + 1], [i + 1, j + 1], [i, j], [i + 1, j + 1], [i + 1, j]].forEach(([a, b]) => { const q = p(a, b); out.push(...q); at.push(x + r * q[0], y + r * q[1], z + r * q[2]); });
  return [at, out];
}
function facetted({ corners, faces }) {
  const at = [], out = [];
  faces.forEach(f => {
    const [p, q, r] = f.map(i => corners[i]), n = unit(cross(sub(q, p), sub(r, p)));
    at.push(...p, ...q, ...r);
    out.push(...n, ...n, ...n);
  });
  return [at, out];
}
function solidOf(s) { // facets as triangles with their tiers; what a cleft leaves, as it is given
  const tier = [];
  if (s.surface) {
    s.surface.planes.forEach(j => { const t = j < s.tier.length ? s.tier[j] : -1; tier.push(t, t, t); });
    return [...facetted(s.surface), tier];
  }
  const at = [], out = [];
  s.loops.forEach((loop, j) => {
    for (let k = 1; k + 1 < loop.length; k++) [0, k, k + 1].forEach(c => { at.push(...s.corners[loop[c]]); out.push(...s.planes[j].slice(0, 3)); tier.push(s.tier[j]); });
  });
  return [at, out, tier];
}
function middleOf(loop) { // of a flat convex polygon: middle of its area, and the area
  let area = 0, sum = [0, 0, 0];
  for (let i = 1; i + 1 < loop.length; i++) {
    const a = Math.hypot(...cross(sub(loop[i], loop[0]), sub(loop[i + 1], loop[0]))) / 2;
    area += a;
    sum = sum.map((v, k) => v + a * (loop[0][k] + loop[i][k] + loop[i + 1][k]) / 3);
  }
  return { middle: sum.map(v => v / (area || 1)), area };
}
