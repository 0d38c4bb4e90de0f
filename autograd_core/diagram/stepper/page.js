const FORWARD = 0, START = 2, CALL = 4, KNOWN = 7, ZERO = 8, CONSUMER = 9, RECURSE = 10, ADD = 11, STORE = 12;
const LETTERS = { normal: 13, lecture: 20 }; /* pixels of the smallest */
const NEAR = 5e-3; /* relative: an answer of three digits is right */
let position = 0, timer = null, asking = null;

/* Where the coarse mode stops: a node is computed, or its gradient is entered. */
const nodes = data.events.flatMap(([line, v], k) => (line === FORWARD || line === START || line === STORE ? [k + 1] : []));
const every = data.events.map((_, k) => k + 1);
const stops = () => [0, ...($("mode").value === "coarse" ? nodes : every)];
/* The number of the last stop that is not after a position. */
const stopAt = (k) => stops().findLastIndex((stop) => stop <= k);

function product(a, b) {
  return String(parsed(a) * parsed(b)).replace("Infinity", "inf").replace("NaN", "nan");
}

/* What is printed on both sides is equal or, having been rounded, nearly so. */
function sign(left, right) {
  return Object.is(left, right) || Math.abs(left - right) <= 1e-12 * Math.abs(right) ? "=" : "≈";
}

/* What the reader knows after the first k steps. */
function stateAfter(k) {
  const state = { computed: new Set(), table: new Map(), calls: [] };
  for (const [line, v, , , , g] of data.events.slice(0, k)) {
    if (line === FORWARD) state.computed.add(v);
    if (line === START || line === STORE) state.table.set(v, g);
    if (line === ZERO) state.calls.push(v);
    if (line === STORE) state.calls.pop();
  }
  return state;
}

/* A negative factor stands in brackets. */
const factor = (text) => (text.startsWith("-") ? `(${text})` : text);

function sentence(event) {
  if (!event) return say("start");
  const [line, v, c, arriving, rate, g] = event;
  const values = { z: data.names[data.root], v: data.names[v], c: data.names[c], d: shown(arriving), rate: rate === null ? "" : factor(shown(rate)), g: shown(g) };
  switch (line) {
    case FORWARD: {
      const number = shown(data.data[v]);
      return say("forward", { ...values, formula: data.formulas[v], is: sign(parsed(data.data[v]), parsed(number)), data: number });
    }
    case START: return say("seed", values);
    case CALL: return say("call", values);
    case KNOWN: return say("known", values);
    case ZERO: return say("zero", values);
    case CONSUMER: return say("consumer", values);
    case RECURSE: return say("recurse", values);
    case ADD: {
      if (rate === null) return say("blocked", values);
      const amount = shown(product(arriving, rate)), printed = product(values.d, shown(rate));
      return say("add", { ...values, is: sign(parsed(printed), parsed(amount)), amount });
    }
    case STORE: return data.unreached.includes(v) ? say("nothing", values) : $("mode").value === "coarse" ? chain(v, shown(g)) : say("store", values);
  }
}

/* What the consumers of v have contributed before its entry. */
function additions(v, before) {
  return data.events.slice(0, before).filter(([line, node, , , rate]) => line === ADD && node === v && rate !== null);
}

/* The chain rule of an entry, in names and in numbers; without its sum, where the reader is to find that. */
function chain(v, g) {
  const z = data.names[data.root], name = data.names[v], parts = additions(v, data.events.length);
  const named = parts.map(([, , c]) => `∂${z}/∂${data.names[c]} · ∂${data.names[c]}/∂${name}`);
  const numbers = parts.map(([, , , d, rate], k) => `${k ? factor(shown(d)) : shown(d)} · ${factor(shown(rate))}`);
  const sum = parts.reduce((total, [, , , d, rate]) => total + parsed(shown(d)) * parsed(shown(rate)), 0);
  if (!parts.length) return `∂${z}/∂${name} = ${g}`;
  return `∂${z}/∂${name} = ${named.join(" + ")}${g === null ? "" : ` = ${numbers.join(" + ")} ${sign(sum, parsed(g))} ${g}`}`;
}

