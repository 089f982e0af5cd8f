// Takes the drawing of the network over from the server: zoom, point, walk by keyboard. Without script the picture stays.
const canvas = document.getElementById("doek");
const SCALE = 40, MANY = 1500, ARROWS = 400, NEIGHBOURS = 15, LABEL = 13, LETTERS = 28, LABELS = 40;
const still = matchMedia("(prefers-reduced-motion: reduce)");
const dark = matchMedia("(prefers-color-scheme: dark)");
const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);
const cut = (text) => (text.length > LETTERS ? `${text.slice(0, LETTERS - 1)}…` : text);

/** A sentence of the page, with a number in it. */
const said = (name, number) => canvas.dataset[name].replace("{}", number);
/** Addresses in the language of the page. */
const record = (node) => `${canvas.dataset.root}${node.data("kind")}/${node.id()}`;
const around = (node) => `${canvas.dataset.root}netwerk?rond=${encodeURIComponent(node.id())}`;

/** The shapes of the legend, as Cytoscape wants them. */
function shapes() {
  const found = {};
  for (const mark of document.querySelectorAll(".net-legend [data-mark]")) {
    const corners = mark.querySelector("polygon")?.getAttribute("points").split(/[ ,]+/).map(Number);
    const reach = corners && Math.max(...corners.map(Math.abs));
    found[mark.dataset.mark] = corners ? corners.map((value) => value / reach) : null;
  }
  return found;
}

function elements(picture) {
  const way = canvas.dataset.way.split(" ").filter(Boolean);
  const steps = new Set(way.slice(1).flatMap((id, place) => [`${way[place]} ${id}`, `${id} ${way[place]}`]));
  const nodes = picture.dots.map((dot) => ({
    data: { ...dot, label: cut(capital(dot.name)), first: dot.id === canvas.dataset.around, mark: picture.groups[dot.group].mark, across: 2 * SCALE * dot.radius },
    position: { x: SCALE * dot.x, y: SCALE * dot.y },
    classes: way.includes(dot.id) ? ["way"] : [],
  }));
  const edges = picture.lines.map((line, place) => ({
    data: { id: `tie ${place}`, source: line.source, target: line.target },
    classes: steps.has(`${line.source} ${line.target}`) ? ["way"] : [],
  }));
  return { nodes, edges };
}

function styles(picture, shape) {
  const ink = token("--ink"), paper = token("--paper"), accent = token("--halo");
  const arrows = picture.is_directed && picture.lines.length <= ARROWS;
  const line = {
    "curve-style": arrows ? "straight" : "haystack", "haystack-radius": 0, width: 1.5, opacity: picture.lines.length > MANY ? 0.4 : 0.7,
    "line-color": token("--net-line"), "target-arrow-color": token("--net-line"),
    "target-arrow-shape": arrows ? "triangle" : "none", "arrow-scale": 0.9,
  };
  const marks = Object.entries(shape).map(([mark, corners]) => ({
    selector: `node[mark = ${mark}]`,
    style: {
      "background-color": token(`--mark-${mark}`),
      shape: corners ? "polygon" : "ellipse", ...(corners && { "shape-polygon-points": corners }),
    },
  }));
  return [
    { selector: "node", style: {
      width: "data(across)", height: "data(across)", "border-width": 1.5, "border-color": token("--net-dot"),
      color: ink, "font-family": token("--font"), "text-valign": "bottom", "text-outline-color": paper, "overlay-opacity": 0,
    } },
    ...marks,
    { selector: "edge", style: line },
    { selector: "node.named", style: { label: "data(label)", "z-index": 2 } },
    { selector: ".dim", style: { opacity: 0.12, "text-opacity": 0 } },
    { selector: "edge.near", style: { opacity: 0.9, width: 3, "line-color": ink } },
    { selector: "edge.way", style: { opacity: 1, width: 6, "line-color": token("--net-way"), "z-index": 3 } },
    { selector: "node.way", style: { "border-width": 6, "border-color": token("--net-way") } },
    { selector: "node.picked", style: { "border-width": 8, "border-color": accent, "outline-width": 3, "outline-color": ink, "outline-offset": 4, "z-index": 9 } },
  ];
}

/** All of these in view, but no larger than drawn. From places alone: cy.fit() measures every line first. */
function fit(cy, those = cy.nodes(), padding = 24) {
  let left = Infinity, right = -Infinity, top = Infinity, bottom = -Infinity;
  those.forEach((node) => {
    const { x, y } = node.position(), room = node.data("across") / 2 + LABEL;
    left = Math.min(left, x - room); right = Math.max(right, x + room);
    top = Math.min(top, y - room); bottom = Math.max(bottom, y + room);
  });
  const zoom = Math.min((cy.width() - 2 * padding) / (right - left), (cy.height() - 2 * padding) / (bottom - top), 1);
  cy.viewport({ zoom, pan: { x: (cy.width() - zoom * (left + right)) / 2, y: (cy.height() - zoom * (top + bottom)) / 2 } });
}

