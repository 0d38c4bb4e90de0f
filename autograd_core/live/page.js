const BOX = { width: 140, height: 60, letters: 15 }, GAP = { x: 92, y: 18 };
const FEW_WIRES = 40; /* with more of them all is shown at first, however small */
const FEW_LABELS = 6; /* more of them side by side would cover each other */
const SAMPLES = 161; /* of the curve */
const NEGLIGIBLE = 1e-3; /* of the largest flow */

/* Numbers: sources[0] are the function's arguments, sources[1] the Values that it found outside. */
const sources = [[], []];
for (const leaf of data.leaves) sources[leaf.source[0]][leaf.source[1]] = leaf.value;
const runs = data.ways.map((_, k) => programs[`run${k}`]), values = data.ways.map((_, k) => programs[`value${k}`]);
const sinks = data.ways.map((way) => [way.nodes.map(() => NaN), way.nodes.map(() => NaN), []]);
const at = (leaf) => sources[leaf.source[0]][leaf.source[1]];
const put = (leaf, x) => { sources[leaf.source[0]][leaf.source[1]] = x; };
const inputs = data.leaves.slice(0, data.inputs), start = data.leaves.map(at);
let current = 0, drawn = null, is_defined = true, chosen = null, plot = null, pending = false;

/* The way of the numbers: the one whose guards hold, the last one first; -1 if none does. */
function wayOf(functions, writes, first) {
  if (functions[first](sources, [], writes[first], null)) return first;
  return functions.findIndex((run, k) => k !== first && run(sources, [], writes[k], null));
}

const one = [[0]], ones = data.ways.map(() => one);
let lastWay = 0;

/* The function's value at the sources, nan where the page has no program. */
function valueHere() {
  const way = wayOf(values, ones, lastWay);
  if (way < 0) return NaN;
  lastWay = way;
  return one[0][0];
}

/* The first node that is not defined, and the text that says why; null if all are. */
function problem(way, numbers) {
  for (const [k, node] of way.nodes.entries()) {
    const values = { node: node.name, formula: node.formula }, { tests, condition } = node.domain || { tests: [], condition: "" };
    const outside = tests.find((test) => !isIn(test, numbers[test[0]]));
    if (outside) return [k, say("outside", { ...values, needs: outside[6], name: way.nodes[outside[0]].name, x: shown(numbers[outside[0]]) })];
    if (Number.isFinite(numbers[k])) continue;
    if (condition) return [k, say("joint", { ...values, needs: condition })];
    return [k, say(Number.isNaN(numbers[k]) ? "undefined" : "overflow", values)];
  }
  return null;
}

function isIn([, low, high, closedLow, closedHigh, excluded], x) {
  if (low !== null && !(closedLow ? x >= low : x > low)) return false;
  if (high !== null && !(closedHigh ? x <= high : x < high)) return false;
  return excluded === "zero" ? x !== 0 : excluded === "pole" ? !(x <= 0 && x === Math.floor(x)) : true;
}

/* The picture */

function make(tag, attributes = {}, text) {
  const part = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) part.setAttribute(name, value);
  if (text !== undefined) part.textContent = text;
  return part;
}

const cut = (text, most) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

