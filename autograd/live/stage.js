// One view of the graph: frames, arrows, and boxes whose numbers change.

const READABLE = 0.75; // the smallest scale: texts of 12 pixels then have 9

class Stage {
  // on: what to do when a box is chosen, and when a module is to be opened or closed.
  constructor(on) {
    this.on = on;
    this.element = element("div", { class: "stage", tabindex: 0, role: "group", "aria-label": "the graph" });
    this.whole = false;
    this.drag = null;
    this.element.addEventListener("wheel", (event) => this.onWheel(event), { passive: false });
    this.element.addEventListener("pointerdown", (event) => this.grab(event));
    this.element.addEventListener("pointermove", (event) => this.pull(event));
    this.watcher = new ResizeObserver(() => this.resize());
    this.watcher.observe(this.element);
  }

  close() {
    this.watcher.disconnect();
  }

  build(view, title) {
    this.view = view;
    const [width, height] = view.size;
    this.svg = element("svg:svg", { viewBox: `0 0 ${width} ${height}`, role: "group", "aria-label": title });
    this.inner = element("svg:g");
    const frames = element("svg:g");
    frames.innerHTML = view.markup; // made by Python, every label escaped
    this.inner.append(frames);
    this.arrows = view.arrows.map((arrow) => this.drawArrow(arrow));
    this.boxes = view.boxes.map((box, i) => this.drawBox(box, i));
    this.places = new Map(view.boxes.flatMap((box, i) => box.nodes.map((node) => [node, i])));
    this.between = new Map(view.arrows.map((arrow, i) => [`${arrow.source} ${arrow.target} ${arrow.slot}`, i]));
    for (const frame of view.frames) {
      const close = () => this.on.open(frame.closes, frame.alone);
      this.inner.append(handle("−", `close ${frame.title}`, ...frame.at, close));
    }
    this.note = element("svg:text", { class: "note f-partial b", "text-anchor": "middle" });
    this.inner.append(this.note);
    this.svg.append(this.inner);
    this.element.replaceChildren(this.svg);
    this.resize();
  }

  drawArrow(arrow) {
    const group = element("svg:g", { class: "arrow" });
    const line = element("svg:path", { d: arrow.line, class: "s-edge" });
    group.append(line, element("svg:polygon", { points: arrow.head.join(" "), class: "f-edge" }));
    this.inner.append(group);
    return { arrow, group, line };
  }

  drawBox(box, i) {
    const [x, y, w, h] = box.at;
    const group = element("svg:g", { class: "box", "data-box": i, role: "group", tabindex: -1 });
    group.innerHTML = box.markup;
    const heat = element("svg:rect", { x, y, width: w, height: h, rx: 6, class: "heat" });
    group.children[0].after(heat);
    const mark = element("svg:rect", { x: x - 2, y: y - 2, width: w + 4, height: h + 4, rx: 8, class: "mark" });
    const tooltip = element("svg:title", {}, box.title);
    mark.append(tooltip);
    group.append(mark);
    const texts = {};
    for (const [style, at] of Object.entries(box.places)) {
      texts[style] = element("svg:text", { x: at[0], y: at[1], class: `f-${style}` });
      group.append(texts[style]);
    }
    group.addEventListener("click", () => this.on.choose(i));
    group.addEventListener("keydown", (event) => {
      if (event.target === group && event.key === "Enter") this.on.choose(i);
    });
    if (box.opens) {
      const open = () => this.on.open(box.opens, box.alone);
      group.addEventListener("dblclick", open);
      group.append(handle("+", `open ${box.title}`, x + w - 9, y + 9, open));
    }
    this.inner.append(group);
    return { box, group, texts, heat, tooltip };
  }

  // Write the numbers; say(i, style) is the text for node i.
  write(say) {
    for (const { box, group, texts, tooltip } of this.boxes) {
      for (const [style, text] of Object.entries(texts)) set(text, say(box.result, style));
      const said = `${box.title}${box.single ? `\nvalue ${say(box.result, "value")}\ngradient ${say(box.result, "grad")}` : ""}`;
      if (tooltip.textContent !== said) {
        tooltip.textContent = said;
        group.setAttribute("aria-label", said.replaceAll("\n", ", "));
      }
    }
  }

  // Give the boxes for which this holds a class, and take it from the others.
  mark(name, holds) {
    this.boxes.forEach(({ box, group }, i) => group.classList.toggle(name, holds(i, box)));
  }

  // The arrow from the box of node x to the box of node z, whose argument number `slot` x is; -1 within one box.
  arrowOf(x, z, slot) {
    const [from, to] = [this.places.get(x), this.places.get(z)];
    return this.between.get(`${from} ${to} ${slot}`) ?? this.between.get(`${from} ${to} 0`) ?? -1;
  }

  // Light some arrows, and write a text in the middle of the last.
  light(numbers, text = "") {
    const lit = new Set(numbers);
    this.arrows.forEach(({ group }, i) => group.classList.toggle("lit", lit.has(i)));
    const last = this.arrows[numbers[numbers.length - 1]];
    this.note.textContent = last ? text : "";
    if (!last) return;
    const middle = last.line.getPointAtLength(last.line.getTotalLength() / 2);
    this.note.setAttribute("x", middle.x);
    this.note.setAttribute("y", middle.y - 6);
  }

  // Arrows as wide as what flows back; flows[i] belongs to arrow i, null to leave them as they are.
  flow(flows) {
    const most = flows ? Math.max(...flows.map(Math.abs), 0) : 0;
    this.arrows.forEach(({ group }, i) => {
      const flow = most ? flows[i] : 0;
      group.classList.toggle("positive", flow > 0);
      group.classList.toggle("negative", flow < 0);
      group.style.setProperty("--width", flow ? `${0.8 + 5.2 * Math.sqrt(Math.abs(flow) / most)}px` : "");
    });
  }

  // Boxes shaded by the size of their gradient; size(i) belongs to node i, null for none.
  shade(size) {
    this.svg.classList.toggle("heated", size !== null);
    for (const { box, heat } of this.boxes) {
      const gradient = size && box.single ? Math.min(Math.max(Math.abs(size(box.result)), 1e-6), 1) : 1e-6;
      heat.style.opacity = 0.45 * (1 + Math.log10(gradient) / 6);
    }
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
    const copy = this.svg.cloneNode(true);
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

function set(node, text) {
  if (node.textContent !== text) node.textContent = text;
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
