"use strict";

const data = JSON.parse(document.getElementById("data").textContent);
const FORWARD = 0, START = 2, CALL = 4, KNOWN = 7, ZERO = 8, CONSUMER = 9, RECURSE = 10, ADD = 11, STORE = 12;
const $ = (id) => document.getElementById(id);
let language = data.language, position = 0, timer = null;

/* Numbers travel as text: JSON knows neither inf nor nan. */
function shown(number, digits = 6) {
  return /^-?inf$|^nan$/.test(number) ? number : String(Number(Number(number).toPrecision(digits)));
}

function product(a, b) {
  const [x, y] = [a, b].map((text) => Number(text.replace("inf", "Infinity")));
  return String(x * y).replace("Infinity", "inf").replace("NaN", "nan");
}

function say(key, values = {}) {
  return data.texts[language][key].replace(/\{(\w+)\}/g, (_, name) => values[name]);
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

function sentence(event) {
  if (!event) return say("start");
  const [line, v, c, arriving, rate, g] = event;
  const values = { z: data.names[data.root], v: data.names[v], c: data.names[c], d: shown(arriving), rate: shown(rate), g: shown(g) };
  switch (line) {
    case FORWARD: return say("forward", { ...values, formula: data.formulas[v], data: shown(data.data[v]) });
    case START: return say("seed", values);
    case CALL: return say("call", values);
    case KNOWN: return say("known", values);
    case ZERO: return say("zero", values);
    case CONSUMER: return say("consumer", values);
    case RECURSE: return say("recurse", values);
    case ADD: return say("add", { ...values, amount: shown(product(arriving, rate)) });
    case STORE: return data.unreached.includes(v) ? say("nothing", values) : say("store", values);
  }
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
    texts[0].textContent = `data ${isKnown ? shown(data.data[i], 4) : "?"}`;
    texts[1].textContent = `grad ${state.table.has(i) ? shown(state.table.get(i), 4) : "–"}`;
  });
  document.querySelectorAll("svg .wire").forEach((wire) => wire.classList.remove("wire"));
  const from = line === FORWARD ? v : line >= CONSUMER && line < STORE ? c : null;
  (from === null ? [] : data.inputs[from]).forEach((x, k) => {
    const wire = $(`e${from}_${k}`);
    if (wire && (line === FORWARD || x === v)) wire.classList.add("wire");
  });
}

/* The node that it is about comes into view, without moving the rest of the page. */
function look(v) {
  const box = $(`v${v}`), picture = $("picture");
  if (!box) return;
  const inner = box.getBoundingClientRect(), outer = picture.getBoundingClientRect();
  if (inner.left < outer.left || inner.right > outer.right) picture.scrollLeft += inner.left - outer.left - outer.width / 3;
  if (inner.top < outer.top || inner.bottom > outer.bottom) picture.scrollTop += inner.top - outer.top - outer.height / 3;
}

function paintTable(state, event) {
  const rows = [...state.table].map(([v, g]) => {
    const row = document.createElement("tr"), name = document.createElement("td"), number = document.createElement("td");
    name.textContent = data.names[v];
    number.textContent = shown(g);
    number.title = g;
    row.append(name, number);
    row.classList.toggle("now", Boolean(event) && event[1] === v && [START, KNOWN, STORE].includes(event[0]));
    return row;
  });
  $("table").replaceChildren(...rows);
}

function show(k) {
  position = Math.max(0, Math.min(k, data.events.length));
  const event = position ? data.events[position - 1] : null, state = stateAfter(position);
  [...$("code").children].forEach((line, i) => line.classList.toggle("now", Boolean(event) && i === event[0]));
  $("says").textContent = sentence(event);
  $("stack").textContent = state.calls.map((v) => `build_grad(${data.names[v]})`).join(" → ") || "–";
  $("position").value = position;
  $("count").textContent = say("step", { k: position, n: data.events.length });
  paintTable(state, event);
  paintGraph(state, event);
  look(event ? event[1] : 0);
  document.body.dataset.position = position;
}

function stop() {
  clearInterval(timer);
  timer = null;
  $("play").textContent = "▶";
  $("play").title = say("play");
}

function play() {
  if (timer !== null) return stop();
  if (position === data.events.length) show(0);
  $("play").textContent = "❚❚";
  $("play").title = say("pause");
  timer = setInterval(() => {
    show(position + 1);
    if (position === data.events.length) stop();
  }, 2000 / 2 ** $("speed").value);
}

function go(k) {
  stop();
  show(k);
}

function translate() {
  document.documentElement.lang = language;
  document.title = say("title");
  document.querySelectorAll("[data-text]").forEach((part) => { part.textContent = say(part.dataset.text); });
  document.querySelectorAll("[data-title]").forEach((part) => { part.title = say(part.dataset.title); part.ariaLabel = part.title; });
  show(position);
}

$("code").append(...data.code.split("\n").map((text) => {
  const line = document.createElement("span");
  line.textContent = text;
  return line;
}));
$("position").max = data.events.length;
$("first").onclick = () => go(0);
$("back").onclick = () => go(position - 1);
$("play").onclick = play;
$("next").onclick = () => go(position + 1);
$("last").onclick = () => go(data.events.length);
$("position").oninput = () => go(Number($("position").value));
$("speed").oninput = () => { if (timer !== null) { stop(); play(); } };
$("language").onclick = () => { language = language === "en" ? "de" : "en"; translate(); };
document.onkeydown = (event) => {
  const keys = { ArrowRight: () => go(position + 1), ArrowLeft: () => go(position - 1), Home: () => go(0), End: () => go(data.events.length), " ": play };
  if (!keys[event.key] || event.ctrlKey || event.altKey || event.metaKey || event.target.id === "speed") return;
  if (event.key === " " && event.target.tagName === "BUTTON") return; /* the button does it itself */
  event.preventDefault();
  keys[event.key]();
};
translate();