/* The rules of local derivatives that a step uses, in words and letters, then with numbers. */
function rules(event) {
  if (!event) return [];
  const [line, v, c, , rate] = event;
  const used = line === ADD && rate !== null ? [c] : line === STORE && $("mode").value === "coarse" ? additions(v, data.events.length).map(([, , user]) => user) : [];
  return used.map((user) => {
    const key = `rule_${data.ops[user]}`, words = say(data.texts[language][key] ? key : "rule", { op: data.labels[user] });
    return `${words}: ∂${data.names[user]}/∂${data.names[v]} ${data.rates[`${user} ${v}`]}`;
  });
}

function paintGraph(state, event) {
  const [line, v, c] = event || [-1, null, null];
  const asksConsumers = line >= ZERO && line < STORE;
  data.names.forEach((_, i) => {
    const box = $(`v${i}`), op = $(`op${i}`);
    if (!box) return; /* a target that z does not depend on */
    const isKnown = !op || state.computed.has(i);
    for (const part of [box, op]) {
      if (!part) continue;
      part.classList.toggle("waiting", !isKnown);
      part.classList.toggle("v", i === v && part === box);
      part.classList.toggle("c", i === c && line >= CONSUMER);
      part.classList.toggle("consumer", asksConsumers && data.inputs[i].includes(v));
    }
    const texts = [...box.querySelectorAll("text")].slice(-2);
    const [known, gradient] = [isKnown ? data.data[i] : null, state.table.has(i) ? state.table.get(i) : null];
    texts[0].textContent = `data ${known === null ? "?" : shown(known, 4)}`;
    texts[1].textContent = `grad ${gradient === null ? "–" : shown(gradient, 4)}`;
    box.querySelector("a").setAttribute("xlink:title", `${data.names[i]}: data ${known ?? "?"}, grad ${gradient ?? "–"}`);
  });
  document.querySelectorAll("svg .wire").forEach((wire) => wire.classList.remove("wire"));
  const from = line === FORWARD ? v : line >= CONSUMER && line < STORE ? c : null;
  (from === null ? [] : data.inputs[from]).forEach((x, k) => {
    const wire = $(`e${from}_${k}`);
    if (wire && (line === FORWARD || x === v)) wire.classList.add("wire");
  });
}

function paintTable(state, event) {
  const rows = [...state.table].map(([v, g]) => {
    const row = document.createElement("tr");
    for (const [text, whole] of [[data.names[v], ""], [shown(data.data[v]), data.data[v]], [shown(g), g]])
      row.append(Object.assign(document.createElement("td"), { textContent: text, title: whole }));
    row.classList.toggle("now", Boolean(event) && event[1] === v && [START, KNOWN, STORE].includes(event[0]));
    return row;
  });
  $("table").replaceChildren(...rows);
}

function show(k) {
  position = Math.max(0, Math.min(k, data.events.length));
  asking = null;
  const event = position ? data.events[position - 1] : null, state = stateAfter(position), at = stopAt(position);
  [...$("code").children].forEach((line, i) => line.classList.toggle("now", Boolean(event) && i === event[0]));
  $("question").hidden = true;
  $("says").textContent = sentence(event);
  $("rule").replaceChildren(...rules(event).map((text) => Object.assign(document.createElement("div"), { textContent: text })));
  $("stack").textContent = state.calls.map((v) => `build_grad(${data.names[v]})`).join(" → ") || "–";
  Object.assign($("position"), { max: stops().length - 1, value: at });
  $("count").textContent = say("step", { k: at, n: stops().length - 1 });
  paintTable(state, event);
  paintGraph(state, event);
  const [, v, c] = event || [null, null, null];
  if (v === null) $("picture").scrollTo(0, 0);
  if (c !== null) look($(`v${c}`), $("picture"));
  look($(`v${v}`), $("picture"));
  look($("code").querySelector(".now"), $("code"));
  look($("table").querySelector(".now") || $("table").lastElementChild, $("entries"));
  document.body.dataset.position = position;
}

/* One step on; with "predict first" an entry is asked for before it is shown. */
function advance() {
  const to = stops()[stopAt(position) + 1];
  if (to === undefined) return;
  const [line, v, , , , g] = data.events[to - 1];
  if (!$("predict").checked || line !== STORE || asking === to) return show(to);
  stop();
  asking = to;
  paintGraph(stateAfter(position), [ZERO, v, null]);
  $("says").textContent = chain(v, null);
  $("rule").replaceChildren();
  $("asks").textContent = say("asks", { z: data.names[data.root], v: data.names[v] });
  $("answer").value = $("verdict").textContent = "";
  $("question").hidden = false;
  $("answer").focus();
}

