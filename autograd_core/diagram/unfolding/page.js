const picture = $("picture"), first = picture.innerHTML;
let pictures = null, touched = null;

/* All pictures but the first are packed: they are alike, and ten times as long. */
const packed = Uint8Array.from(atob(data.pictures), (letter) => letter.charCodeAt(0));
const unpacked = new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"))).json();
const ready = unpacked.then((found) => { pictures = found; });

function show() {
  const k = Number(asked().get("state")) || 0, state = data.states[k] || data.states[0], number = data.states.indexOf(state);
  if (number && !pictures) { ready.then(show); return; }
  picture.innerHTML = number ? pictures[number - 1] : first;
  zoom.again();
  $("open").textContent = state.open.join(", ") || "–";
  for (const [id, name] of Object.entries(state.names)) {
    const part = $(id), target = state.clicks[id], isFolded = part.classList.contains("node");
    if (target === undefined) { part.classList.toggle("shut", isFolded); continue; }
    part.classList.add("click");
    for (const [key, value] of Object.entries({ tabindex: 0, role: "button", "aria-label": name, "aria-expanded": !isFolded })) part.setAttribute(key, value);
    const go = (event) => { event.preventDefault(); event.stopPropagation(); touched = name; to(target); };
    part.onclick = go;
    part.onkeydown = (event) => { if (event.key === "Enter" || event.key === " ") go(event); };
  }
  /* Who opened a box goes on from its frame, who folded a frame from its box. */
  const here = Object.keys(state.clicks).find((id) => state.names[id] === touched);
  if (here) { $(here).focus({ preventScroll: true }); look($(here), picture); }
  touched = null;
  document.body.dataset.state = number;
}

function to(state) {
  const wishes = asked();
  wishes.set("state", state);
  location.hash = wishes;
}

const zoom = new Zoom(picture, 11 * 4 / 3);
$("part").hidden = data.is_whole;
$("hint").hidden = $("what").hidden = Object.keys(data.states[0].clicks).length === 0;
onkeydown = (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.key === "Escape") to(0);
  else if (zoom.takes(event.key)) event.preventDefault();
};
speak(show);
