// Steps through the two passes over a graph, and computes them again when a leaf is moved.
//
// Stage shows a view of the graph, Card tells about one box; Explorer knows the numbers and the step.  The numbers come
// from the Graph of engine.js.  Where an operation has no JavaScript, they are those that Python recorded.

const SPEEDS = [0.5, 1, 2, 4];

class Explorer {
  // model: the live widget, which Python answers; null in a page of its own.
  constructor(root, data, model) {
    this.root = root;
    this.data = { ...data, views: { ...data.views } };
    this.model = model;
    this.end = data.infos.length - 1;
    this.graph = data.lacking ? null : new Graph(rows, data.nodes);
    this.canMove = Boolean(this.graph || model);
    this.moved = {}; // leaves that were moved, and where to
    this.readers = data.infos.map(() => []);
    data.infos.forEach((info, z) => info.args.forEach((x) => typeof x === "number" && this.readers[x].push(z)));
    this.now = this.first = this.compute();
    this.base = this.now; // what changes are compared with
    this.step = 0;
    this.chosen = null;
    this.timer = null;
    this.flowing = this.heated = false;
    this.stage = new Stage({ choose: (i) => this.choose(i), open: (key, alone) => this.open(key, alone) });
    this.card = new Card(this);
    this.said = element("div", { class: "said", "aria-live": "polite" });
    this.legend = element("div", { class: "legend" });
    const middle = element("div", { class: "middle" });
    const left = element("div", { class: "left" });
    left.append(this.stage.element, this.legend, this.said);
    middle.append(left, this.card.element);
    root.replaceChildren(this.result(), this.toolbar(), middle, this.descent());
    this.deaf = keyboard(root, data.title, this.keys());
    this.plan();
    this.view = data.view;
    if (model) {
      this.onReply = () => this.renew();
      this.onError = () => this.complain(model.get("error"));
      this.view = this.take(model.get("reply") || {}) || this.view; // of a widget that is shown once more
      model.on("change:reply", this.onReply);
      model.on("change:error", this.onError);
    }
    this.enter(this.view);
    if (data.plays) this.play();
  }

  name(i) {
    return this.data.infos[i].name;
  }

  numberOf(i) {
    return this.now.values[i];
  }

  // The numbers.

  compute() {
    if (!this.graph) return this.read(this.data.recorded);
    const values = this.graph.forward(this.moved);
    return { values, ...this.graph.backward(values, this.end) };
  }

  read({ values, adjoints, slopes }) {
    const numbers = slopes.map((edges) => edges.map(([k, x, slope]) => [k, x, Number(slope)]));
    return { values: values.map(Number), adjoints: adjoints.map(Number), slopes: numbers };
  }

  // The steps: each operation forward, then each arrow backward.  totals[i] counts up the gradient of node i.
  plan() {
    const { slopes } = this.now;
    this.steps = [{ kind: "start" }];
    this.data.infos.forEach((info, node) => info.op && this.steps.push({ kind: "forward", node }));
    this.forwards = this.steps.length - 1;
    this.steps.push({ kind: "seed", node: this.end });
    for (let z = this.end; z >= 0; z -= 1) {
      for (const [k, x, slope] of slopes[z] || []) this.steps.push({ kind: "backward", node: z, k, x, slope });
    }
    this.lastFor = new Map([[this.end, this.forwards + 1]]);
    this.steps.forEach((step, i) => step.kind === "backward" && this.lastFor.set(step.x, i));
    this.last = this.steps.length - 1;
    this.step = Math.min(this.step, this.last);
    this.slider.max = this.last;
  }

  // What the nodes hold at this step.
  look() {
    const { step, steps, now } = this;
    this.totals = new Map();
    if (step > this.forwards) this.totals.set(this.end, 1);
    for (let i = this.forwards + 2; i <= step; i += 1) {
      const { node, x, slope } = steps[i];
      this.totals.set(x, (this.totals.get(x) ?? 0) + now.adjoints[node] * slope);
    }
    this.reached = step <= this.forwards ? step : this.forwards; // operations that have their value
    this.order ??= new Map(steps.slice(1, this.forwards + 1).map((s, i) => [s.node, i + 1]));
  }