function draw(k) {
  const way = data.ways[k], svg = $("drawing"), rows = way.boxes.map(([, , row]) => row);
  const top = Math.min(...rows), bottom = Math.max(...rows), layers = 1 + Math.max(...way.boxes.map(([, layer]) => layer));
  const step = { x: BOX.width + GAP.x, y: BOX.height + GAP.y };
  const middle = ([layer, row]) => [8 + BOX.width / 2 + layer * step.x, 8 + BOX.height / 2 + (row - top) * step.y];
  $("formula").textContent = way.title;
  svg.replaceChildren();
  svg.setAttribute("viewBox", `0 0 ${16 + BOX.width + (layers - 1) * step.x} ${16 + BOX.height + (bottom - top) * step.y}`);
  const place = new Map(way.boxes.map(([node, layer, row]) => [node, middle([layer, row])]));
  drawn = { way: k, wires: [], boxes: [] };
  const layer = new Map(way.boxes.map(([node, k]) => [node, k])), beside = new Map();
  for (const { from } of way.wires) beside.set(layer.get(from), (beside.get(layer.get(from)) || 0) + 1);
  for (const wire of way.wires) {
    const [x0, y0] = place.get(wire.from), [x1, y1] = place.get(wire.to);
    const points = [[x0 + BOX.width / 2, y0], ...wire.passes.map(middle), [x1 - BOX.width / 2, y1]];
    const curve = points.slice(1).map(([x, y], i) => { const [a, b] = points[i], half = (a + x) / 2; return `C${half} ${b} ${half} ${y} ${x} ${y}`; });
    const path = make("path", { d: `M${points[0]}${curve.join("")}` }), title = make("title");
    path.append(title);
    if (wire.weight !== null) {
      path.classList.add("weighted");
      path.onclick = () => choose(way.nodes[wire.weight].leaf);
    }
    svg.append(path);
    const label = beside.get(layer.get(wire.from)) <= FEW_LABELS ? labelled(points[0], points[1]) : null;
    drawn.wires.push({ wire, path, title, label });
  }
  svg.append(...drawn.wires.map(({ label }) => label).filter(Boolean));
  for (const [node, , , formula] of way.boxes) {
    const { name, op, leaf } = way.nodes[node], [x, y] = place.get(node);
    const box = make("g", { transform: `translate(${x - BOX.width / 2} ${y - BOX.height / 2})` }), title = make("title", {}, formula ? `${name} = ${formula}` : name);
    const head = formula && `${name} = ${formula}`.length <= BOX.letters ? `${name} = ${formula}` : `${cut(name, op ? BOX.letters - 4 : BOX.letters)}${op ? `  ${op}` : ""}`;
    const lines = [make("text", { x: 8, y: 37 }), make("text", { x: 8, y: 53 })];
    box.append(title, make("rect", { width: BOX.width, height: BOX.height, rx: leaf === null ? 2 : 10 }), make("text", { class: "name", x: 8, y: 19 }, head), ...lines);
    for (const line of lines) line.append("");
    if (node === way.root) box.classList.add("root");
    if (leaf !== null) draggable(box, leaf);
    svg.append(box);
    drawn.boxes.push({ node, box, lines: lines.map((line) => line.firstChild) });
  }
  $("rows").replaceChildren(...way.nodes.map((node) => {
    const row = document.createElement("tr");
    row.append(...[node.name, node.formula, "", ""].map((text) => Object.assign(document.createElement("td"), { textContent: text })));
    return row;
  }));
  pick();
  if (way.wires.length <= FEW_WIRES) zoom.legible();
  else zoom.fit();
}

/* The text of an edge, nearer to its begin: those of two edges that cross do not meet. */
function labelled([x0, y0], [x1, y1]) {
  const t = 0.3, along = 1.5 * t * (1 - t) + t ** 3, across = 3 * t * t - 2 * t ** 3; /* of the curve with level ends */
  return make("text", { class: "flow", x: x0 + (x1 - x0) * along, y: y0 + (y1 - y0) * across - 5 });
}

/* A leaf's box is a slider: dragging it sideways and the arrow keys move its number. */
function draggable(box, k) {
  const leaf = data.leaves[k];
  box.classList.add("leaf");
  for (const [name, value] of Object.entries({ tabindex: 0, role: "slider", "aria-label": leaf.name })) box.setAttribute(name, value);
  let from = null;
  box.onpointerdown = (event) => { from = [event.clientX, at(leaf)]; box.setPointerCapture(event.pointerId); event.preventDefault(); box.focus(); };
  box.onpointermove = (event) => { if (from) set(leaf, rounded(leaf, from[1] + (event.clientX - from[0]) * span(leaf) / 400)); };
  box.onpointerup = box.onpointercancel = () => { from = null; };
  box.onkeydown = (event) => byKey(event, leaf);
}

function byKey(event, leaf) {
  const steps = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 10, PageDown: -10 };
  if (!steps[event.key]) return;
  event.preventDefault();
  set(leaf, rounded(leaf, at(leaf) + steps[event.key] * span(leaf) / 200));
}

const reach = (leaf) => leaf.reach || (leaf.reach = Math.max(3, Math.ceil(2 * Math.abs(leaf.value))));
const span = (leaf) => 2 * reach(leaf);
const rounded = (leaf, x) => { const digits = Math.max(0, 3 - Math.floor(Math.log10(span(leaf)))); return Number(x.toFixed(digits)); };

function set(leaf, x) {
  if (!Number.isFinite(x)) return;
  put(leaf, x);
  if (!pending) requestAnimationFrame(() => { pending = false; show(); });
  pending = true;
}

