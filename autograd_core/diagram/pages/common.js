"use strict";

const data = JSON.parse(document.getElementById("data").textContent);
const $ = (id) => document.getElementById(id);

/* What a link asks for, as #step=25&lang=de */
function asked() {
  return new URLSearchParams(location.hash.slice(1));
}

function ask(key, value) {
  if (location.protocol === "about:") return; /* the frame of a notebook has no address */
  const wishes = asked();
  wishes.set(key, value);
  history.replaceState(null, "", `#${wishes}`);
}

const LANGUAGES = Object.keys(data.texts);
const known = (wish) => LANGUAGES.find((name) => (wish || "").toLowerCase().startsWith(name));
let language = known(asked().get("lang")) || known(data.language) || navigator.languages.map(known).find(Boolean) || "en";

function say(key, values = data.values || {}) {
  return data.texts[language][key].replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

/* Every text of the page in its language; `then` writes what depends on the page's state. */
function translate(then) {
  document.documentElement.lang = language;
  document.title = say("title");
  document.querySelectorAll("[data-text]").forEach((part) => { part.textContent = say(part.dataset.text); });
  document.querySelectorAll("[data-title]").forEach((part) => { part.title = say(part.dataset.title); part.ariaLabel = part.title; });
  then();
}

/* The page in its language from now on: at once, after a press of the button, and as a followed link says. */
function speak(then) {
  $("language").onclick = () => {
    language = LANGUAGES[(LANGUAGES.indexOf(language) + 1) % LANGUAGES.length];
    ask("lang", language);
    translate(then);
  };
  onhashchange = () => {
    language = known(asked().get("lang")) || language;
    translate(then);
  };
  translate(then);
}

/* Numbers travel as text: JSON knows neither inf nor nan. */
function parsed(text) {
  return Number(text.replace("inf", "Infinity"));
}

/* As Python's format(x, ".6g"): 1e+20, not 100000000000000000000. */
function shown(given, digits = 6) {
  const x = typeof given === "string" ? parsed(given) : given;
  if (!Number.isFinite(x)) return String(x).replace("Infinity", "inf").replace("NaN", "nan");
  const [mantissa, exponent] = x.toExponential(digits - 1).split("e"), e = Number(exponent);
  const short = (decimal) => (decimal.includes(".") ? decimal.replace(/\.?0+$/, "") : decimal);
  if (x === 0) return "0";
  if (e >= -4 && e < digits) return short(x.toFixed(digits - 1 - e));
  return `${short(mantissa)}e${e < 0 ? "-" : "+"}${String(Math.abs(e)).padStart(2, "0")}`;
}

/* What it is about comes into view inside its frame, without moving the rest of the page. */
function look(part, frame) {
  if (!part) return;
  const inner = part.getBoundingClientRect(), outer = frame.getBoundingClientRect();
  if (inner.left < outer.left || inner.right > outer.right) frame.scrollLeft += inner.left - outer.left - outer.width / 3;
  if (inner.top < outer.top || inner.bottom > outer.bottom) frame.scrollTop += inner.top - outer.top - outer.height / 3;
}

/* A picture in a frame: wheel, buttons and the keys + - 0 change its size, dragging moves it. */
class Zoom {
  /* `smallest` are the pixels of its smallest letters at scale 1. */
  constructor(frame, smallest) {
    this.frame = frame;
    this.smallest = smallest;
    this.least = 13; /* pixels of the smallest letters, until the reader wants them smaller */
    frame.classList.add("zoomed");
    Object.assign(frame, { tabIndex: 0, role: "group" });
    frame.dataset.title = "zoomable";
    const around = document.createElement("div"), buttons = document.createElement("div");
    around.className = "zoom";
    frame.replaceWith(around);
    const make = (text, title, action) => {
      const button = document.createElement("button");
      Object.assign(button, { type: "button", textContent: text, onclick: action });
      button.dataset.title = title;
      return button;
    };
    buttons.append(make("−", "zoom_out", () => this.by(1 / 1.25)), make("+", "zoom_in", () => this.by(1.25)), make("⤢", "fit", () => this.fit()));
    around.append(buttons, frame);
    frame.addEventListener("wheel", (event) => {
      if (event.ctrlKey || event.shiftKey) return;
      event.preventDefault();
      this.by(1.1 ** (-Math.sign(event.deltaY)), event);
    }, { passive: false });
    this.dragged();
  }

  get svg() {
    return this.frame.querySelector("svg");
  }

  /* Pixels that the picture has at scale 1. */
  get natural() {
    const box = this.svg.viewBox.baseVal, points = /pt$/.test(this.svg.getAttribute("width") || "") ? 4 / 3 : 1;
    return [box.width * points, box.height * points];
  }

  /* Another picture in the size that was asked for. */
  again() {
    (this.choice || this.legible).call(this);
  }

  set(scale) {
    this.scale = Math.max(0.05, Math.min(scale, 8));
    const [width, height] = this.natural;
    Object.assign(this.svg.style, { width: `${width * this.scale}px`, height: `${height * this.scale}px` });
  }

  by(factor, at) {
    const frame = this.frame, box = frame.getBoundingClientRect(), before = this.scale;
    const x = at ? at.clientX - box.left : box.width / 2, y = at ? at.clientY - box.top : box.height / 2;
    const left = frame.scrollLeft + x, top = frame.scrollTop + y;
    this.set(before * factor);
    this.choice = () => this.set(this.scale);
    frame.scrollLeft = left * this.scale / before - x;
    frame.scrollTop = top * this.scale / before - y;
  }

  /* All of it, as large as the frame allows. */
  fit() {
    const [width, height] = this.natural, most = parseFloat(getComputedStyle(this.frame).maxHeight) || innerHeight;
    this.choice = this.fit;
    this.set(Math.min((this.frame.clientWidth - 1) / width, (most - 3) / height, 2));
  }

  /* As wide as the frame, but legible. */
  legible() {
    const [width] = this.natural;
    this.choice = this.legible;
    this.set(Math.max(Math.min((this.frame.clientWidth - 1) / width, 1.4), this.least / this.smallest));
  }

  dragged() {
    let from = null;
    this.frame.addEventListener("pointerdown", (event) => {
      if (event.pointerType === "mouse" && event.button === 0 && !event.target.closest("[tabindex]:not(.zoomed), a[href]")) from = [event.clientX, event.clientY];
    });
    addEventListener("pointermove", (event) => {
      if (!from) return;
      this.frame.scrollBy(from[0] - event.clientX, from[1] - event.clientY);
      from = [event.clientX, event.clientY];
    });
    addEventListener("pointerup", () => { from = null; });
  }

  /* Whether a key was for the picture. */
  takes(key) {
    const actions = { "+": () => this.by(1.25), "-": () => this.by(1 / 1.25), "0": () => this.fit() };
    if (actions[key]) actions[key]();
    return key in actions;
  }
}