  // The text for a number of a node at this step.
  say(i, style) {
    if (style === "value") return (this.order.get(i) ?? 0) <= this.reached ? this.written(i) : "";
    return this.totals.has(i) ? short(this.totals.get(i)) : this.step === this.last ? "0" : "–";
  }

  // The value of a node as text, made once.
  written(i) {
    if (this.writtenFor !== this.now) [this.writtenFor, this.texts] = [this.now, []];
    return (this.texts[i] ??= short(this.now.values[i]));
  }

  paint() {
    this.look();
    const { stage, step, steps } = this;
    const now = steps[step];
    stage.write((i, style) => this.say(i, style));
    const active = now.kind === "backward" ? now.x : now.node;
    const here = stage.places.get(active);
    const giver = now.kind === "backward" ? stage.places.get(now.node) : undefined;
    const known = (boxes) => boxes.filter((i) => i !== undefined && i !== null);
    stage.mark("active", known([here]));
    stage.mark("giver", known([giver === here ? null : giver]));
    const incomplete = [...this.totals.keys()].filter((node) => this.lastFor.get(node) > step);
    stage.mark("partial", known(incomplete.map((node) => stage.places.get(node))));
    stage.mark("chosen", known([this.chosen]));
    stage.mark("changed", known(Object.keys(this.moved).map((node) => stage.places.get(Number(node)))));
    if (now.kind === "backward") {
      stage.light([stage.arrowOf(now.x, now.node, this.slot(now.node, now.k))], `× ${short(now.slope)}`);
    } else if (now.kind === "forward") {
      const args = this.data.infos[now.node].args;
      stage.light(args.map((x, k) => (typeof x === "number" ? stage.arrowOf(x, now.node, this.slot(now.node, k)) : -1)));
    } else {
      stage.light([]);
    }
    stage.flow(this.flowing ? this.flows() : null);
    stage.shade(this.heated ? (i) => this.now.adjoints[i] : null);
    this.slider.value = step;
    this.where.textContent = this.place();
    this.said.innerHTML = this.formula(now);
    this.said.classList.remove("wrong");
    this.said.dataset.phase = now.kind;
    this.tell();
    if (this.chosen !== null) this.card.fill(stage.boxes[this.chosen].box);
  }

  // Whether what flows back through argument k of node z has arrived at this step.
  isDone(z, k) {
    const at = this.steps.findIndex((step) => step.kind === "backward" && step.node === z && step.k === k);
    return at >= 0 && at <= this.step;
  }

  // The place of an argument among those that are nodes.
  slot(z, k) {
    return this.data.infos[z].args.slice(0, k).filter((x) => typeof x === "number").length;
  }

  place() {
    const { step, forwards, last } = this;
    if (step === 0) return "start";
    return step <= forwards ? `forward ${step} of ${forwards}` : `backward ${step - forwards} of ${last - forwards}`;
  }

  formula({ kind, node, x, slope }) {
    const { infos, forms } = this.data;
    const end = this.name(this.end);
    if (kind === "start") return "<p>The leaves have their numbers. Each step computes one operation.</p>";
    if (kind === "forward") {
      const { args, form } = infos[node];
      const names = args.map((a) => (typeof a === "number" ? nameMarkup(this.name(a)) : numberMarkup(Number(a[0]))));
      const numbers = args.map((a) => numberMarkup(typeof a === "number" ? this.now.values[a] : Number(a[0])));
      return math(
        nameMarkup(this.name(node)) + EQUALS + filled(forms[form], names) + EQUALS + filled(forms[form], numbers) +
          EQUALS + resultMarkup(this.now.values[node]),
      );
    }
    if (kind === "seed") return math(slopeMarkup(end, end) + EQUALS + resultMarkup(1));
    const amount = this.now.adjoints[node] * slope;
    const total = this.totals.get(x);
    const before = total - amount;
    const first = !this.steps.slice(this.forwards + 2, this.step).some((other) => other.x === x);
    const left = slopeMarkup(end, this.name(x)) + (first ? EQUALS : "<mo>+=</mo>");
    const right = slopeMarkup(end, this.name(node)) + TIMES + slopeMarkup(this.name(node), this.name(x));
    const numbers = numberMarkup(this.now.adjoints[node]) + TIMES + numberMarkup(slope) + EQUALS + resultMarkup(amount);
    const sum = first ? "" : `<span class="sum">${math(`${numberMarkup(before)}<mo>+</mo>${numberMarkup(amount)}${EQUALS}${resultMarkup(total)}`)}</span>`;
    return math(left + right + EQUALS + numbers) + sum;
  }