/* Everything that depends on the numbers; what happens in one frame. */
function show() {
  const way = wayOf(runs, sinks, current);
  if (way < 0) { blank(-1, say("no_way")); } else {
    current = way;
    if (!drawn || drawn.way !== way) draw(way);
    const found = problem(data.ways[way], sinks[way][0]);
    if (found) blank(...found); else fill(way);
  }
  sliders.forEach((slider) => slider());
  if (plot) plot();
}

/* Outside the domain: `node` is not defined, nor is what depends on it, nor any gradient. -1: there is no program. */
function blank(node, text) {
  is_defined = false;
  $("says").textContent = text;
  if (!drawn) draw(0);
  const way = data.ways[drawn.way], numbers = sinks[drawn.way][0], lost = new Set([node]);
  way.wires.forEach((wire) => { if (lost.has(wire.from)) lost.add(wire.to); }); /* inputs come before their consumers */
  const isKnown = (k) => way.nodes[k].leaf !== null || (node >= 0 && !lost.has(k) && Number.isFinite(numbers[k]));
  const number = (k) => (way.nodes[k].leaf === null ? numbers[k] : at(data.leaves[way.nodes[k].leaf]));
  const written = (k, digits) => (isKnown(k) ? shown(number(k), digits) : "–");
  for (const { node: k, box, lines } of drawn.boxes) {
    lines[0].data = `data ${written(k, 4)}`;
    lines[1].data = "grad –";
    box.classList.toggle("wrong", k === node);
    if (way.nodes[k].leaf !== null) tellSlider(box, number(k), "–");
  }
  for (const found of drawn.wires) {
    paintWire(found, 1, "nothing");
    if (found.label) found.label.textContent = "";
  }
  [...$("rows").children].forEach(({ cells }, k) => { cells[2].textContent = written(k); cells[3].textContent = "–"; });
}

function tellSlider(box, x, gradient) {
  box.setAttribute("aria-valuenow", x);
  box.setAttribute("aria-valuetext", `${shown(x, 4)}, ${say("gradient")} ${gradient}`);
}

/* An edge, in steps of half a pixel: the browser measures every edge anew that is given a width. */
function paintWire(found, width, kind) {
  if (found.width !== width) found.path.setAttribute("stroke-width", found.width = width);
  if (found.kind === kind) return;
  found.path.classList.remove("negative", "nothing");
  if (kind) found.path.classList.add(kind);
  found.kind = kind;
}

const gradientShown = (x, digits) => (Number.isNaN(x) ? "–" : shown(x, digits).replace("inf", "∞"));

function fill(k) {
  const way = data.ways[k], [numbers, gradients, flows] = sinks[k];
  is_defined = true;
  const says = say(gradients.every(Number.isFinite) ? "start" : "steep");
  if ($("says").textContent !== says) $("says").textContent = says; /* else screen readers would say it again */
  for (const { node, box, lines } of drawn.boxes) {
    lines[0].data = `data ${shown(numbers[node], 4)}`;
    lines[1].data = `grad ${gradientShown(gradients[node], 4)}`;
    box.classList.remove("wrong");
    if (way.nodes[node].leaf !== null) tellSlider(box, numbers[node], gradientShown(gradients[node], 4));
  }
  const amounts = drawn.wires.map(({ wire }) => wire.flows.reduce((sum, f) => sum + flows[f], 0));
  const largest = amounts.reduce((most, x) => (Number.isFinite(x) ? Math.max(most, Math.abs(x)) : most), 0) || 1;
  drawn.wires.forEach((found, i) => {
    const x = amounts[i], share = Math.min(Math.abs(x) / largest, 1);
    paintWire(found, Number.isFinite(x) ? 0.5 * Math.ceil(14 * share) || 0.5 : 7, share >= NEGLIGIBLE ? (x < 0 ? "negative" : "") : "nothing");
    if (found.label) found.label.textContent = gradientShown(x, 3);
  });
  if ($("numbers").open) way.nodes.forEach((node, i) => { const { cells } = $("rows").children[i]; cells[2].textContent = shown(numbers[i]); cells[3].textContent = gradientShown(gradients[i]); });
}