/** Names where there is room, of what is picked and of the best tied first; always as large on the screen. */
function label(cy) {
  const first = (node) => (node.hasClass("picked") ? 4 : node.hasClass("way") || node.data("first") ? 3 : node.hasClass("near") ? 2 : node.hasClass("dim") ? 0 : 1);
  const seen = cy.nodes().map((node) => ({ node, first: first(node), ties: node.data("ties") }))
    .filter((one) => one.first).sort((a, b) => b.first - a.first || b.ties - a.ties);
  const taken = [], named = cy.collection();
  for (const { node } of seen) {
    const { x, y } = node.renderedPosition(), low = y + node.renderedHeight() / 2 + LABEL;
    const wide = Math.min(node.data("label").length, LETTERS) * LABEL * 0.3;
    if (x < 0 || y < 0 || x > cy.width() || y > cy.height()) continue;
    if (taken.some((other) => Math.abs(other.x - x) < wide + other.wide && Math.abs(other.low - low) < LABEL * 1.25)) continue;
    taken.push({ x, low, wide });
    named.merge(node);
    if (taken.length === LABELS) break;
  }
  cy.batch(() => {
    cy.nodes(".named").not(named).removeClass("named").removeStyle();
    named.addClass("named").style({ "font-size": LABEL / cy.zoom(), "text-outline-width": 2 / cy.zoom(), "text-margin-y": 3 / cy.zoom() });
  });
}

function drawn(picture) {
  const many = picture.dots.length > MANY;
  const shape = shapes();
  const cy = cytoscape({
    container: canvas, elements: elements(picture), layout: { name: "preset", fit: false },
    style: styles(picture, shape), minZoom: 0.02, maxZoom: 6, autoungrabify: true, boxSelectionEnabled: false,
    textureOnViewport: many, hideEdgesOnViewport: many, hideLabelsOnViewport: many, pixelRatio: many ? 1 : "auto",
  });
  fit(cy);
  let waiting = 0;
  const later = () => { clearTimeout(waiting); waiting = setTimeout(() => label(cy), 80); };
  cy.on("viewport resize", later);
  label(cy);
  dark.addEventListener("change", () => { cy.style(styles(picture, shape)); });
  return cy;
}

/** What is picked: in the drawing, in words beside it, and in the table. */
function picker(cy, picture) {
  const panel = document.getElementById("gekozen");
  const kinds = picture.kinds;
  let picked = null;

  function neighbours(node) {
    const others = node.openNeighborhood().nodes().toArray().sort((a, b) => b.data("ties") - a.data("ties") || a.id().localeCompare(b.id()));
    const items = others.slice(0, NEIGHBOURS).map((other) => {
      const item = document.createElement("li"), button = document.createElement("button");
      button.type = "button";
      button.className = "plain";
      button.textContent = capital(other.data("name"));
      button.addEventListener("click", () => pick(other, true));
      item.append(button);
      return item;
    });
    if (others.length > NEIGHBOURS) items.push(Object.assign(document.createElement("li"), { textContent: said("more", others.length - NEIGHBOURS) }));
    panel.querySelector("[data-neighbours]").replaceChildren(...items);
  }

  function told(node) {
    const { name, kind, ties, group } = node.data();
    panel.hidden = false;
    panel.querySelector(".net-said").textContent = [`${capital(name)}: ${kinds[kind]}`, ...(picture.groups[group].mark ? [picture.groups[group].label] : []), said("tied", ties)].join(", ");
    panel.querySelector("[data-open]").href = record(node);
    panel.querySelector("[data-around]").href = around(node);
    neighbours(node);
  }

  function shown(node) {
    const middle = { x: cy.width() / 2, y: cy.height() / 2 }, at = node.renderedPosition();
    const outside = at.x < 40 || at.y < 40 || at.x > cy.width() - 40 || at.y > cy.height() - 40;
    if (!outside && cy.zoom() > 0.5) return;
    const zoom = Math.max(cy.zoom(), 0.7);
    if (still.matches) cy.zoom(zoom).center(node);
    else cy.animate({ center: { eles: node }, zoom, duration: 250 });
  }

  function mark(node) {
    cy.batch(() => {
      cy.elements(".picked, .near, .dim").removeClass("picked near dim");
      if (!node) return;
      const near = node.closedNeighborhood();
      if (picture.dots.length <= MANY) cy.elements().not(near).not(".way").addClass("dim");
      near.addClass("near");
      node.addClass("picked");
    });
    label(cy);
    document.querySelector("tr[aria-current]")?.removeAttribute("aria-current");
    if (node) document.querySelector(`tr[data-id="${CSS.escape(node.id())}"]`)?.setAttribute("aria-current", "true");
  }

  function pick(node, move) {
    picked = node;
    mark(node);
    if (!node) { panel.hidden = true; return; }
    told(node);
    if (move) shown(node);
  }
  return { pick, get picked() { return picked; } };
}