  // The result on top: what it was, what it is, and what the gradient predicted.
  tell() {
    const [was, is] = [this.base.values[this.end], this.now.values[this.end]];
    const known = this.say(this.end, "value") !== "";
    const name = math(nameMarkup(this.name(this.end)));
    if (this.now === this.base) {
      this.outcome.innerHTML = `${name} <b>${known ? short(is) : "?"}</b>`;
      return;
    }
    let predicted = was;
    this.data.infos.forEach((info, i) => {
      if (!info.op) predicted += this.base.adjoints[i] * (this.now.values[i] - this.base.values[i]);
    });
    this.outcome.innerHTML = `${name} ${short(was)} → <b>${short(is)}</b> <span class="predicted">the slope predicts ${short(predicted)}</span>`;
  }

  flows() {
    const found = new Array(this.stage.arrows.length).fill(0);
    this.now.slopes.forEach((edges, z) => {
      for (const [k, x, slope] of edges || []) {
        const i = this.stage.arrowOf(x, z, this.slot(z, k));
        if (i >= 0) found[i] += this.now.adjoints[z] * slope;
      }
    });
    return found;
  }

  // All paths from the result to a node, counted, in the order of explain(); the first `most` as lists of [x, z, k, slope].
  pathsTo(node, most) {
    const { slopes } = this.now;
    const ways = new Float64Array(this.end + 1);
    ways[node] = 1;
    for (let z = node + 1; z <= this.end; z += 1) ways[z] = (slopes[z] || []).reduce((sum, [, x]) => sum + ways[x], 0);
    const found = [];
    const stack = [[this.end, []]];
    while (stack.length && found.length < most) {
      const [z, path] = stack.pop();
      if (z === node) found.push(path);
      else for (const [k, x, slope] of [...slopes[z]].reverse()) if (ways[x]) stack.push([x, [...path, [x, z, k, slope]]]);
    }
    return { count: ways[this.end], found };
  }

  // Light the arrows of a path: a list of [x, z, k, ...].
  highlight(path, colour) {
    this.stage.light(path.map(([x, z, k]) => this.stage.arrowOf(x, z, this.slot(z, k))), "", colour);
  }

  // The controls.

  result() {
    this.outcome = element("div", { class: "outcome", role: "status" });
    return this.outcome;
  }