/* What an edge says is asked for by the pointer only: hundreds of texts a frame are not needed. */
function tell(event) {
  const found = drawn.wires.find(({ path }) => path === event.target);
  if (!found || !is_defined) return;
  const { wire, title } = found, { nodes } = data.ways[drawn.way], [numbers, gradients, flows] = sinks[drawn.way];
  const flow = gradientShown(wire.flows.reduce((sum, f) => sum + flows[f], 0), 6), w = wire.weight;
  title.textContent = w === null ? say("flow", { from: nodes[wire.from].name, to: nodes[wire.to].name, flow })
    : say("weight", { name: nodes[w].name, value: shown(numbers[w]), gradient: gradientShown(gradients[w]), flow });
}

/* Sliders */

let sliders = [];

function slider(leaf, k) {
  const row = document.createElement("div"), label = document.createElement("label"), range = document.createElement("input");
  const number = document.createElement("input"), gradient = document.createElement("output");
  row.className = "slider";
  Object.assign(range, { type: "range", id: `x${k}`, step: "any", min: -reach(leaf), max: reach(leaf) });
  Object.assign(number, { type: "number", step: "any", ariaLabel: leaf.name });
  Object.assign(label, { htmlFor: range.id, textContent: leaf.name });
  range.oninput = () => set(leaf, rounded(leaf, Number(range.value)));
  range.onkeydown = (event) => byKey(event, leaf); /* "any" has no steps of its own */
  number.oninput = () => { if (number.value !== "") set(leaf, Number(number.value)); };
  row.append(label, range, number, gradient);
  const update = () => {
    const x = at(leaf), way = data.ways[current], node = way.nodes.findIndex((n) => n.leaf === k);
    if (Math.abs(x) > reach(leaf)) Object.assign(range, { min: -(leaf.reach = Math.ceil(1.5 * Math.abs(x))), max: leaf.reach });
    range.value = x;
    if (document.activeElement !== number) number.value = Number(x.toPrecision(7));
    const g = is_defined ? (node < 0 ? 0 : sinks[current][1][node]) : NaN;
    gradient.textContent = `∂${way.nodes[way.root].name}/∂${leaf.name} = ${gradientShown(g)}`;
  };
  return [row, update];
}

function choose(k) {
  chosen = k;
  $("which").value = k;
  const [row, update] = slider(data.leaves[k], k);
  $("chosen").replaceChildren(row);
  sliders = [...sliders.slice(0, inputs.length), update];
  pick();
  update();
}

/* The edge of the chosen weight stands out. */
function pick() {
  const { nodes } = data.ways[drawn.way];
  for (const { wire, path } of drawn.wires) path.classList.toggle("picked", wire.weight !== null && nodes[wire.weight].leaf === chosen);
}

/* The plot: a curve over one input with its tangent, or the plane of two with the boundary */

const SIZE = { left: 62, right: 10, top: 12, bottom: 34, width: 400, height: 300 };
const inPlot = (share, from, to) => from + share * (to - from);
const across = (leaf, x) => inPlot((x + reach(leaf)) / span(leaf), SIZE.left, SIZE.width - SIZE.right);
const legibly = (x) => shown(x, 3);

function pathOf(points) {
  let d = "", isOn = false;
  for (const [x, y] of points) {
    if (Number.isFinite(y)) d += `${isOn ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`;
    isOn = Number.isFinite(y);
  }
  return d;
}

function scales(svg, x, low, high, name) {
  const { left, right, top, bottom, width, height } = SIZE, [x0, x1] = [-reach(x), reach(x)];
  svg.append(make("line", { class: "axis", x1: left, x2: width - right, y1: height - bottom, y2: height - bottom }), make("line", { class: "axis", x1: left, x2: left, y1: top, y2: height - bottom }));
  const text = (tx, ty, anchor, words) => svg.append(make("text", { x: tx, y: ty, "text-anchor": anchor }, words));
  text(left, height - bottom + 17, "start", legibly(x0));
  text(width - right, height - bottom + 17, "end", legibly(x1));
  text((left + width) / 2, height - 6, "middle", x.name);
  text(left - 5, height - bottom, "end", legibly(low));
  text(left - 5, top + 10, "end", legibly(high));
  text(left - 5, (top + height - bottom) / 2, "end", cut(name, 6));
}

