// Displays a graph that Python has laid out, and the steps that Python has computed.  No values are computed here.
//
// Stage draws one view, scrolls and zooms it; Card shows the details of one box; Explorer holds the current step, the
// current view and the model.

// One view: boxes whose numbers change, frames that can be closed, and the static strokes.
class Stage {
  // on: callbacks: choose(box), and open(name, alone), which opens or closes a module.
  constructor(on) {
    this.on = on;
    this.element = element("div", { class: "stage" });
    this.whole = false;
    this.drag = null;
    this.wheel = (event) => this.onWheel(event);
    this.element.addEventListener("wheel", this.wheel, { passive: false });
    this.element.addEventListener("pointerdown", (event) => this.grab(event));
    this.element.addEventListener("pointermove", (event) => this.pull(event));
  }

  build(scene, title) {
    this.scene = scene;
    const [width, height] = scene.size;
    this.svg = element("svg:svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": title });
    this.inner = element("svg:g");
    const still = element("svg:g");
    still.innerHTML = scene.markup; // from Python, which escapes every label
    this.inner.append(still);
    this.svg.append(this.inner);
    this.boxes = new Map(scene.boxes.map((box) => [box.box, this.drawBox(box)]));
    this.places = new Map(scene.boxes.flatMap((box) => box.nodes.map((node) => [node, box.box])));
    for (const frame of scene.frames) {
      const close = () => this.on.open(frame.closes, frame.alone);
      this.inner.append(handle("−", `close ${frame.title}`, ...frame.at, close));
    }
    this.element.replaceChildren(this.svg);
    this.resize();
  }

  drawBox(box) {
    const group = element("svg:g", { class: "box", "data-box": box.box });
    const [x, y, w, h] = box.at;
    const frame = element("svg:rect", { x: x - 2, y: y - 2, width: w + 4, height: h + 4, rx: 8, class: "mark" });
    const tooltip = element("svg:title", {}, box.title);
    frame.append(tooltip);
    group.append(frame);
    const texts = {};
    for (const [style, at] of Object.entries(box.places)) {
      texts[style] = element("svg:text", { x: at[0], y: at[1], class: `f-${style}` });
      group.append(texts[style]);
    }
    group.addEventListener("click", () => this.on.choose(box));
    if (box.opens) {
      const open = () => this.on.open(box.opens, box.alone);
      group.addEventListener("dblclick", open);
      group.append(handle("+", `open ${box.title}`, x + w - 9, y + 9, open));
    }
    this.inner.append(group);
    return { box, group, texts, tooltip };
  }

  // Show the numbers computed so far, and highlight the box of this step.
  paint(nodes, valued, graded, active) {
    const here = this.places.get(active);
    for (const [number, { box, group, texts, tooltip }] of this.boxes) {
      const node = nodes[box.result];
      if (box.single) tooltip.textContent = `${box.title}\nvalue ${node.value}\ngradient ${node.grad}`;
      if (texts.value) texts.value.textContent = valued.has(box.result) ? brief(node.value) : "";
      if (texts.grad) texts.grad.textContent = graded.has(box.result) ? brief(node.grad) : "–";
      group.classList.toggle("active", number === here);
    }
  }

  // Set a class on the boxes for which holds(number, box) is true, and remove it from the others.
  mark(name, holds) {
    for (const [number, { box, group }] of this.boxes) group.classList.toggle(name, holds(number, box));
  }

  // The boxes that the start can reach: those on the paths from it to the output.
  reachedFrom(start) {
    const reached = new Set([start]);
    for (let grown = true; grown; ) {
      grown = false;
      for (const [from, to] of this.scene.arrows) {
        if (reached.has(from) && !reached.has(to)) {
          reached.add(to);
          grown = true;
        }
      }
    }
    return reached;
  }

  // Scroll the stage, never the page, so that the box of a node is visible.
  reveal(node) {
    const found = this.boxes.get(this.places.get(node));
    if (!found || this.zoom.scale !== 1) return;
    const stage = this.element;
    const unit = this.svg.getBoundingClientRect().width / this.scene.size[0];
    const [x, y, w, h] = found.box.at.map((length) => length * unit);
    if (x < stage.scrollLeft || x + w > stage.scrollLeft + stage.clientWidth) {
      stage.scrollLeft = x + w / 2 - stage.clientWidth / 2;
    }
    if (y < stage.scrollTop || y + h > stage.scrollTop + stage.clientHeight) {
      stage.scrollTop = y + h / 2 - stage.clientHeight / 2;
    }
  }

  // Show the graph at full size, with scrolling, or (whole) fit it to the width of the stage.
  resize(whole = this.whole) {
    this.whole = whole;
    const width = `${this.scene.size[0]}px`;
    this.svg.style.width = whole ? "100%" : width;
    this.svg.style.maxWidth = whole ? width : "none";
    this.move({ x: 0, y: 0, scale: 1 });
  }

  move(zoom) {
    this.zoom = zoom;
    this.inner.setAttribute("transform", `translate(${zoom.x} ${zoom.y}) scale(${zoom.scale})`);
  }

  onWheel(event) {
    if (!event.ctrlKey && !event.metaKey && !event.shiftKey) return; // let the page scroll
    event.preventDefault();
    const factor = event.deltaY < 0 ? 1.15 : 1 / 1.15;
    const box = this.svg.getBoundingClientRect();
    const unit = this.scene.size[0] / box.width;
    const x = (event.clientX - box.left) * unit;
    const y = (event.clientY - box.top) * unit;
    const { zoom } = this;
    this.move({ x: x - (x - zoom.x) * factor, y: y - (y - zoom.y) * factor, scale: zoom.scale * factor });
  }

  grab(event) {
    const { scrollLeft, scrollTop } = this.element;
    this.drag = { x: event.clientX, y: event.clientY, left: scrollLeft, top: scrollTop, from: { ...this.zoom } };
  }

  pull(event) {
    const { drag, zoom } = this;
    if (!drag || !event.buttons) return;
    const [across, down] = [event.clientX - drag.x, event.clientY - drag.y];
    if (zoom.scale === 1) {
      this.element.scrollLeft = drag.left - across;
      this.element.scrollTop = drag.top - down;
      return;
    }
    const unit = this.scene.size[0] / this.svg.getBoundingClientRect().width;
    this.move({ ...zoom, x: drag.from.x + across * unit, y: drag.from.y + down * unit });
  }

  // Save the current view as a standalone SVG file, with its styles.
  save(root) {
    const copy = this.svg.cloneNode(true);
    copy.setAttribute("xmlns", SVG);
    copy.setAttribute("width", this.scene.size[0]);
    copy.setAttribute("height", this.scene.size[1]);
    const style = [...document.styleSheets].flatMap((sheet) => {
      try {
        return [...sheet.cssRules].map((rule) => rule.cssText).filter((css) => css.includes("autograd-explore"));
      } catch {
        return [];
      }
    });
    copy.classList.add("autograd-explore");
    copy.style.background = getComputedStyle(root).getPropertyValue("--paper");
    copy.prepend(element("svg:style", {}, style.join("\n")));
    const url = URL.createObjectURL(new Blob([copy.outerHTML], { type: "image/svg+xml" }));
    element("a", { href: url, download: "graph.svg" }).click();
    URL.revokeObjectURL(url);
  }
}