  toolbar() {
    const { bar, button } = toolbar();
    button("«", "to the start (Home)", () => this.go(0));
    button("‹", "one step back (left arrow)", () => this.go(this.step - 1));
    this.player = button("▶", "play or pause (space)", () => this.play());
    button("›", "one step forward (right arrow)", () => this.go(this.step + 1));
    button("»", "to the end (End)", () => this.go(this.last));
    this.slider = element("input", { type: "range", min: 0, max: 1, "aria-label": "step" });
    this.slider.addEventListener("input", () => this.go(Number(this.slider.value)));
    this.where = element("span", { class: "where" });
    bar.append(this.slider, this.where);
    this.speed = element("select", { "aria-label": "speed", title: "speed" });
    for (const speed of SPEEDS) this.speed.append(element("option", { value: speed }, `${speed}×`));
    this.speed.value = "1";
    this.speed.addEventListener("change", () => this.timer && (this.pause(), this.play()));
    bar.append(this.speed);
    this.flower = button("flow", "arrows as wide as what flows back (F)", () => this.encode("flowing", this.flower));
    this.heater = button("heat", "boxes shaded by their gradient (H)", () => this.encode("heated", this.heater));
    for (const toggle of [this.flower, this.heater]) toggle.setAttribute("aria-pressed", "false");
    if (this.data.levels.length > 1) {
      button("−", "close modules (minus)", () => this.turn(this.level - 1));
      button("+", "open modules (plus)", () => this.turn(this.level + 1));
    }
    button("⤢", "the whole graph, or readable size (0)", () => this.stage.resize(!this.stage.whole));
    this.search = element("input", { type: "search", placeholder: "find a name", "aria-label": "find a name" });
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
      f: () => this.encode("flowing", this.flower), h: () => this.encode("heated", this.heater),
      n: () => this.chooseNext(1), p: () => this.chooseNext(-1), Escape: () => this.choose(null),
    };
  }

  encode(which, button) {
    this[which] = !this[which];
    button.setAttribute("aria-pressed", String(this[which]));
    const flow = '<i class="line positive"></i> above 0 <i class="line negative"></i> below 0; width: |∂L/∂z · ∂z/∂x|';
    const shades = [0.01, 0.15, 0.3, 0.45].map((o, i) => `<i class="shade" style="--o:${o}"></i> ${["1e-6", "1e-4", "0.01", "1"][i]}`);
    this.legend.innerHTML = [this.flowing ? flow : "", this.heated ? `shade: |∂L/∂z| ${shades.join(" ")}` : ""].filter(Boolean).join(" &nbsp; ");
    this.paint();
  }

  // Gradient descent on the chosen leaves: one step at a time, with what it changed.
  descent() {
    const box = element("details", { class: "descent" });
    box.append(element("summary", {}, "gradient descent"));
    const natural = new Intl.Collator("en", { numeric: true });
    const leaves = this.data.infos.flatMap((info, i) => (info.op ? [] : [i]));
    leaves.sort((i, j) => natural.compare(this.data.infos[i].scope, this.data.infos[j].scope) || natural.compare(this.name(i), this.name(j)));
    const parameters = leaves.filter((i) => this.data.infos[i].scope);
    const chosen = new Set(this.data.moved ?? (parameters.length ? parameters : leaves));
    const row = element("p");
    const rate = element("input", { type: "number", value: 0.1, step: "any", min: 0, "aria-label": "learning rate" });
    const go = element("button", { type: "button" }, "one step");
    const back = element("button", { type: "button" }, "start again");
    row.append("learning rate ", rate, " ", go, " ", back);
    const list = element("div", { class: "leaves" });
    for (const i of leaves.slice(0, 100)) {
      const label = element("label");
      const check = element("input", { type: "checkbox" });
      check.checked = chosen.has(i);
      check.addEventListener("change", () => (check.checked ? chosen.add(i) : chosen.delete(i)));
      label.append(check, ` ${this.name(i)}`);
      list.append(label);
    }
    const table = element("div", { class: "changes", role: "status" });
    go.addEventListener("click", () => {
      const size = rate.valueAsNumber;
      if (!(size > 0)) return this.complain("the learning rate must be a positive number");
      if (!chosen.size) return this.complain("choose at least one leaf");
      const [before, was] = [this.now, this.base];
      const moved = { ...this.moved };
      for (const i of chosen) moved[i] = before.values[i] - size * before.adjoints[i];
      this.base = before;
      if (!this.change(moved)) {
        this.base = was;
        return;
      }
      const lines = leaves.filter((i) => chosen.has(i)).slice(0, 12).map((i) => `<tr><th scope="row">${escaped(this.name(i))}</th><td>${short(before.values[i])}</td><td>− ${short(size)} · ${short(before.adjoints[i])}</td><td>${short(this.now.values[i])}</td></tr>`);
      table.innerHTML = `<table><thead><tr><th scope="col">leaf</th><th scope="col">before</th><th scope="col">rate · gradient</th><th scope="col">after</th></tr></thead><tbody>${lines.join("")}</tbody></table>`;
    });
    back.addEventListener("click", () => {
      this.base = this.first;
      this.change({});
      table.textContent = "";
    });
    box.append(row, list, table);
    box.hidden = !this.graph;
    return box;
  }

  close() {
    this.pause();
    this.deaf();
    this.stage.close();
    if (this.model) {
      this.model.off("change:reply", this.onReply);
      this.model.off("change:error", this.onError);
    }
  }

  go(to) {
    this.step = Math.max(0, Math.min(this.last, to));
    if (this.step === this.last) this.pause();
    this.paint();
    const now = this.steps[this.step];
    this.stage.reveal(now.kind === "backward" ? now.x : now.node);
  }

  pause() {
    clearInterval(this.timer);
    this.timer = null;
    this.player?.setAttribute("aria-pressed", "false");
    if (this.player) this.player.textContent = "▶";
  }

  play() {
    if (this.timer) return this.pause();
    if (this.step === this.last) this.step = 0;
    this.player.textContent = "❚❚";
    this.player.setAttribute("aria-pressed", "true");
    const pace = Math.max(100, Math.min(1000, 40000 / this.last)) / Number(this.speed.value);
    this.timer = setInterval(() => this.go(this.step + 1), pace);
    this.go(this.step + 1);
  }

  // The views.

  // Show a view by its key.  Where it is not there, Python makes it; without Python the module is opened alone.
  open(key, alone) {
    if (this.data.views[key]) return this.enter(key);
    if (this.model) return this.ask({ view: key });
    return this.data.views[alone] ? this.enter(alone) : this.turn(this.level + 1);
  }

  enter(key) {
    this.view = key;
    const level = this.data.levels.indexOf(key);
    this.level = level >= 0 ? level : (this.level ?? 0);
    this.stage.build(this.data.views[key], this.data.title);
    this.choose(null);
    this.find();
  }

  turn(to) {
    this.level = Math.max(0, Math.min(this.data.levels.length - 1, to));
    const key = this.data.levels[this.level];
    if (key === this.view) return;
    if (this.data.views[key]) this.enter(key);
    else if (this.model) this.ask({ view: key });
  }

  choose(i) {
    this.chosen = i;
    this.card.element.hidden = i === null;
    const reached = i === null ? new Set() : this.stage.reachedFrom(i);
    this.stage.mark("onpath", reached);
    this.root.classList.toggle("choosing", i !== null);
    this.paint();
  }

  chooseNode(node) {
    this.choose(this.stage.places.get(node) ?? null);
    this.stage.reveal(node);
  }

  // The next box, for those who have no mouse.
  chooseNext(by) {
    const count = this.stage.boxes.length;
    this.choose(this.chosen === null ? (by > 0 ? 0 : count - 1) : (this.chosen + by + count) % count);
    this.stage.reveal(this.stage.boxes[this.chosen].box.result);
  }

  find() {
    const wanted = this.search.value.trim().toLowerCase();
    const names = (box) => [box.title, ...box.nodes.map((i) => this.name(i))];
    const fits = ({ box }) => wanted !== "" && names(box).some((name) => name.toLowerCase().includes(wanted));
    this.stage.mark("found", this.stage.boxes.flatMap((found, i) => (fits(found) ? [i] : [])));
  }

  // Other numbers for leaves.  Whether they could be computed.
  change(moved) {
    const before = this.moved;
    this.moved = moved;
    if (!this.graph) {
      this.ask({ changed: moved });
      return true;
    }
    try {
      this.now = Object.keys(moved).length ? this.compute() : this.first;
    } catch (error) {
      if (!(error instanceof UndefinedError)) throw error;
      this.moved = before;
      this.complain(`${error.message}, at ${this.name(error.node)}`);
      return false;
    }
    this.plan();
    this.paint();
    return true;
  }

  moveLeaf(index, number) {
    return this.change({ ...this.moved, [index]: number });
  }

  // What Python is asked, and answers.

  ask(request) {
    this.model.set("request", request);
    this.model.save_changes();
  }

  // A reply holds numbers, or a view, or both; the key of the view.
  take({ views, view, recorded }) {
    Object.assign(this.data.views, views);
    if (recorded && !this.graph) {
      this.now = this.read(recorded);
      this.plan();
    }
    return view;
  }

  renew() {
    const key = this.take(this.model.get("reply"));
    if (key) this.enter(key);
    else this.paint();
  }

  complain(error) {
    if (!error) return;
    this.said.textContent = error;
    this.said.classList.add("wrong");
  }
}

function show(root, data, model) {
  try {
    const explorer = new Explorer(root, data, model);
    return () => explorer.close();
  } catch (error) {
    if (!(error instanceof UndefinedError)) throw error;
    root.textContent = `This graph cannot be computed: ${error.message}, at ${data.infos[error.node].name}.`;
    return () => {};
  }
}

export default {
  show,
  render({ model, el }) {
    return show(el, model.get("data"), model);
  },
};