/* Whether an answer is right, to three digits; a comma is a point. */
function judge(event) {
  event.preventDefault();
  const given = Number($("answer").value.trim().replace(",", ".").replace("−", "-")), g = parsed(data.events[asking - 1][5]);
  const isRight = $("answer").value.trim() !== "" && (given === g || Math.abs(given - g) <= NEAR * Math.abs(g));
  if (!isRight) { $("verdict").textContent = say("wrong"); return; }
  show(asking);
  $("says").textContent = `${say("right")} ${$("says").textContent}`;
  $("next").focus();
}

function stop() {
  clearInterval(timer);
  timer = null;
  label("▶", "play");
}

function label(text, key) {
  $("play").textContent = text;
  $("play").dataset.title = key;
  $("play").title = $("play").ariaLabel = say(key);
}

function play() {
  if (timer !== null) return stop();
  if (position === data.events.length) show(0);
  label("❚❚", "pause");
  timer = setInterval(() => {
    advance();
    if (position === data.events.length) stop();
  }, 2000 / 2 ** $("speed").value);
}

/* To a position; the link to it says so. */
function go(k) {
  stop();
  show(k);
  remember();
}

function remember() {
  ask("step", stopAt(position));
  ask("mode", $("mode").value);
}

function step(by) {
  stop();
  if (by > 0) advance();
  else show(stops()[Math.max(0, stopAt(position) - 1 + (stops()[stopAt(position)] < position ? 1 : 0))]);
  remember();
}

function paint() {
  $("play").title = $("play").ariaLabel = say($("play").dataset.title);
  show(position);
}

/* What the address asks for. */
function followLink() {
  const wishes = asked();
  if (["fine", "coarse"].includes(wishes.get("mode"))) $("mode").value = wishes.get("mode");
  position = stops()[Math.max(0, Math.min(Number(wishes.get("step")) || 0, stops().length - 1))];
}

/* For a hall: letters of 20 pixels and more, on the whole screen where the browser lets a page have it. */
function lecture(isOn) {
  document.body.classList.toggle("lecture", isOn);
  $("lecture").setAttribute("aria-pressed", isOn);
  zoom.least = isOn ? LETTERS.lecture : LETTERS.normal;
  zoom.legible();
  show(position);
}

$("code").append(...data.code.split("\n").map((text) => {
  const line = document.createElement("span");
  line.textContent = text;
  return line;
}));
const zoom = new Zoom($("picture"), 11 * 4 / 3);
$("expression").textContent = data.expression;
$("first").onclick = () => go(0);
$("back").onclick = () => step(-1);
$("play").onclick = play;
$("next").onclick = () => step(1);
$("last").onclick = () => go(data.events.length);
$("position").oninput = () => go(stops()[Number($("position").value)]);
$("speed").oninput = () => { if (timer !== null) { stop(); play(); } };
$("mode").onchange = () => go(stops()[stopAt(position)]);
$("predict").onchange = () => { if ($("predict").checked) $("mode").value = "coarse"; go(stops()[stopAt(position)]); };
$("question").onsubmit = judge;
$("reveal").onclick = () => { advance(); $("next").focus(); };
$("lecture").onclick = () => {
  const isOn = !document.body.classList.contains("lecture");
  lecture(isOn);
  if (isOn) document.documentElement.requestFullscreen?.().catch(() => {});
  else if (document.fullscreenElement) document.exitFullscreen();
};
document.onfullscreenchange = () => { if (!document.fullscreenElement) lecture(false); };
document.onkeydown = (event) => {
  const keys = { ArrowRight: () => step(1), ArrowLeft: () => step(-1), Home: () => go(0), End: () => go(data.events.length), " ": play, l: () => $("lecture").click(), p: () => $("predict").click() };
  const isWriting = event.target.id === "answer", isMoving = event.key !== " " && event.target.matches("#speed, select");
  if (isWriting || isMoving || event.ctrlKey || event.altKey || event.metaKey) return;
  if (zoom.takes(event.key)) return event.preventDefault();
  if (!keys[event.key]) return;
  event.preventDefault();
  if (event.key !== " " || !event.repeat) keys[event.key]();
};
document.onkeyup = (event) => { if (event.key === " " && event.target.id !== "answer") event.preventDefault(); }; /* the button under the focus stays as it is */
speak(() => { followLink(); paint(); });
zoom.legible();
show(position);