// A small button inside the picture.
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

function brief(text) {
  const number = Number(text);
  return Number.isFinite(number) ? String(Number(number.toPrecision(4))) : text;
}

// The details of one box: its numbers, its captions, and a slider if it is a leaf.
class Card {
  // on: callbacks: close(), and, in a live widget, move(index, number), which changes a leaf.
  constructor(on) {
    this.on = on;
    this.element = element("div", { class: "card", hidden: "" });
    this.reaches = {}; // for each leaf with a slider: its first number, and how far the slider goes from it
  }

  fill(box, data, hasGradient) {
    const node = data.nodes[box.result];
    const alone = box.kind !== "module";
    const rows = [element("h3", {}, alone ? node.name : `${box.title}: ${box.nodes.length} nodes`)];
    const line = (name, text, kind = "") => {
      const row = element("p");
      row.append(element("span", { class: "name" }, name), element("span", { class: kind }, text));
      rows.push(row);
    };
    if (alone && node.op) line("operation", node.op);
    if (alone && node.scope) line("module", node.scope);
    if (box.single) {
      line("value", node.value, "value");
      line("gradient", hasGradient ? node.grad : "–", "grad");
    }
    if (alone) for (const partial of node.partials) line("local derivative", partial, "partial");
    const mine = new Set(box.nodes);
    const steps = data.steps.filter((step) => mine.has(step.node)).map((step) => step.text);
    rows.push(element("pre", {}, steps.join("\n")));
    if (this.on.move && node.number !== null && alone) rows.push(this.mover(box.result, node));
    const close = element("button", { type: "button", title: "close (Escape)", class: "close" }, "×");
    close.addEventListener("click", this.on.close);
    this.show(close, rows, box.result, node);
  }

