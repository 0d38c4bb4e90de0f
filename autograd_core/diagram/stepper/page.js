"use strict";

const data = JSON.parse(document.getElementById("data").textContent);
const FORWARD = 0, START = 2, CALL = 4, KNOWN = 7, ZERO = 8, CONSUMER = 9, RECURSE = 10, ADD = 11, STORE = 12;
const $ = (id) => document.getElementById(id);
let language = data.language, position = 0, timer = null;

/* Numbers travel as text: JSON knows neither inf nor nan. */
function parsed(text) {
  return Number(text.replace("inf", "Infinity"));
}

/* As Python's format(x, ".6g"), in which the boxes were measured: 1e+20, not 100000000000000000000. */
function shown(text, digits = 6) {
  if (/^-?inf$|^nan$/.test(text)) return text;
  const x = parsed(text), [mantissa, exponent] = x.toExponential(digits - 1).split("e"), e = Number(exponent);
  const short = (decimal) => (decimal.includes(".") ? decimal.replace(/\.?0+$/, "") : decimal);
  if (x === 0) return "0";
  if (e >= -4 && e < digits) return short(x.toFixed(digits - 1 - e));
  return `${short(mantissa)}e${e < 0 ? "-" : "+"}${String(Math.abs(e)).padStart(2, "0")}`;
}

function product(a, b) {
  return String(parsed(a) * parsed(b)).replace("Infinity", "inf").replace("NaN", "nan");
}

/* What is printed on both sides is equal or, having been rounded, nearly so. */
function sign(left, right) {
  return Object.is(left, right) || Math.abs(left - right) <= 1e-12 * Math.abs(right) ? "=" : "≈";
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
  const values = { z: data.names[data.root], v: data.names[v], c: data.names[c], d: shown(arriving), rate: rate === null ? "" : shown(rate), g: shown(g) };
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
      const amount = shown(product(arriving, rate)), printed = product(values.d, values.rate);
      return say("add", { ...values, is: sign(parsed(printed), parsed(amount)), amount });
    }
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

/* What it is about comes into view inside its frame, without moving the rest of the page. */
function look(part, frame) {
  if (!part) return;
  const inner = part.getBoundingClientRect(), outer = frame.getBoundingClientRect();
  if (inner.left < outer.left || inner.right > outer.right) frame.scrollLeft += inner.left - outer.left - outer.width / 3;
  if (inner.top < outer.top || inner.bottom > outer.bottom) frame.scrollTop += inner.top - outer.top - outer.height / 3;
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
  const [, v, c] = event || [null, 0, null];
  if (c !== null) look($(`v${c}`), $("picture"));
  look($(`v${v}`), $("picture"));
  look($("table").querySelector(".now") || $("table").lastElementChild, $("entries"));
  document.body.dataset.position = position;
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
const drawing = document.querySelector("#picture svg");
drawing.style.setProperty("--natural", drawing.getAttribute("width"));
drawing.style.setProperty("--legible", `${0.7 * parseFloat(drawing.getAttribute("width"))}pt`);
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
  if (event.key !== " " || !event.repeat) keys[event.key]();
};
translate();
