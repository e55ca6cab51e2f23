// Shows a graph that Python has laid out, and steps through what Python has computed.  It computes nothing itself.

// model: the live widget, which answers a moved slider, or a module to open; null in a page of its own.
function show(root, data, model) {
  data = { ...data, views: { ...data.views } };
  let view = data.view; // the name of the view
  let level = Math.max(0, data.levels.indexOf(view));
  let step = data.steps.length - 1;
  let chosen = null;
  let whole = false;
  let timer = null;
  let zoom = { x: 0, y: 0, scale: 1 };
  const changed = {}; // leaves that were moved, and where to
  const reaches = {}; // of each leaf with a slider: where it stood at first, and how far it goes
  const count = data.nodes.length;

  const { bar, button } = toolbar();
  button("«", "to the start (Home)", () => go(0));
  button("‹", "one step back (left arrow)", () => go(step - 1));
  const player = button("▶", "play or pause (space)", play);
  button("›", "one step on (right arrow)", () => go(step + 1));
  button("»", "to the end (End)", () => go(data.steps.length - 1));
  const slider = element("input", { type: "range", min: 0, max: data.steps.length - 1, "aria-label": "step" });
  slider.addEventListener("input", () => go(Number(slider.value)));
  bar.append(slider);
  const where = element("span", { class: "where" });
  bar.append(where);
  if (data.levels.length > 1) {
    button("−", "close modules (minus)", () => turn(level - 1));
    button("+", "open modules (plus)", () => turn(level + 1));
  }
  button("⤢", "the whole graph, or full size (0)", fit);
  const search = element("input", { type: "search", placeholder: "find a label", "aria-label": "find a label" });
  search.addEventListener("input", () => find(search.value));
  bar.append(search);
  button("⤓", "save this view as SVG", save);

  const stage = element("div", { class: "stage" });
  const said = element("pre", { class: "said", "aria-live": "polite" });
  const card = element("div", { class: "card", hidden: "" });
  root.replaceChildren(bar, element("div", { class: "middle" }), said);
  root.querySelector(".middle").append(stage, card);

  let svg, inner, overlays, scene, places;

  function build() {
    scene = data.views[view];
    const [width, height] = scene.size;
    svg = element("svg:svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": data.title });
    inner = element("svg:g");
    const still = element("svg:g");
    still.innerHTML = scene.markup; // made by Python, every label escaped
    inner.append(still);
    svg.append(inner);
    overlays = new Map();
    places = new Map();
    for (const box of scene.boxes) {
      const group = element("svg:g", { class: "box", "data-box": box.box });
      const [x, y, w, h] = box.at;
      const frame = element("svg:rect", { x: x - 2, y: y - 2, width: w + 4, height: h + 4, rx: 8, class: "mark" });
      const tip = element("svg:title", {}, box.title);
      frame.append(tip);
      group.append(frame);
      const texts = {};
      for (const [style, at] of Object.entries(box.places)) {
        texts[style] = element("svg:text", { x: at[0], y: at[1], class: `f-${style}` });
        group.append(texts[style]);
      }
      group.addEventListener("click", () => choose(box));
      if (box.opens) {
        group.addEventListener("dblclick", () => open(box.opens, box.alone));
        group.append(handle("+", `open ${box.title}`, x + w - 9, y + 9, () => open(box.opens, box.alone)));
      }
      inner.append(group);
      overlays.set(box.box, { box, group, texts, tip });
      for (const node of box.nodes) places.set(node, box.box);
    }
    for (const frame of scene.frames) {
      const close = () => open(frame.closes, frame.alone);
      inner.append(handle("−", `close ${frame.title}`, ...frame.at, close));
    }
    stage.replaceChildren(svg);
    size();
    paint();
    find(search.value);
  }

  // A small button in the picture.
  function handle(sign, title, x, y, action) {
    const found = element("svg:g", { class: "handle", role: "button", tabindex: 0, "aria-label": title });
    found.append(
      element("svg:title", {}, title),
      element("svg:circle", { cx: x, cy: y, r: 7 }),
      element("svg:text", { x, y: y + 4, "text-anchor": "middle" }, sign),
    );
    const act = (event) => {
      event.stopPropagation();
      event.preventDefault();
      action();
    };
    found.addEventListener("click", act);
    found.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === " ") act(event);
    });
    return found;
  }

  // Show a view by its name.  Where it is not there, Python makes it; without Python the module is opened alone.
  function open(name, alone) {
    if (data.views[name]) return enter(name);
    if (model) return ask({ view: name });
    return data.views[alone] ? enter(alone) : turn(level + 1);
  }

  function enter(name) {
    view = name;
    if (data.levels.includes(name)) level = data.levels.indexOf(name);
    choose(null);
    build();
  }

  function ask(request) {
    model.set("request", request);
    model.save_changes();
  }

  function paint() {
    slider.value = step;
    const now = data.steps[step];
    const active = places.get(now.node);
    const done = new Set(data.steps.slice(0, Math.min(step + 1, count)).map((s) => s.node));
    const back = new Set(data.steps.slice(count, step + 1).map((s) => s.node));
    for (const [number, { box, group, texts, tip }] of overlays) {
      const node = data.nodes[box.result];
      if (box.single) tip.textContent = `${box.title}\nvalue ${node.value}\ngradient ${node.grad}`;
      if (texts.value) texts.value.textContent = done.has(box.result) ? brief(node.value) : "";
      if (texts.grad) texts.grad.textContent = back.has(box.result) ? brief(node.grad) : "–";
      group.classList.toggle("active", number === active);
      group.classList.toggle("chosen", chosen !== null && chosen.box === number);
    }
    const phase = step < count ? "forward" : "backward";
    where.textContent = `${phase}, ${step < count ? step + 1 : step + 1 - count} of ${count}`;
    said.textContent = now.text;
    said.classList.remove("wrong");
    said.dataset.phase = phase;
    if (chosen) fillCard();
  }

  function brief(text) {
    const number = Number(text);
    return Number.isFinite(number) ? String(Number(number.toPrecision(4))) : text;
  }

  function go(to) {
    step = Math.max(0, Math.min(data.steps.length - 1, to));
    if (step === data.steps.length - 1) pause();
    paint();
    reveal();
  }

  function pause() {
    clearInterval(timer);
    timer = null;
    player.textContent = "▶";
    player.setAttribute("aria-pressed", "false");
  }

  function play() {
    if (timer) return pause();
    if (step === data.steps.length - 1) go(0);
    player.textContent = "||";
    player.setAttribute("aria-pressed", "true");
    timer = setInterval(() => go(step + 1), Math.max(60, Math.min(800, 40000 / data.steps.length)));
  }

  function turn(to) {
    level = Math.max(0, Math.min(data.levels.length - 1, to));
    const name = data.levels[level];
    if (name === view) return;
    if (data.views[name]) enter(name);
    else if (model) ask({ view: name });
  }

  function choose(box) {
    chosen = box;
    card.hidden = box === null;
    for (const { group } of overlays.values()) group.classList.remove("onpath", "chosen");
    if (box) {
      // Everything that this box reaches: the paths along which its gradient comes.
      const reached = new Set([box.box]);
      for (let grown = true; grown; ) {
        grown = false;
        for (const [from, to] of scene.arrows) {
          if (reached.has(from) && !reached.has(to)) {
            reached.add(to);
            grown = true;
          }
        }
      }
      for (const [number, { group }] of overlays) group.classList.toggle("onpath", reached.has(number));
    }
    root.classList.toggle("choosing", box !== null);
    paint();
  }

  function fillCard() {
    const node = data.nodes[chosen.result];
    const heading = chosen.kind === "module" ? `${chosen.title}: ${chosen.nodes.length} nodes` : node.name;
    const rows = [element("h3", {}, heading)];
    const line = (name, text, kind = "") => {
      const row = element("p");
      row.append(element("span", { class: "name" }, name), element("span", { class: kind }, text));
      rows.push(row);
    };
    if (node.op && chosen.kind !== "module") line("operation", node.op);
    if (node.scope && chosen.kind !== "module") line("module", node.scope);
    if (chosen.single) {
      line("value", node.value, "value");
      line("gradient", seen(chosen.result) ? node.grad : "–", "grad");
    }
    if (chosen.kind !== "module") for (const partial of node.partials) line("local slope", partial, "partial");
    const mine = new Set(chosen.nodes);
    const told = data.steps.filter((s) => mine.has(s.node)).map((s) => s.text);
    rows.push(element("pre", {}, told.join("\n")));
    if (model && node.number !== null && chosen.kind !== "module") rows.push(mover(chosen.result, node));
    const close = element("button", { type: "button", title: "close (Escape)", class: "close" }, "×");
    close.addEventListener("click", () => choose(null));
    const focused = card.contains(document.activeElement) && document.activeElement.tagName === "INPUT";
    if (focused && card.dataset.node === String(chosen.result)) {
      // A slider that is being moved stays; only the texts around it change.
      const slider = card.querySelector("label");
      const active = document.activeElement;
      card.replaceChildren(close, ...rows.filter((row) => row.tagName !== "LABEL"), slider);
      active.focus();
      for (const input of slider.querySelectorAll("input")) if (input !== active) input.value = node.number;
    } else {
      card.replaceChildren(close, ...rows);
    }
    card.dataset.node = chosen.result;
  }

  function seen(node) {
    return data.steps.slice(count, step + 1).some((s) => s.node === node);
  }

  // A slider and a field for the number of a leaf, and a way back.
  function mover(index, node) {
    const [first, reach] = (reaches[index] ??= [node.number, Math.max(1, 2 * Math.abs(node.number))]);
    const label = element("label", { class: "mover" }, `move ${node.name} `);
    const input = element("input", {
      type: "range", min: first - reach, max: first + reach, step: reach / 100, "aria-label": node.name,
    });
    const field = element("input", { type: "number", step: "any", "aria-label": `${node.name} as a number` });
    const back = element("button", { type: "button", title: `back to ${first}` }, "↺");
    const to = (number) => {
      if (!Number.isFinite(number)) return;
      changed[index] = number;
      ask({ changed: { ...changed } });
    };
    input.value = field.value = node.number;
    input.addEventListener("input", () => {
      field.value = input.value;
      to(Number(input.value));
    });
    field.addEventListener("change", () => to(field.valueAsNumber));
    back.addEventListener("click", () => to(first));
    label.append(input, field, back);
    return label;
  }

  function find(text) {
    const wanted = text.trim().toLowerCase();
    for (const { box, group } of overlays.values()) {
      const names = [box.title, ...box.nodes.map((i) => data.nodes[i].name)];
      group.classList.toggle("found", wanted !== "" && names.some((name) => name.toLowerCase().includes(wanted)));
    }
  }

  // Full size, which can be read and is scrolled, or the whole graph at a glance.
  function size() {
    zoom = { x: 0, y: 0, scale: 1 };
    svg.style.width = whole ? "100%" : `${scene.size[0]}px`;
    svg.style.maxWidth = whole ? `${scene.size[0]}px` : "none";
    move();
  }

  function fit() {
    whole = !whole;
    size();
  }

  function move() {
    inner.setAttribute("transform", `translate(${zoom.x} ${zoom.y}) scale(${zoom.scale})`);
  }

  function save() {
    const copy = svg.cloneNode(true);
    copy.setAttribute("xmlns", SVG);
    copy.setAttribute("width", scene.size[0]);
    copy.setAttribute("height", scene.size[1]);
    const colours = getComputedStyle(root);
    const style = [...document.styleSheets].flatMap((sheet) => {
      try {
        return [...sheet.cssRules].map((rule) => rule.cssText).filter((css) => css.includes("autograd-explore"));
      } catch {
        return [];
      }
    });
    copy.classList.add("autograd-explore");
    copy.style.background = colours.getPropertyValue("--paper");
    copy.prepend(element("svg:style", {}, style.join("\n")));
    const url = URL.createObjectURL(new Blob([copy.outerHTML], { type: "image/svg+xml" }));
    const link = element("a", { href: url, download: "graph.svg" });
    link.click();
    URL.revokeObjectURL(url);
  }

  const keys = {
    ArrowRight: () => go(step + 1), ArrowLeft: () => go(step - 1), Home: () => go(0),
    End: () => go(data.steps.length - 1), " ": play, "+": () => turn(level + 1), "-": () => turn(level - 1),
    0: () => fit(), Escape: () => choose(null),
  };
  const deaf = keyboard(root, data.title, keys);

  function onWheel(event) {
    if (!event.ctrlKey && !event.metaKey && !event.shiftKey) return; // the page scrolls as ever
    event.preventDefault();
    const factor = event.deltaY < 0 ? 1.15 : 1 / 1.15;
    const box = svg.getBoundingClientRect();
    const unit = scene.size[0] / box.width;
    const x = (event.clientX - box.left) * unit;
    const y = (event.clientY - box.top) * unit;
    zoom = { x: x - (x - zoom.x) * factor, y: y - (y - zoom.y) * factor, scale: zoom.scale * factor };
    move();
  }
  stage.addEventListener("wheel", onWheel, { passive: false });
  let drag = null;
  stage.addEventListener("pointerdown", (event) => {
    drag = { x: event.clientX, y: event.clientY, left: stage.scrollLeft, top: stage.scrollTop, from: { ...zoom } };
  });
  stage.addEventListener("pointermove", (event) => {
    if (!drag || !event.buttons) return;
    const [across, down] = [event.clientX - drag.x, event.clientY - drag.y];
    if (zoom.scale === 1) {
      stage.scrollLeft = drag.left - across;
      stage.scrollTop = drag.top - down;
      return;
    }
    const unit = scene.size[0] / svg.getBoundingClientRect().width;
    zoom = { ...zoom, x: drag.from.x + across * unit, y: drag.from.y + down * unit };
    move();
  });

  // Scroll the stage, and never the page, so that the box of this step is in sight.
  function reveal() {
    const found = overlays.get(places.get(data.steps[step].node));
    if (!found || zoom.scale !== 1) return;
    const unit = svg.getBoundingClientRect().width / scene.size[0];
    const [x, y, w, h] = found.box.at.map((length) => length * unit);
    if (x < stage.scrollLeft || x + w > stage.scrollLeft + stage.clientWidth) {
      stage.scrollLeft = x + w / 2 - stage.clientWidth / 2;
    }
    if (y < stage.scrollTop || y + h > stage.scrollTop + stage.clientHeight) {
      stage.scrollTop = y + h / 2 - stage.clientHeight / 2;
    }
  }

  // A reply holds numbers, or a view, or both; the name of the view.
  function take({ views, view: name, ...numbers }) {
    Object.assign(data, numbers);
    Object.assign(data.views, views);
    return name;
  }
  function renew() {
    const name = take(model.get("reply"));
    if (name) enter(name);
    else paint();
  }
  function complain() {
    said.textContent = model.get("error") || data.steps[step].text;
    said.classList.toggle("wrong", Boolean(model.get("error")));
  }
  if (model) {
    view = take(model.get("reply") || {}) || view; // of a widget that is shown once more
    model.on("change:reply", renew);
    model.on("change:error", complain);
  }
  build();
  return () => {
    pause();
    deaf();
    stage.removeEventListener("wheel", onWheel);
    if (model) {
      model.off("change:reply", renew);
      model.off("change:error", complain);
    }
  };
}

export default {
  show,
  render({ model, el }) {
    return show(el, model.get("data"), model);
  },
};
