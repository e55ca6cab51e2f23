// The controls of a training: those of each training, and those of one that the page itself makes.

const MOST = { layers: 6, units: 16 };

class Controls {
  // playground: what the controls change and then paint again.
  constructor(playground) {
    this.playground = playground;
    this.trainer = playground.trainer;
    const { bar, button } = toolbar();
    Object.assign(this, { element: bar, button });
    button("↺", "start again (Home)", () => this.trainer.run("restart"));
    this.player = button("▶", "play or pause (space)", () => playground.play());
    button("›", "one step: a mini-batch (right arrow)", () => this.trainer.run("step"));
    button("»", "one epoch (E)", () => this.trainer.run("epoch"));
    if (this.trainer instanceof Trainer) this.experiments(playground.data);
    else this.rateSlider();
    const { scene } = playground;
    this.tick("gradients", (on) => (scene.flowing = on));
    if (playground.data.ground.corner) this.tick("discretize", (on) => (scene.crisp = on));
    this.examples(playground.data.rows.length);
  }

  add(label, ...parts) {
    const box = element("label", { class: "control" });
    box.append(element("span", {}, label), ...parts);
    this.element.append(box);
  }

  // A slider; until it is moved, the number is that of Python, which may lie between two of its places.
  slider(label, attributes, first, change) {
    const input = element("input", { type: "range", ...attributes });
    const said = element("output", {}, first);
    input.addEventListener("input", () => {
      said.textContent = change(Number(input.value));
      this.playground.paint();
    });
    this.add(label, input, said);
    return { input, said };
  }

  choice(label, names, first, change) {
    const select = element("select");
    for (const name of names) select.append(element("option", {}, name));
    select.value = first;
    select.addEventListener("change", () => {
      change(select.value);
      this.playground.paint();
    });
    this.add(label, select);
  }

  tick(label, change) {
    const check = element("input", { type: "checkbox" });
    check.addEventListener("change", () => {
      change(check.checked);
      this.playground.paint();
    });
    this.add(label, check);
  }

  rateSlider() {
    const { trainer } = this;
    const place = { min: -4, max: 1, step: 0.05, value: power(trainer.rate) };
    this.rate = this.slider("learning rate", place, short(trainer.rate), (x) => short((trainer.rate = 10 ** x), 2));
  }

  // Data, network, optimizer: what makes another training.
  experiments(data) {
    const { trainer } = this;
    if (data.sets.length) {
      const sets = new Map([["your data", data], ...data.sets.map((set) => [set.name, set])]);
      this.choice("data", [...sets.keys()], "your data", (name) => {
        trainer.choose(sets.get(name));
        this.example.max = trainer.rows.length - 1;
      });
    }
    if (data.inputs <= 2) {
      this.slider("noise", { min: 0, max: 0.6, step: 0.05, value: 0 }, "0", (x) => {
        trainer.setNoise(x);
        return short(x, 2);
      });
    }
    this.layers(data);
    const scales = { suited: 1, small: 0.05, large: 5, zero: 0 };
    this.choice("weights", Object.keys(scales), "suited", (name) => {
      trainer.scale = scales[name];
      trainer.build(trainer.layers);
    });
    // The seed of the weights that the page draws, and of the order of the examples.
    const seed = element("input", { type: "number", min: 0, step: 1, value: trainer.seed });
    const sow = (number) => {
      if (!Number.isSafeInteger(number)) return;
      seed.value = trainer.seed = number;
      trainer.build(trainer.layers);
      this.playground.paint();
    };
    seed.addEventListener("change", () => sow(seed.valueAsNumber));
    this.add("seed", seed);
    this.button("new weights", "start again with other weights", () => sow(trainer.seed + 1));
    const names = data.optimizers.map((optimizer) => optimizer.name);
    this.choice("optimizer", names, names[0], (name) => {
      trainer.use(data.optimizers.find((optimizer) => optimizer.name === name));
      this.rate.input.value = power(trainer.rate);
      this.rate.said.textContent = short(trainer.rate);
    });
    this.rateSlider();
    const most = Math.min(256, Math.max(data.rows.length, ...data.sets.map((set) => set.rows.length)));
    const batch = Math.min(data.batch, data.rows.length);
    this.slider("batch size", { min: 1, max: most, step: 1, value: batch }, String(batch), (x) => String((trainer.batch = x)));
    const decay = { min: -6, max: 0, step: 0.25, value: power(data.decay) };
    this.slider("L2", decay, short(data.decay), (x) => short((trainer.decay = x <= -6 ? 0 : 10 ** x), 2));
  }

  layers(data) {
    const { trainer } = this;
    let usual = data.layers.length > 1 ? data.layers[0].activation : "tanh";
    const shape = element("output");
    // What is changed in the hidden layers.
    const change = (next) => {
      const layers = trainer.layers.map((layer) => ({ ...layer }));
      const last = layers.pop();
      const hidden = next(layers).map((layer) => ({ ...layer, units: Math.max(1, Math.min(MOST.units, layer.units)) }));
      trainer.build([...hidden.slice(0, MOST.layers), last]);
      say();
      this.playground.paint();
    };
    const say = () => {
      shape.textContent = trainer.layers.slice(0, -1).map((layer) => layer.units).join(", ") || "none";
    };
    const wider = (by) => (layers) => layers.map((layer) => ({ ...layer, units: layer.units + by }));
    say();
    this.add("hidden layers", shape);
    this.button("− layer", "one hidden layer less", () => change((layers) => layers.slice(0, -1)));
    this.button("+ layer", "one more hidden layer", () => change((layers) => [...layers, { activation: usual, units: layers[0]?.units ?? 4 }]));
    this.button("− neuron", "one neuron less in each hidden layer", () => change(wider(-1)));
    this.button("+ neuron", "one more neuron in each hidden layer", () => change(wider(1)));
    this.choice("activation", Object.keys(data.activations), usual, (name) => {
      usual = name;
      change((layers) => layers.map((layer) => ({ ...layer, activation: name })));
    });
  }

  // An example, by its number; a click in the plane chooses one too.
  examples(count) {
    this.example = element("input", { type: "number", min: 0, max: count - 1, step: 1, value: 0 });
    this.add("example", this.example);
    this.button("explore", "step through both passes for this example", () => this.playground.explore(this.example.valueAsNumber));
  }

  show(playing) {
    this.player.textContent = playing ? "❚❚" : "▶";
    this.player.setAttribute("aria-pressed", String(playing));
  }
}

// The place of a number on a slider of powers of ten.
function power(x) {
  return x > 0 ? Math.log10(x) : -6;
}
