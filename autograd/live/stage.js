// One view of the graph: frames, arrows, and boxes whose numbers change.

const READABLE = 0.75; // the smallest scale: texts of 12 pixels then have 9

class Stage {
  // on: what to do when a box is chosen, and when a module is to be opened or closed.
  constructor(on) {
    this.on = on;
    this.element = element("div", { class: "stage", tabindex: 0, role: "group", "aria-label": "the graph" });
    this.whole = false;
    this.drag = null;
    this.element.addEventListener("click", (event) => this.onClick(event));
    this.element.addEventListener("keydown", (event) => this.onKey(event));
    this.element.addEventListener("wheel", (event) => this.onWheel(event), { passive: false });
    this.element.addEventListener("pointerdown", (event) => this.grab(event));
    this.element.addEventListener("pointermove", (event) => this.pull(event));
    this.element.addEventListener("scroll", () => this.showWhatIsNear(), { passive: true });
    this.watcher = new ResizeObserver(() => this.resize());
    this.watcher.observe(this.element);
  }

  close() {
    this.watcher.disconnect();
  }

  build(view, title) {
    this.view = view;
    const [width, height] = view.size;
    this.near = null;
    this.svg = element("svg:svg", { viewBox: `0 0 ${width} ${height}`, role: "group", "aria-label": title });
    this.inner = element("svg:g");
    const closers = view.frames.map((frame, i) => handle("−", `close ${frame.title}`, ...frame.at, `data-frame="${i}"`));
    // The markup is made by Python, every label escaped.
    this.inner.innerHTML = `${view.markup}<g></g><g></g>${closers.join("")}`;
    [this.arrowLayer, this.boxLayer] = [...this.inner.children].filter((child) => child.tagName === "g" && !child.children.length);
    this.boxes = view.boxes.map((box) => ({ box, at: box.at, group: null }));
    this.arrows = view.arrows.map((arrow) => ({ arrow, at: around(view.boxes[arrow.source].at, view.boxes[arrow.target].at), group: null }));
    this.places = new Map(view.boxes.flatMap((box, i) => box.nodes.map((node) => [node, i])));
    this.between = new Map(view.arrows.map((arrow, i) => [`${arrow.source} ${arrow.target} ${arrow.slot}`, i]));
    this.say = null;
    this.marked = {}; // for each class, the boxes that have it
    this.lit = new Set();
    this.noted = { arrow: -1, text: "" };
    this.flows = this.shaded = null;
    this.note = element("svg:text", { class: "note f-partial b", "text-anchor": "middle" });
    this.inner.append(this.note);
    this.svg.append(this.inner);
    this.element.replaceChildren(this.svg);
    this.resize();
  }

  // Only boxes and arrows less than a screen away are in the page: a browser draws thousands anew at each change.
  showWhatIsNear() {
    if (!this.view) return;
    const { element: stage, zoom } = this;
    const unit = (parseFloat(this.svg.style.width) / this.view.size[0]) * zoom.scale || 1;
    const [w, h] = [(stage.clientWidth || 2000) / unit, (stage.clientHeight || 2000) / unit];
    const [x, y] = [(stage.scrollLeft - zoom.x) / unit, (stage.scrollTop - zoom.y) / unit];
    const last = this.near;
    if (last && Math.abs(x - last.x) < w / 2 && Math.abs(y - last.y) < h / 2 && w <= last.w && h <= last.h) return;
    this.near = { x, y, w, h };
    this.keep(([left, top, width, height]) => left < x + 2 * w && left + width > x - w && top < y + 2 * h && top + height > y - h);
  }

  // Have those boxes and arrows in the page whose place is inside, as they look at this step.
  keep(inside) {
    const missing = (found) => {
      const near = inside(found.at);
      if (!near && found.group) {
        found.group.remove();
        found.group = null;
      }
      return near && !found.group;
    };
    const arrows = numbersOf(this.arrows, missing);
    parsed(arrows.map((i) => arrowMarkup(this.arrows[i].arrow))).forEach((group, k) => this.addArrow(arrows[k], group));
    const boxes = numbersOf(this.boxes, missing);
    parsed(boxes.map((i) => boxMarkup(this.boxes[i].box, i))).forEach((group, k) => this.addBox(boxes[k], group));
    this.placeNote();
  }

  addArrow(i, group) {
    Object.assign(this.arrows[i], { group, line: group.firstChild });
    this.arrowLayer.append(group);
    group.classList.toggle("lit", this.lit.has(i));
    if (this.flows) this.widen(i);
  }

  addBox(i, group) {
    const parts = [...group.children];
    const texts = Object.fromEntries(parts.filter((part) => part.dataset.style).map((text) => [text.dataset.style, text]));
    const mark = parts.find((part) => part.classList.contains("mark"));
    Object.assign(this.boxes[i], { group, heat: parts[1], tooltip: mark.firstChild, texts, said: [] });
    this.boxLayer.append(group);
    for (const [name, boxes] of Object.entries(this.marked)) group.classList.toggle(name, boxes.has(i));
    if (this.say) this.writeBox(i);
    if (this.shaded) this.shadeBox(i);
  }