function curveOver(leaf) {
  const svg = $("curve"), before = at(leaf), root = data.ways[current].root, name = data.ways[current].nodes[root].name;
  const points = [];
  for (let i = 0; i < SAMPLES; ++i) {
    const x = inPlot(i / (SAMPLES - 1), -reach(leaf), reach(leaf)), way = lastWay;
    put(leaf, x);
    const y = valueHere();
    if (points.length && way !== lastWay) points.push([x, NaN]);
    points.push([x, y]);
  }
  put(leaf, before);
  const ys = points.map(([, y]) => y).filter(Number.isFinite).sort((a, b) => a - b);
  /* A pole must not flatten all the rest: the outermost hundredths may leave the picture. */
  let low = ys[Math.floor(0.02 * ys.length)] ?? -1, high = ys[Math.ceil(0.98 * ys.length) - 1] ?? 1;
  const here = is_defined ? sinks[current][0][root] : NaN;
  if (Number.isFinite(here)) { low = Math.min(low, here); high = Math.max(high, here); }
  const room = (high - low) * 0.08 || 1;
  low -= room; high += room;
  const up = (y) => inPlot((y - low) / (high - low), SIZE.height - SIZE.bottom, SIZE.top);
  /* From below the picture to above it, between two samples, leads a pole, and no line. */
  const isPole = (i) => i > 0 && Math.min(points[i - 1][1], points[i][1]) < low && Math.max(points[i - 1][1], points[i][1]) > high;
  svg.replaceChildren();
  scales(svg, leaf, low, high, name);
  const clip = make("clipPath", { id: "inside" });
  clip.append(make("rect", { x: SIZE.left, y: SIZE.top, width: SIZE.width - SIZE.left - SIZE.right, height: SIZE.height - SIZE.top - SIZE.bottom }));
  svg.append(clip, make("path", { class: "f", "clip-path": "url(#inside)", d: pathOf(points.flatMap(([x, y], i) => [...(isPole(i) ? [[0, NaN]] : []), [across(leaf, x), Math.max(-1e4, Math.min(up(y), 1e4))]])) }));
  const node = data.ways[current].nodes.findIndex((n) => n.leaf === data.leaves.indexOf(leaf));
  const slope = is_defined ? (node < 0 ? 0 : sinks[current][1][node]) : NaN;
  if (Number.isFinite(slope)) {
    const tangent = (x) => Math.max(-1e5, Math.min(up(here + slope * (x - before)), 1e5)), [a, b] = [-reach(leaf), reach(leaf)];
    svg.append(make("line", { class: "tangent", "clip-path": "url(#inside)", x1: across(leaf, a), x2: across(leaf, b), y1: tangent(a), y2: tangent(b) }));
  }
  if (Number.isFinite(here)) svg.append(make("circle", { class: "point", r: 6, cx: across(leaf, before), cy: up(here) }));
  $("caption").textContent = say(Number.isFinite(slope) ? "curve_says" : "curve_alone", { z: name, x: leaf.name, at: shown(before, 4), slope: gradientShown(slope, 4) });
  svg.ariaLabel = $("caption").textContent;
}

function planeOver(x, y) {
  const svg = $("curve"), canvas = $("plane"), count = canvas.width, before = [at(x), at(y)];
  const name = data.ways[current].nodes[data.ways[current].root].name, grid = [];
  for (let row = 0; row < count; ++row) {
    put(y, inPlot((row + 0.5) / count, reach(y), -reach(y)));
    for (let column = 0; column < count; ++column) {
      put(x, inPlot((column + 0.5) / count, -reach(x), reach(x)));
      grid.push(valueHere() - data.level);
    }
  }
  put(x, before[0]);
  put(y, before[1]);
  const sizes = grid.filter(Number.isFinite).map(Math.abs).sort((a, b) => a - b), most = sizes[Math.floor(0.9 * sizes.length)] || 1;
  const context = canvas.getContext("2d"), image = context.createImageData(count, count);
  grid.forEach((f, k) => {
    const colour = f >= 0 ? [0, 114, 178] : [213, 94, 0];
    image.data.set([...colour, Number.isFinite(f) ? 30 + 200 * Math.min(Math.abs(f) / most, 1) : 0], 4 * k);
  });
  context.putImageData(image, 0, 0);
  const box = { left: SIZE.left, top: SIZE.top, width: SIZE.width - SIZE.left - SIZE.right, height: SIZE.height - SIZE.top - SIZE.bottom };
  Object.assign(canvas.style, { left: `${box.left / 4}%`, top: `${box.top / 3}%`, width: `${box.width / 4}%`, height: `${box.height / 3}%` });
  svg.replaceChildren(make("path", { class: "boundary", d: boundary(grid, count, box) }));
  scales(svg, x, -reach(y), reach(y), y.name);
  svg.append(make("circle", { class: "point", r: 6, cx: across(x, before[0]), cy: inPlot((before[1] + reach(y)) / span(y), box.top + box.height, box.top) }));
  $("caption").textContent = say("plane_says", { z: name, x: x.name, y: y.name, level: data.level });
  svg.ariaLabel = $("caption").textContent;
}