  show(close, rows, index, node) {
    const active = document.activeElement;
    const focused = this.element.contains(active) && active.tagName === "INPUT";
    if (focused && this.element.dataset.node === String(index)) {
      // Keep a slider that is in use, and replace only the texts around it.
      const slider = this.element.querySelector("label");
      this.element.replaceChildren(close, ...rows.filter((row) => row.tagName !== "LABEL"), slider);
      active.focus();
      for (const input of slider.querySelectorAll("input")) if (input !== active) input.value = node.number;
    } else {
      this.element.replaceChildren(close, ...rows);
    }
    this.element.dataset.node = index;
  }

  // A slider and an input field for the number of a leaf, and a reset button.
  mover(index, node) {
    const [first, reach] = (this.reaches[index] ??= [node.number, Math.max(1, 2 * Math.abs(node.number))]);
    const label = element("label", { class: "mover" }, `change ${node.name} `);
    const input = element("input", {
      type: "range", min: first - reach, max: first + reach, step: reach / 100, "aria-label": node.name,
    });
    const field = element("input", { type: "number", step: "any", "aria-label": `${node.name} as a number` });
    const back = element("button", { type: "button", title: `reset to ${first}` }, "↺");
    const to = (number) => {
      if (Number.isFinite(number)) this.on.move(index, number);
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
}

class Explorer {
  // model: the live widget, through which Python answers requests; null in a standalone page.
  constructor(root, data, model) {
    this.root = root;
    this.data = { ...data, views: { ...data.views } };
    this.model = model;
    this.count = data.nodes.length;
    this.last = data.steps.length - 1;
    this.step = this.last;
    this.chosen = null;
    this.timer = null;
    this.changed = {}; // the new numbers of the leaves that were changed
    this.stage = new Stage({ choose: (box) => this.choose(box), open: (name, alone) => this.open(name, alone) });
    const move = model && ((index, number) => this.moveLeaf(index, number));
    this.card = new Card({ close: () => this.choose(null), move });
    this.text = element("pre", { class: "said", "aria-live": "polite" });
    root.replaceChildren(this.toolbar(), element("div", { class: "middle" }), this.text);
    root.querySelector(".middle").append(this.stage.element, this.card.element);
    this.deaf = keyboard(root, data.title, this.keys());
    this.onReply = () => this.renew();
    this.onError = () => this.complain();
    this.view = data.view; // the name of the view
    if (model) {
      this.view = this.take(model.get("reply") || {}) || this.view; // if the widget is displayed again
      model.on("change:reply", this.onReply);
      model.on("change:error", this.onError);
    }
    this.level = Math.max(0, this.data.levels.indexOf(this.view));
    this.enter(this.view);
  }

  toolbar() {
    const { bar, button } = toolbar();
    button("«", "to the start (Home)", () => this.go(0));
    button("‹", "one step back (left arrow)", () => this.go(this.step - 1));
    this.player = button("▶", "play or pause (space)", () => this.play());
    button("›", "one step forward (right arrow)", () => this.go(this.step + 1));
    button("»", "to the end (End)", () => this.go(this.last));
    this.slider = element("input", { type: "range", min: 0, max: this.last, "aria-label": "step" });
    this.slider.addEventListener("input", () => this.go(Number(this.slider.value)));
    this.where = element("span", { class: "where" });
    bar.append(this.slider, this.where);
    if (this.data.levels.length > 1) {
      button("−", "close modules (minus)", () => this.turn(this.level - 1));
      button("+", "open modules (plus)", () => this.turn(this.level + 1));
    }
    button("⤢", "fit the whole graph, or show it at full size (0)", () => this.stage.resize(!this.stage.whole));
    this.search = element("input", { type: "search", placeholder: "find a label", "aria-label": "find a label" });
    this.search.addEventListener("input", () => this.find());
    bar.append(this.search);
    button("⤓", "save this view as SVG", () => this.stage.save(this.root));
    return bar;
  }

  keys() {
    return {
      ArrowRight: () => this.go(this.step + 1), ArrowLeft: () => this.go(this.step - 1), Home: () => this.go(0),
      End: () => this.go(this.last), " ": () => this.play(), "+": () => this.turn(this.level + 1),
      "-": () => this.turn(this.level - 1), 0: () => this.stage.resize(!this.stage.whole),
      Escape: () => this.choose(null),
    };
  }

  close() {
    this.pause();
    this.deaf();
    if (this.model) {
      this.model.off("change:reply", this.onReply);
      this.model.off("change:error", this.onError);
    }
  }

  // The steps.

  paint() {
    const { step, count, data } = this;
    const now = data.steps[step];
    const nodesOf = (steps) => new Set(steps.map((s) => s.node));
    this.graded = nodesOf(data.steps.slice(count, step + 1));
    this.stage.paint(data.nodes, nodesOf(data.steps.slice(0, Math.min(step + 1, count))), this.graded, now.node);
    this.stage.mark("chosen", (number) => this.chosen !== null && this.chosen.box === number);
    const phase = step < count ? "forward" : "backward";
    this.slider.value = step;
    this.where.textContent = `${phase}, ${step < count ? step + 1 : step + 1 - count} of ${count}`;
    this.text.textContent = now.text;
    this.text.classList.remove("wrong");
    this.text.dataset.phase = phase;
    if (this.chosen) this.card.fill(this.chosen, data, this.graded.has(this.chosen.result));
  }

  go(to) {
    this.step = Math.max(0, Math.min(this.last, to));
    if (this.step === this.last) this.pause();
    this.paint();
    this.stage.reveal(this.data.steps[this.step].node);
  }

  pause() {
    clearInterval(this.timer);
    this.timer = null;
    this.player.textContent = "▶";
    this.player.setAttribute("aria-pressed", "false");
  }

  play() {
    if (this.timer) return this.pause();
    if (this.step === this.last) this.go(0);
    this.player.textContent = "||";
    this.player.setAttribute("aria-pressed", "true");
    this.timer = setInterval(() => this.go(this.step + 1), Math.max(60, Math.min(800, 40000 / this.last)));
  }

  // The views.

  // Show a view by its name.  If it is missing, ask Python for it; without Python, show the view ``alone`` instead.
  open(name, alone) {
    if (this.data.views[name]) return this.enter(name);
    if (this.model) return this.ask({ view: name });
    return this.data.views[alone] ? this.enter(alone) : this.turn(this.level + 1);
  }

  enter(name) {
    this.view = name;
    if (this.data.levels.includes(name)) this.level = this.data.levels.indexOf(name);
    this.stage.build(this.data.views[name], this.data.title);
    this.choose(null);
    this.find();
  }

  turn(to) {
    this.level = Math.max(0, Math.min(this.data.levels.length - 1, to));
    const name = this.data.levels[this.level];
    if (name === this.view) return;
    if (this.data.views[name]) this.enter(name);
    else if (this.model) this.ask({ view: name });
  }

  choose(box) {
    this.chosen = box;
    this.card.element.hidden = box === null;
    const reached = box ? this.stage.reachedFrom(box.box) : new Set();
    this.stage.mark("onpath", (number) => reached.has(number));
    this.root.classList.toggle("choosing", box !== null);
    this.paint();
  }

  find() {
    const wanted = this.search.value.trim().toLowerCase();
    const names = (box) => [box.title, ...box.nodes.map((i) => this.data.nodes[i].name)];
    const found = (_, box) => wanted !== "" && names(box).some((name) => name.toLowerCase().includes(wanted));
    this.stage.mark("found", found);
  }

  // Requests to Python, and its replies.

  ask(request) {
    this.model.set("request", request);
    this.model.save_changes();
  }

  moveLeaf(index, number) {
    this.changed[index] = number;
    this.ask({ changed: { ...this.changed } });
  }

  // Store a reply, which holds numbers, a view, or both.  Returns the name of the view, if any.
  take({ views, view, ...numbers }) {
    Object.assign(this.data, numbers);
    Object.assign(this.data.views, views);
    return view;
  }

  renew() {
    const name = this.take(this.model.get("reply"));
    if (name) this.enter(name);
    else this.paint();
  }

  complain() {
    const error = this.model.get("error");
    this.text.textContent = error || this.data.steps[this.step].text;
    this.text.classList.toggle("wrong", Boolean(error));
  }
}

function show(root, data, model) {
  const explorer = new Explorer(root, data, model);
  return () => explorer.close();
}

export default {
  show,
  render({ model, el }) {
    return show(el, model.get("data"), model);
  },
};