  // What a click or a key on a handle does; false where there is none.
  act(event) {
    const found = event.target.closest?.(".handle");
    if (!found) return false;
    event.stopPropagation();
    event.preventDefault();
    const frame = this.view.frames[found.dataset.frame];
    const box = frame ? null : this.view.boxes[found.closest(".box").dataset.box];
    if (frame) this.on.open(frame.closes, frame.alone);
    else this.on.open(box.opens, box.alone);
    return true;
  }

  // The first click of a double click shows the card, which can move the graph: the second is about the same box.
  onClick(event) {
    if (this.act(event)) return;
    if (event.detail === 2 && this.clicked?.opens) return this.on.open(this.clicked.opens, this.clicked.alone);
    const group = event.target.closest?.(".box");
    this.clicked = group && this.view.boxes[group.dataset.box];
    if (group) this.on.choose(Number(group.dataset.box));
  }

  onKey(event) {
    if (event.key === "Enter" || event.key === " ") this.act(event);
  }

  // Write the numbers; say(i, style) is the text for node i.  Only what has changed is written.
  write(say) {
    this.say = say;
    this.boxes.forEach(({ group }, i) => group && this.writeBox(i));
  }

  writeBox(i) {
    const found = this.boxes[i];
    const { box, group, texts, tooltip, said } = found;
    const [value, grad] = [this.say(box.result, "value"), this.say(box.result, "grad")];
    if (said[0] === value && said[1] === grad) return;
    found.said = [value, grad];
    if (texts.value) texts.value.textContent = value;
    if (texts.grad) texts.grad.textContent = grad;
    const label = box.single ? `${box.title}\nvalue ${value}\ngradient ${grad}` : box.title;
    tooltip.textContent = label;
    group.setAttribute("aria-label", label.replaceAll("\n", ", "));
  }

  // Give these boxes a class, and take it from the others.
  mark(name, boxes) {
    const before = this.marked[name] ?? new Set();
    const after = (this.marked[name] = new Set(boxes));
    for (const i of before) if (!after.has(i)) this.boxes[i].group?.classList.remove(name);
    for (const i of after) if (!before.has(i)) this.boxes[i].group?.classList.add(name);
  }

  // The arrow from the box of node x to the box of node z, whose argument number `slot` x is; -1 within one box.
  arrowOf(x, z, slot) {
    const [from, to] = [this.places.get(x), this.places.get(z)];
    return this.between.get(`${from} ${to} ${slot}`) ?? this.between.get(`${from} ${to} 0`) ?? -1;
  }

  // Light some arrows, and write a text in the middle of the last.
  light(numbers, text = "", colour = "var(--active)") {
    this.svg.style.setProperty("--lit", colour);
    const lit = new Set(numbers.filter((i) => i >= 0));
    for (const i of this.lit) if (!lit.has(i)) this.arrows[i].group?.classList.remove("lit");
    for (const i of lit) if (!this.lit.has(i)) this.arrows[i].group?.classList.add("lit");
    this.lit = lit;
    this.noted = { arrow: numbers[numbers.length - 1], text };
    this.placeNote();
  }

  placeNote() {
    const found = this.arrows[this.noted.arrow];
    this.note.textContent = found?.group ? this.noted.text : "";
    if (!this.note.textContent) return;
    const middle = found.line.getPointAtLength(found.line.getTotalLength() / 2);
    this.note.setAttribute("x", middle.x);
    this.note.setAttribute("y", middle.y - 6);
  }

  // Arrows as wide as what flows back; flows[i] belongs to arrow i, null to leave them as they are.
  flow(flows) {
    if (!flows && !this.flows) return;
    this.flows = flows;
    this.most = flows ? Math.max(...flows.map(Math.abs), 0) : 0;
    this.arrows.forEach(({ group }, i) => group && this.widen(i));
  }

  widen(i) {
    const { group } = this.arrows[i];
    const flow = this.most ? this.flows[i] : 0;
    group.classList.toggle("positive", flow > 0);
    group.classList.toggle("negative", flow < 0);
    group.style.setProperty("--width", flow ? `${0.8 + 5.2 * Math.sqrt(Math.abs(flow) / this.most)}px` : "");
  }

  // Boxes shaded by the size of their gradient; size(i) belongs to node i, null for none.
  shade(size) {
    if (!size && !this.shaded) return;
    this.shaded = size;
    this.svg.classList.toggle("heated", size !== null);
    this.boxes.forEach(({ group }, i) => group && this.shadeBox(i));
  }

  shadeBox(i) {
    const { box, heat } = this.boxes[i];
    const size = this.shaded && box.single ? Math.min(Math.max(Math.abs(this.shaded(box.result)), 1e-6), 1) : 1e-6;
    heat.style.opacity = 0.45 * (1 + Math.log10(size) / 6);
  }