/* Marching squares: where the sign changes along the sides of a square of four neighbours, two by two. */
function boundary(grid, count, box) {
  let d = "";
  const place = (column, row) => `${(box.left + (column + 0.5) / count * box.width).toFixed(1)} ${(box.top + (row + 0.5) / count * box.height).toFixed(1)}`;
  for (let row = 0; row + 1 < count; ++row) {
    for (let column = 0; column + 1 < count; ++column) {
      const corners = [[0, 0], [1, 0], [1, 1], [0, 1]].map(([i, j]) => [column + i, row + j, grid[(row + j) * count + column + i]]);
      const crossings = [];
      corners.forEach(([x, y, f], k) => {
        const [u, v, g] = corners[(k + 1) % 4], share = f / (f - g);
        if ((f < 0) !== (g < 0) && Number.isFinite(share)) crossings.push(place(x + share * (u - x), y + share * (v - y)));
      });
      for (let k = 0; k + 1 < crossings.length; k += 2) d += `M${crossings[k]}L${crossings[k + 1]}`;
    }
  }
  return d;
}

function plots() {
  const select = $("axis"), kept = select.value, options = [];
  if (inputs.length === 2) options.push(["plane", say("plane", { x: inputs[0].name, y: inputs[1].name })]);
  data.leaves.forEach((leaf, k) => options.push([`${k}`, leaf.name]));
  select.replaceChildren(...options.map(([value, text]) => Object.assign(document.createElement("option"), { value, textContent: text })));
  select.value = kept || (data.is_network ? "plane" : "0");
  select.onchange = () => {
    $("plane").hidden = select.value !== "plane";
    plot = select.value === "plane" ? () => planeOver(...inputs) : () => curveOver(data.leaves[Number(select.value)]);
    show();
  };
}

function dragInPlot() {
  let isDown = false;
  const move = (event) => {
    const box = $("curve").getBoundingClientRect(), scale = SIZE.width / box.width;
    const share = ((event.clientX - box.left) * scale - SIZE.left) / (SIZE.width - SIZE.left - SIZE.right);
    const rise = (SIZE.height - SIZE.bottom - (event.clientY - box.top) * scale) / (SIZE.height - SIZE.top - SIZE.bottom);
    const [x, y] = $("axis").value === "plane" ? inputs : [data.leaves[Number($("axis").value)]];
    const moved = (leaf, part) => set(leaf, rounded(leaf, inPlot(Math.max(0, Math.min(part, 1)), -reach(leaf), reach(leaf))));
    moved(x, share);
    if (y) moved(y, rise);
  };
  $("plot").onpointerdown = (event) => { isDown = true; $("plot").setPointerCapture(event.pointerId); move(event); };
  $("plot").onpointermove = (event) => { if (isDown) move(event); };
  $("plot").onpointerup = $("plot").onpointercancel = () => { isDown = false; };
}

const zoom = new Zoom($("picture"), 13);
for (const [k, leaf] of inputs.entries()) {
  const [row, update] = slider(leaf, k);
  $("sliders").append(row);
  sliders.push(update);
}
$("more").hidden = data.leaves.length === inputs.length;
$("which").append(...["", ...data.leaves.slice(inputs.length).keys()].map((k) => Object.assign(document.createElement("option"), k === "" ? { value: "", textContent: "–" } : { value: k + inputs.length, textContent: data.leaves[k + inputs.length].name })));
$("which").onchange = () => { if ($("which").value) choose(Number($("which").value)); };
$("drawing").addEventListener("pointerover", tell);
$("numbers").ontoggle = () => show();
$("reset").onclick = () => { data.leaves.forEach((leaf, k) => put(leaf, start[k])); show(); };
dragInPlot();
document.onkeydown = (event) => {
  if (event.target.closest("input, select, [role=slider]") || event.ctrlKey || event.altKey || event.metaKey) return;
  if (zoom.takes(event.key)) event.preventDefault();
};
const retell = () => {
  plots();
  $("axis").onchange();
};
speak(retell);