const ARROW = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };

/** The neighbour that lies most in this direction; where none does, nothing. */
function towards(node, [x, y]) {
  const from = node.position();
  let best = null, most = 0.3;
  node.openNeighborhood().nodes().forEach((other) => {
    const dx = other.position("x") - from.x, dy = other.position("y") - from.y, far = Math.hypot(dx, dy) || 1;
    const fit = (dx * x + dy * y) / far - far / 1e6;
    if (fit > most) { most = fit; best = other; }
  });
  return best;
}

function zoom(cy, factor) {
  cy.zoom({ level: cy.zoom() * factor, renderedPosition: { x: cy.width() / 2, y: cy.height() / 2 } });
}

function walk(event, cy, hands) {
  const busiest = () => cy.nodes().max((node) => node.data("ties")).ele;
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  if (event.key in ARROW) hands.pick(hands.picked ? towards(hands.picked, ARROW[event.key]) ?? hands.picked : busiest(), true);
  else if (event.key === "Home") hands.pick(busiest(), true);
  else if (event.key === "Escape") { hands.pick(null); fit(cy); }
  else if (event.key === "+" || event.key === "=") zoom(cy, 1.3);
  else if (event.key === "-") zoom(cy, 1 / 1.3);
  else if (event.key === "Enter" && hands.picked) {
    const address = event.shiftKey ? around(hands.picked) : record(hands.picked);
    location.assign(address);
  } else return;
  event.preventDefault();
}

/** The search box picks a record that is in the drawing; of another it asks the server for the network around it. */
function find(event, picture, cy, hands) {
  const asked = event.target.elements.rond.value.trim().toLowerCase();
  const dot = picture.dots.find((one) => one.id === asked || one.name.toLowerCase() === asked)
    ?? picture.dots.find((one) => asked && one.name.toLowerCase().includes(asked));
  if (!dot) return;
  event.preventDefault();
  hands.pick(cy.getElementById(dot.id), true);
}

function tie(cy, picture, hands) {
  cy.on("tap", "node", (event) => hands.pick(event.target, false));
  cy.on("tap", (event) => { if (event.target === cy) hands.pick(null); });
  cy.on("mouseover", "node", () => { canvas.style.cursor = "pointer"; });
  cy.on("mouseout", "node", () => { canvas.style.cursor = ""; });
  canvas.addEventListener("keydown", (event) => walk(event, cy, hands));
  for (const button of document.querySelectorAll("[data-zoom]")) {
    button.addEventListener("click", () => {
      if (button.dataset.zoom === "fit") fit(cy);
      else zoom(cy, button.dataset.zoom === "in" ? 1.3 : 1 / 1.3);
    });
  }
  document.getElementById("zoekvak").addEventListener("submit", (event) => find(event, picture, cy, hands));
  for (const row of document.querySelectorAll("tr[data-id]")) {
    const point = () => hands.pick(cy.getElementById(row.dataset.id), false);
    row.addEventListener("focusin", point);
    row.addEventListener("mouseenter", point);
  }
}

function names(picture) {
  const options = picture.dots.map((dot) => Object.assign(document.createElement("option"), { value: dot.name }));
  document.getElementById("namen").replaceChildren(...options);
}

async function start() {
  const answer = await fetch(canvas.dataset.twin);
  if (!answer.ok) return;
  const { picture } = await answer.json();
  picture.kinds = JSON.parse(canvas.dataset.kinds);
  document.getElementById("plaat").setAttribute("hidden", "");
  canvas.hidden = false;
  for (const part of [document.querySelector(".net-tools"), document.getElementById("toetsen")]) part.hidden = false;
  const cy = drawn(picture);
  const hands = picker(cy, picture);
  tie(cy, picture, hands);
  names(picture);
  if (canvas.dataset.way) fit(cy, cy.nodes(".way"), 60);
  cy.one("render", () => { canvas.dataset.ready = "true"; });
}

start();