  // The boxes that one reaches: those on the paths along which its gradient comes.
  reachedFrom(start) {
    const reached = new Set([start]);
    for (let grown = true; grown; ) {
      grown = false;
      for (const { source, target } of this.view.arrows) {
        if (reached.has(source) && !reached.has(target)) {
          reached.add(target);
          grown = true;
        }
      }
    }
    return reached;
  }

  // Scroll the stage, and never the page, so that the box of a node is in sight.
  reveal(node) {
    const found = this.boxes[this.places.get(node)];
    if (!found || this.zoom.scale !== 1) return;
    const stage = this.element;
    const unit = this.svg.getBoundingClientRect().width / this.view.size[0];
    const [x, y, w, h] = found.box.at.map((length) => length * unit);
    if (x < stage.scrollLeft || x + w > stage.scrollLeft + stage.clientWidth) {
      stage.scrollLeft = x + w / 2 - stage.clientWidth / 2;
    }
    if (y < stage.scrollTop || y + h > stage.scrollTop + stage.clientHeight) {
      stage.scrollTop = y + h / 2 - stage.clientHeight / 2;
    }
    this.showWhatIsNear(); // at once: the event of scrolling comes a frame later
  }

  // As wide as the page while texts can be read, else scrolled; or the whole graph at a glance.
  resize(whole = this.whole) {
    this.whole = whole;
    if (!this.view) return;
    const [width] = this.view.size;
    const room = this.element.clientWidth || width;
    const scale = Math.min(1, whole ? room / width : Math.max(room / width, READABLE));
    this.svg.style.width = `${Math.floor(scale * width)}px`;
    this.move({ x: 0, y: 0, scale: 1 });
  }

  move(zoom) {
    this.zoom = zoom;
    if (this.boxes) this.showWhatIsNear();
    this.inner.setAttribute("transform", `translate(${zoom.x} ${zoom.y}) scale(${zoom.scale})`);
  }

  onWheel(event) {
    if (!event.ctrlKey && !event.metaKey && !event.shiftKey) return; // the page scrolls as ever
    event.preventDefault();
    const factor = event.deltaY < 0 ? 1.15 : 1 / 1.15;
    const box = this.svg.getBoundingClientRect();
    const unit = this.view.size[0] / box.width;
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
    const unit = this.view.size[0] / this.svg.getBoundingClientRect().width;
    this.move({ ...zoom, x: drag.from.x + across * unit, y: drag.from.y + down * unit });
  }

  // Save what is to be seen, with the styles of the page, as a file of its own.
  save(root) {
    this.keep(() => true);
    const copy = this.svg.cloneNode(true);
    this.near = null;
    this.showWhatIsNear();
    copy.setAttribute("xmlns", SVG);
    copy.setAttribute("width", this.view.size[0]);
    copy.setAttribute("height", this.view.size[1]);
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

// The places in a list of what is wanted.
function numbersOf(list, wanted) {
  return list.flatMap((found, i) => (wanted(found) ? [i] : []));
}

// The rectangle around two others.
function around([x, y, w, h], [a, b, c, d]) {
  const [left, top] = [Math.min(x, a), Math.min(y, b)];
  return [left, top, Math.max(x + w, a + c) - left, Math.max(y + h, b + d) - top];
}

// The elements of some markup, in no document yet.  Parsed at once, many take a fraction of the time.
function parsed(markup) {
  const around = element("svg:g");
  around.innerHTML = markup.join("");
  return [...around.children];
}

function arrowMarkup({ line, head }) {
  return `<g class="arrow"><path d="${line}" class="s-edge"/><polygon points="${head.join(" ")}" class="f-edge"/></g>`;
}

function boxMarkup(box, i) {
  const [x, y, w, h] = box.at;
  const texts = Object.entries(box.places).map(
    ([style, at]) => `<text x="${at[0]}" y="${at[1]}" class="f-${style}" data-style="${style}"></text>`,
  );
  const opener = box.opens ? handle("+", `open ${box.title}`, x + w - 9, y + 9) : "";
  const [ground, ...others] = box.markup.split("/>");
  return (
    `<g class="box" data-box="${i}" role="group" tabindex="-1">${ground}/>` +
    `<rect x="${x}" y="${y}" width="${w}" height="${h}" rx="6" class="heat"/>${others.join("/>")}` +
    `<rect x="${x - 2}" y="${y - 2}" width="${w + 4}" height="${h + 4}" rx="8" class="mark"><title></title></rect>` +
    `${texts.join("")}${opener}</g>`
  );
}

// A small button in the picture.
function handle(sign, title, x, y, more = "") {
  const label = escaped(title);
  return (
    `<g class="handle" role="button" tabindex="0" aria-label="${label}" ${more}><title>${label}</title>` +
    `<circle cx="${x}" cy="${y}" r="7"/><text x="${x}" y="${y + 4}" text-anchor="middle">${sign}</text></g>`
  );
}
