// Trains a network in the page, by the optimizers' rules that Python wrote.

const BUDGET = 12; // milliseconds of training in a frame

class Trainer extends Numbers {
  constructor(data) {
    super(data);
    [this.optimizer] = data.optimizers;
    this.rate = this.optimizer.rate;
    this.decay = data.decay;
    this.batch = data.batch;
    this.noise = 0;
    this.seed = 1;
    this.scale = 1;
    this.build(data.layers, data.parameters);
  }

  // Another network; without parameters, these are drawn.
  build(layers, parameters = null) {
    this.shape(layers);
    this.start(parameters ?? this.network.draw(generator(1000 + this.seed), this.scale));
  }

  start(parameters) {
    this.initial = parameters;
    this.parameters = [...parameters];
    this.state = parameters.map(() => new Array(this.optimizer.state).fill(0));
    this.gradient = parameters.map(() => 0);
    this.random = generator(this.seed);
    this.steps = 0;
    this.failed = false;
    this.waiting = [];
    this.disturb();
    this.history = [this.evaluate(0)];
  }

  use(optimizer) {
    this.optimizer = optimizer;
    this.rate = optimizer.rate;
    this.start(this.initial);
  }

  // Other examples.
  choose(set) {
    this.set = set;
    this.start(this.initial);
  }

  setNoise(noise) {
    this.noise = noise;
    this.disturb();
    this.history.push(this.evaluate(this.history.pop().epoch));
  }

  // The examples with noise: each input moved by a part of the spread of its column, always the same way.
  disturb() {
    const { inputs } = this.data;
    const random = generator(7);
    const spreads = Array.from({ length: inputs }, (_, i) => {
      const column = this.set.rows.map((row) => row[i]);
      const mean = column.reduce((a, b) => a + b) / column.length;
      return size(column.map((x) => x - mean));
    });
    this.rows = this.set.rows.map((row) =>
      row.map((x, i) => (i < inputs ? x + this.noise * spreads[i] * normal(random) : x)),
    );
  }

  get perEpoch() {
    return Math.ceil(this.rows.length / this.batch);
  }

  // What a control asks for: "step", "epoch" for the rest of an epoch, "frame" for as much as fits into one, "restart".
  run(what) {
    if (what === "restart") this.start(this.initial);
    const end = what === "frame" ? performance.now() + BUDGET : what === "epoch" ? Infinity : 0;
    if (what !== "restart") while (this.step() && this.waiting.length && performance.now() < end);
    this.onChange();
  }

  // Go on when the browser has drawn.
  soon(next) {
    requestAnimationFrame(next);
  }

  // The mean loss of some examples and its gradient.
  learn(examples) {
    const gradient = new Array(this.parameters.length).fill(0);
    let total = 0;
    for (const row of examples) total += this.network.learn(row, this.parameters, gradient);
    return { value: total / examples.length, gradient: gradient.map((x) => x / examples.length) };
  }

  // One step; whether it could be made.
  step() {
    if (!this.waiting.length) this.waiting = shuffled(this.rows.length, this.random);
    const batch = this.waiting.splice(0, this.batch).map((i) => this.rows[i]);
    const { value, gradient } = this.learn(batch);
    this.failed = !Number.isFinite(value) || !gradient.every(Number.isFinite);
    if (this.failed) return false;
    this.steps += 1;
    this.gradient = gradient;
    const update = updates[this.optimizer.name];
    for (let i = 0; i < gradient.length; i += 1) {
      const [p, ...state] = update([this.parameters[i], gradient[i], this.rate, this.decay, this.steps, ...this.state[i]]);
      this.parameters[i] = p;
      this.state[i] = state;
    }
    if (!this.waiting.length) this.history.push(this.evaluate(this.history.length));
    return true;
  }

  // The loss and the accuracy on all examples, and on those held back.
  evaluate(epoch) {
    const { held, heldAnswers } = this.set.held ? this.set : { held: [], heldAnswers: null };
    const { answers } = this.set;
    const loss = this.learn(this.rows).value;
    const accuracy = answers && this.right(this.rows, answers);
    const heldLoss = held.length ? this.learn(held).value : null;
    const heldAccuracy = held.length && heldAnswers ? this.right(held, heldAnswers) : null;
    return { epoch, loss, accuracy, heldLoss, heldAccuracy };
  }

  // The part of some examples that is classified as it should be.
  right(examples, answers) {
    return examples.filter((row, i) => this.isRight(row, answers[i])).length / examples.length;
  }

  get status() {
    if (this.failed) return "The loss is not a finite number any more. Choose a smaller learning rate and start again.";
    if (!Number.isFinite(this.history[0].loss)) return "The loss is not a finite number: the examples, or the weights, are too large.";
    const { epoch, loss, accuracy, heldLoss, heldAccuracy } = this.history[this.history.length - 1];
    const parts = [`epoch ${epoch}, step ${this.steps}`, `loss ${short(loss)}`];
    if (accuracy !== null) parts.push(`accuracy ${short(accuracy, 3)}`);
    if (heldLoss !== null) parts.push(`held back: loss ${short(heldLoss)}`);
    if (heldAccuracy !== null) parts.push(`accuracy ${short(heldAccuracy, 3)}`);
    return parts.join(", ");
  }

  // Calls show(page), with a page that explores the passes for an example, or show(null, why) where there is none.
  explore(i, show) {
    const { example, layers } = this.data;
    if (!example) return show(null, "The graph of this network is too large to be explored in a page.");
    if (JSON.stringify(layers) !== JSON.stringify(this.layers)) {
      return show(null, "Only the network that the page started with can be explored: put its layers back.");
    }
    const nodes = [...example.data.nodes];
    [...this.rows[i], ...this.parameters].forEach((number, k) => {
      if (example.places[k] !== null) nodes[example.places[k]] = number;
    });
    const text = JSON.stringify({ ...example.data, nodes }).replaceAll("<", "\\u003c");
    return show(example.page.replace('"EXAMPLE"', () => text));
  }
}

// Mulberry32: random numbers that are the same for the same seed.
function generator(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

// A number from the standard normal distribution.  Box and Muller, 1958.
function normal(random) {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

function shuffled(count, random) {
  const found = Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i -= 1) {
    const j = Math.floor(random() * (i + 1));
    [found[i], found[j]] = [found[j], found[i]];
  }
  return found;
}
