// Trains in the page.  The rows of the table, the pieces of the network, the loss and the rules of the optimizers were
// written in Python; the page puts the network together, so that the reader may change it, and the engine finds the
// derivatives.
//
// Network is the graph of the loss of one example; Trainer knows the numbers; Scene draws them; Playground has the
// controls.

const COARSE = 20; // points of a neuron's map in each direction
const FINE = 44; // of the plane
const BUDGET = 12; // milliseconds of training in a frame

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

class Network {
  // layers: [{ activation, units }] from the first hidden layer to the outputs.
  constructor(data, layers) {
    this.data = data;
    this.nodes = [];
    this.parameters = [];
    let column = Array.from({ length: data.inputs }, () => this.add(0));
    const inputs = [...column];
    this.layers = layers.map(({ activation, units }, l) => ({ name: `layers.${l}`, activation, neurons: [], nin: 0, units }));
    const shown = [];
    for (const layer of this.layers) {
      layer.nin = column.length;
      column = Array.from({ length: layer.units }, () => this.neuron(layer, column));
      shown.push(...column);
    }
    const targets = Array.from({ length: data.rows[0].length - data.inputs }, () => this.add(0));
    this.put(data.lossPiece, [...column, ...targets]);
    Object.assign(this, new Graph(rows, this.nodes).compiled([...inputs, ...targets], this.parameters, shown));
  }

  add(node) {
    return this.nodes.push(node) - 1;
  }

  // A piece of a graph, with other nodes in the place of its leaves; the node that it ends with.
  put(piece, leaves) {
    const places = piece.nodes.map((node, i) => {
      const leaf = piece.leaves.indexOf(i);
      if (leaf >= 0) return leaves[leaf];
      return -1;
    });
    piece.nodes.forEach((node, i) => {
      if (places[i] >= 0) return;
      if (typeof node !== "object") places[i] = this.add(node);
      else places[i] = this.add({ ...node, args: node.args.map((x) => (typeof x === "number" ? places[x] : x)) });
    });
    return places[places.length - 1];
  }

  // bias + w0 x0 + w1 x1 + ..., in the order of Python, and the activation.
  neuron(layer, column) {
    const first = this.parameters.length;
    for (let k = 0; k <= column.length; k += 1) this.parameters.push(this.add(0));
    const [weights, bias] = [column.map((_, k) => first + k), first + column.length];
    layer.neurons.push({ weights, bias });
    let total = this.parameters[bias];
    column.forEach((x, k) => {
      total = this.put(this.data.sum, [total, this.put(this.data.product, [this.parameters[weights[k]], x])]);
    });
    const activation = this.data.activations[layer.activation];
    return activation ? this.put(activation, [total]) : total;
  }

  // Weights drawn at random: uniform, as wide as Kaiming's for relu and the like, else as Xavier's; biases of 0.
  draw(random, scale) {
    const found = new Array(this.parameters.length).fill(0);
    for (const { activation, neurons, nin, units } of this.layers) {
      const wide = /relu|elu|silu|gelu|softplus/.test(activation) ? Math.sqrt(6 / nin) : Math.sqrt(6 / (nin + units));
      for (const { weights } of neurons) for (const i of weights) found[i] = scale * wide * (2 * random() - 1);
    }
    return found;
  }
}

class Trainer {
  constructor(data) {
    this.data = data;
    [this.optimizer] = data.optimizers;
    this.rate = this.optimizer.rate;
    this.decay = data.decay;
    this.batch = data.batch;
    this.noise = 0;
    this.seed = 1;
    this.scale = 1;
    this.set = data; // the examples
    this.build(data.layers, data.parameters);
  }

  // Another network; without parameters, these are drawn.
  build(layers, parameters = null) {
    this.layers = layers;
    this.network = new Network(this.data, layers);
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
    this.history = [this.evaluate()];
  }

  again() {
    this.seed += 1;
    this.build(this.layers);
  }

  use(optimizer) {
    this.optimizer = optimizer;
    this.rate = optimizer.rate;
    this.start(this.initial);
  }

  // The examples with noise: each input moved by a part of the spread of its column, always the same way.
  disturb() {
    const { inputs } = this.data;
    const random = generator(7);
    const spreads = Array.from({ length: inputs }, (_, i) => {
      const column = this.set.rows.map((row) => row[i]);
      const mean = column.reduce((a, b) => a + b) / column.length;
      return Math.sqrt(column.reduce((sum, x) => sum + (x - mean) ** 2, 0) / column.length);
    });
    this.rows = this.set.rows.map((row) =>
      row.map((x, i) => (i < inputs ? x + this.noise * spreads[i] * normal(random) : x)),
    );
  }

  get perEpoch() {
    return Math.ceil(this.rows.length / this.batch);
  }

  // The mean loss of some examples and its gradient.
  learn(examples) {
    const gradient = new Array(this.parameters.length).fill(0);
    let total = 0;
    for (const row of examples) total += this.network.learn(row, this.parameters, gradient);
    return { value: total / examples.length, gradient: gradient.map((x) => x / examples.length) };
  }

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
    if (!this.waiting.length) this.history.push(this.evaluate());
    return true;
  }

  // The loss and the accuracy on all examples, and on those held back.
  evaluate() {
    const { held, heldKinds } = this.set.held ? this.set : { held: [], heldKinds: null };
    const { kinds } = this.set;
    const loss = this.learn(this.rows).value;
    const accuracy = kinds && this.right(this.rows, kinds);
    const heldLoss = held.length ? this.learn(held).value : null;
    const heldAccuracy = held.length && heldKinds ? this.right(held, heldKinds) : null;
    return { loss, accuracy, heldLoss, heldAccuracy };
  }

  right(examples, kinds) {
    return examples.filter((row, i) => this.kind(this.outputs(row)) === kinds[i]).length / examples.length;
  }

  // The output of every neuron for an example, layer by layer in one list.
  all(row) {
    return this.network.run(row, this.parameters);
  }

  outputs(row) {
    return this.all(row).slice(-this.layers[this.layers.length - 1].units);
  }

  // The class that the outputs predict.
  kind(outputs) {
    return outputs.length === 1 ? Number(outputs[0] > 0) : outputs.indexOf(Math.max(...outputs));
  }
}

function shuffled(count, random) {
  const found = Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i -= 1) {
    const j = Math.floor(random() * (i + 1));
    [found[i], found[j]] = [found[j], found[i]];
  }
  return found;
}

class Scene {
  constructor(root, trainer) {
    this.trainer = trainer;
    this.data = trainer.data;
    this.crisp = false;
    this.chosen = null; // the neuron that is shown large: [layer, place]
    this.network = this.canvas("network", "the network: neurons with a map of their output, weights as lines");
    this.plane = this.canvas("plane", "the examples, and what the network gives at each point");
    this.losses = this.canvas("losses", "the loss of each epoch, on a logarithmic axis");
    root.append(this.network, this.plane, this.losses);
    this.network.addEventListener("pointermove", (event) => this.point(event));
    this.network.addEventListener("pointerleave", () => this.show(null));
    const style = getComputedStyle(root);
    this.colour = (name) => style.getPropertyValue(`--${name}`).trim();
  }

  canvas(name, label) {
    return element("canvas", { class: name, role: "img", "aria-label": label });
  }

  // A canvas as sharp as the screen, cleared; its pen, width and height.
  pen(canvas) {
    const scale = window.devicePixelRatio || 1;
    const { clientWidth: w, clientHeight: h } = canvas;
    if (canvas.width !== Math.round(w * scale) || canvas.height !== Math.round(h * scale)) {
      canvas.width = Math.round(w * scale);
      canvas.height = Math.round(h * scale);
    }
    const pen = canvas.getContext("2d");
    pen.setTransform(scale, 0, 0, scale, 0, 0);
    pen.clearRect(0, 0, w, h);
    pen.font = "12px system-ui, sans-serif";
    return [pen, w, h];
  }

  // The point of the input space at these parts of the way along both axes.
  input(s, t) {
    const { ground } = this.trainer.set;
    if (!ground.corner) return [ground.u[0] + s * (ground.u[1] - ground.u[0])];
    return ground.corner.map((x, i) => x + s * ground.across[i] + t * ground.up[i]);
  }

  draw() {
    this.maps = this.mapped(COARSE);
    this.drawNetwork();
    if (this.trainer.set.ground.corner) this.drawPlane();
    else this.drawCurve();
    this.drawLosses();
  }

  // The outputs of all neurons on a grid, the first row at the top.
  mapped(size) {
    const flat = !this.trainer.set.ground.corner;
    const found = [];
    for (let j = 0; j < (flat ? 1 : size); j += 1) {
      for (let i = 0; i < size; i += 1) found.push(this.trainer.all(this.input((i + 0.5) / size, 1 - (j + 0.5) / size)));
    }
    return found;
  }

  // Where the neurons are: columns of [x, y], the inputs first.
  places(pen, w, h) {
    const { names } = this.data;
    const { layers } = this.trainer.network;
    const columns = [names, ...layers.map((layer) => layer.neurons)];
    this.size = Math.min(38, (h - 40) / Math.max(...columns.map((c) => c.length)) - 6);
    const widest = Math.max(...names.map((name) => pen.measureText(cut(name)).width));
    const left = widest + this.size / 2 + 8;
    return columns.map((column, i) => {
      const x = left + (i * (w - left - this.size)) / Math.max(columns.length - 1, 1);
      return column.map((_, j) => [x, 22 + ((j + 0.5) * (h - 40)) / column.length]);
    });
  }

  drawNetwork() {
    const [pen, w, h] = this.pen(this.network);
    const { names } = this.data;
    const { layers } = this.trainer.network;
    const { parameters } = this.trainer;
    const spots = (this.spots = this.places(pen, w, h));
    const size = this.size;
    // Lines show weights, or their gradients, which get thinner from layer to layer where they vanish.
    const flowing = this.gradients && this.trainer.steps > 0;
    const shown = flowing ? this.trainer.gradient : parameters;
    const all = flowing ? Math.max(...shown.map(Math.abs), 1e-300) : 0;
    layers.forEach(({ neurons }, l) => {
      const most = all || Math.max(...neurons.flatMap((n) => n.weights.map((i) => Math.abs(shown[i]))), 1e-12);
      neurons.forEach(({ weights }, j) => {
        weights.forEach((i, k) => {
          const [[x0, y0], [x1, y1]] = [spots[l][k], spots[l + 1][j]];
          const weight = shown[i];
          const part = Math.abs(weight) / most;
          if (flowing && part < 1e-6) return;
          pen.beginPath();
          pen.moveTo(x0 + size / 2, y0);
          const middle = (x0 + x1) / 2;
          pen.bezierCurveTo(middle, y0, middle, y1, x1 - size / 2, y1);
          pen.setLineDash(weight < 0 ? [4, 3] : []);
          pen.lineWidth = flowing ? 0.2 + 4.6 * (1 + Math.log10(part) / 6) : 0.3 + 4.5 * part;
          pen.strokeStyle = this.colour(weight < 0 ? "negative" : "positive");
          pen.stroke();
        });
      });
    });
    pen.setLineDash([]);
    pen.fillStyle = this.colour("muted");
    pen.textAlign = "right";
    spots[0].forEach(([x, y], k) => {
      pen.fillStyle = this.colour("muted");
      pen.fillText(cut(names[k]), x - size / 2 - 4, y + 4);
      this.drawMap(pen, x, y, size, (_, s, t) => this.relative(k, s, t));
    });
    pen.textAlign = "center";
    let start = 0;
    layers.forEach(({ neurons, activation }, l) => {
      pen.fillStyle = this.colour("muted");
      pen.fillText(activation, spots[l + 1][0][0], 12);
      spots[l + 1].forEach(([x, y], j) => {
        const place = start + j;
        this.drawMap(pen, x, y, size, (all) => all[place]);
        if (this.chosen && this.chosen[0] === l && this.chosen[1] === j) {
          pen.lineWidth = 3;
          pen.strokeStyle = this.colour("active");
          pen.strokeRect(x - size / 2 - 2, y - size / 2 - 2, size + 4, size + 4);
        }
      });
      start += neurons.length;
    });
  }

  // An input from -1 to 1 across what is shown.
  relative(k, s, t) {
    const [low, high] = [this.input(0, 0)[k], this.input(1, 1)[k]];
    return high === low ? 0 : (2 * (this.input(s, t)[k] - low)) / (high - low) - 1;
  }

  // A square with the numbers of a neuron as colors, or as a curve where there is one input.
  drawMap(pen, x, y, size, value) {
    const [left, top] = [x - size / 2, y - size / 2];
    const flat = !this.trainer.set.ground.corner;
    const numbers = this.maps.map((all, i) => {
      const [s, t] = flat ? [(i + 0.5) / COARSE, 0] : [((i % COARSE) + 0.5) / COARSE, 1 - (Math.floor(i / COARSE) + 0.5) / COARSE];
      return value(all, s, t);
    });
    const most = Math.max(...numbers.map(Math.abs), 1e-9);
    if (flat) {
      pen.beginPath();
      numbers.forEach((z, i) => pen.lineTo(left + ((i + 0.5) * size) / COARSE, y - (z / most) * size * 0.42));
      pen.lineWidth = 1.5;
      pen.strokeStyle = this.colour("ink");
      pen.stroke();
    } else {
      pen.drawImage(this.image(numbers, COARSE, most), left, top, size, size);
    }
    pen.lineWidth = 1;
    pen.strokeStyle = this.colour("line");
    pen.strokeRect(left, top, size, size);
  }

  // Numbers as an image: orange above zero, blue below.
  image(numbers, size, most, kinds = null) {
    const tile = (this.tile ??= document.createElement("canvas"));
    tile.width = tile.height = size;
    const pen = tile.getContext("2d");
    const pixels = pen.createImageData(size, size);
    numbers.forEach((z, i) => {
      const strength = this.crisp ? Math.min(1, Math.abs(z) > 0 ? 0.6 : 0) : Math.min(1, Math.abs(z) / most) * 0.75;
      const colour = kinds ? this.data.colours[kinds[i] % 8] : this.colour(z < 0 ? "negative" : "positive");
      for (let c = 0; c < 3; c += 1) pixels.data[4 * i + c] = parseInt(colour.slice(1 + 2 * c, 3 + 2 * c), 16);
      pixels.data[4 * i + 3] = Math.round(255 * strength);
    });
    pen.putImageData(pixels, 0, 0);
    return tile;
  }

  drawPlane() {
    const [pen, w, h] = this.pen(this.plane);
    const { ground, kinds } = this.trainer.set;
    const [left, top, width, height] = [60, 18, w - 70, h - 48];
    const { layers } = this.trainer.network;
    const count = layers[layers.length - 1].neurons.length;
    const numbers = [];
    const shown = [];
    const start = this.maps[0].length - count;
    const flat = this.chosen ? layers.slice(0, this.chosen[0]).reduce((n, l) => n + l.neurons.length, 0) + this.chosen[1] : -1;
    for (const all of this.mapped(FINE)) {
      if (flat >= 0) {
        numbers.push(all[flat]);
        continue;
      }
      const outputs = all.slice(start);
      const best = this.trainer.kind(outputs);
      const sorted = [...outputs].sort((a, b) => b - a);
      numbers.push(count === 1 ? outputs[0] : sorted[0] - sorted[1]);
      shown.push(best);
    }
    const most = Math.max(...numbers.map(Math.abs), 1e-9);
    const several = kinds && flat < 0 && count > 1 ? shown : null;
    const single = kinds && flat < 0 && count === 1 ? numbers.map((z) => Number(z > 0)) : null;
    pen.imageSmoothingEnabled = !this.crisp;
    pen.drawImage(this.image(numbers, FINE, kinds && flat < 0 ? Math.min(most, 3) : most, several || single), left, top, width, height);
    const [u, v] = [ground.u, ground.v];
    this.clip(pen, left, top, width, height);
    ground.places.forEach(([a, b], i) => {
      const row = this.trainer.rows[i];
      const moved = this.data.inputs === 2 ? row : [a, b];
      const x = left + ((moved[0] - u[0]) / (u[1] - u[0])) * width;
      const y = top + height - ((moved[1] - v[0]) / (v[1] - v[0])) * height;
      const kind = kinds ? kinds[i] : Number(row[row.length - 1] > 0);
      const wrong = kinds && this.trainer.kind(this.trainer.outputs(row)) !== kind;
      this.marker(pen, x, y, kind, wrong);
    });
    pen.restore();
    this.frame(pen, left, top, width, height, ground.labels);
    pen.textAlign = "center";
    pen.fillStyle = this.colour("muted");
    if (kinds && flat < 0) return this.drawClasses(pen, left, kinds, w);
    const title = flat >= 0 ? `layers.${this.chosen[0]}.neurons.${this.chosen[1]}` : "output, and examples";
    pen.fillText(title, left + width / 2, 12);
  }

  // The classes, each with its marker, above the plane.
  drawClasses(pen, left, kinds, w) {
    const { classes } = this.data;
    const names = [...new Set(kinds)].sort((a, b) => a - b).map((kind) => [kind, cut(classes[kind] ?? `class ${kind}`)]);
    pen.textAlign = "left";
    let x = left + 6;
    for (const [kind, name] of names) {
      if (x + 14 + pen.measureText(name).width > w) return;
      this.marker(pen, x, 8, kind, false);
      pen.fillStyle = this.colour("muted");
      pen.fillText(name, x + 9, 12);
      x += 24 + pen.measureText(name).width;
    }
  }

  // Nothing is drawn outside of this rectangle, until pen.restore().
  clip(pen, left, top, width, height) {
    pen.save();
    pen.beginPath();
    pen.rect(left, top, width, height);
    pen.clip();
  }

  frame(pen, left, top, width, height, labels) {
    pen.lineWidth = 1;
    pen.strokeStyle = this.colour("line");
    pen.strokeRect(left, top, width, height);
    pen.fillStyle = this.colour("muted");
    pen.textAlign = "center";
    pen.fillText(labels[0], left + width / 2, top + height + 16);
    if (labels[1]) {
      pen.save();
      pen.translate(left - 8, top + height / 2);
      pen.rotate(-Math.PI / 2);
      pen.fillText(labels[1].slice(0, 44), 0, 0);
      pen.restore();
    }
  }

  // A marker of its class: its shape says as much as its color.
  marker(pen, x, y, kind, wrong) {
    const r = 4;
    pen.beginPath();
    if (kind % 3 === 0) pen.arc(x, y, r, 0, 2 * Math.PI);
    else if (kind % 3 === 1) pen.rect(x - r * 0.9, y - r * 0.9, r * 1.8, r * 1.8);
    else {
      pen.moveTo(x, y - r * 1.15);
      pen.lineTo(x + r * 1.1, y + r * 0.9);
      pen.lineTo(x - r * 1.1, y + r * 0.9);
      pen.closePath();
    }
    pen.fillStyle = this.data.colours[kind % 8];
    pen.fill();
    pen.lineWidth = wrong ? 2 : 1;
    pen.strokeStyle = this.colour(wrong ? "ink" : "paper");
    pen.stroke();
  }

  drawCurve() {
    const [pen, w, h] = this.pen(this.plane);
    const { ground, rows, kinds } = this.trainer.set;
    const [left, top, width, height] = [60, 18, w - 70, h - 48];
    const steps = 160;
    const outputs = Array.from({ length: steps + 1 }, (_, i) => this.trainer.outputs(this.input(i / steps, 0)));
    const curves = outputs[0].map((_, k) => outputs.map((found) => found[k]));
    const curve = curves.flat();
    const targets = kinds ? rows.map(() => 0) : this.trainer.rows.map((row) => row[row.length - 1]);
    const [low, high] = [Math.min(...curve, ...targets), Math.max(...curve, ...targets)];
    const place = (s, z) => [left + s * width, top + height - 4 - ((z - low) / (high - low || 1)) * (height - 8)];
    this.clip(pen, left, top, width, height);
    this.trainer.rows.forEach((row, i) => {
      const [x, y] = place((row[0] - ground.u[0]) / (ground.u[1] - ground.u[0]), targets[i]);
      this.marker(pen, x, y, kinds ? kinds[i] : 0, false);
    });
    curves.forEach((numbers, k) => {
      pen.beginPath();
      numbers.forEach((z, i) => pen.lineTo(...place(i / steps, z)));
      pen.lineWidth = 2;
      pen.strokeStyle = curves.length > 1 ? this.data.colours[k % 8] : this.colour("ink");
      pen.stroke();
    });
    pen.restore();
    this.frame(pen, left, top, width, height, ground.labels);
    pen.textAlign = "right";
    pen.fillText(short(high, 3), left - 4, top + 10);
    pen.fillText(short(low, 3), left - 4, top + height);
  }

  get held() {
    return Boolean(this.trainer.set.held?.length);
  }

  drawLosses() {
    const [pen, w, h] = this.pen(this.losses);
    const [left, top, width, height] = [60, 18, w - 70, h - 40];
    const { history } = this.trainer;
    const series = [history.map((x) => x.loss), this.held ? history.map((x) => x.heldLoss) : []];
    const positive = series.flat().filter((x) => x > 0 && Number.isFinite(x));
    const [low, high] = [Math.min(...positive), Math.max(...positive)];
    const scaled = (x) => (high > low ? Math.log(x / low) / Math.log(high / low) : 0.5);
    series.forEach((numbers, k) => {
      pen.beginPath();
      const every = Math.max(1, Math.floor(numbers.length / 400));
      numbers.forEach((x, i) => {
        if ((i % every && i < numbers.length - 1) || !(x > 0)) return;
        pen.lineTo(left + (i / Math.max(history.length - 1, 1)) * width, top + height - 3 - scaled(x) * (height - 6));
      });
      pen.setLineDash(k ? [5, 4] : []);
      pen.lineWidth = 1.8;
      pen.strokeStyle = this.colour("ink");
      pen.stroke();
    });
    pen.setLineDash([]);
    this.frame(pen, left, top, width, height, [`epoch ${history.length - 1}`]);
    pen.fillText(`${this.data.loss.replaceAll("_", " ")}${this.held ? ", dashed: held back" : ""}`, left + width / 2, 12);
    pen.textAlign = "right";
    if (positive.length && high > low) {
      pen.fillText(short(high, 3), left - 4, top + 10);
      pen.fillText(short(low, 3), left - 4, top + height);
    }
  }

  // The neuron under the pointer is shown large, in the place of the output.
  point(event) {
    const box = this.network.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    let found = null;
    this.spots.slice(1).forEach((column, l) => {
      column.forEach(([a, b], j) => {
        if (Math.abs(x - a) < this.size / 2 + 3 && Math.abs(y - b) < this.size / 2 + 3) found = [l, j];
      });
    });
    this.show(found);
  }

  show(chosen) {
    if (String(chosen) === String(this.chosen)) return;
    this.chosen = chosen;
    this.onShow?.(chosen);
    this.draw();
  }

  // A neuron as a formula.
  formula([l, j]) {
    const { names } = this.data;
    const { layers } = this.trainer.network;
    const { weights, bias } = layers[l].neurons[j];
    const { parameters } = this.trainer;
    const before = (k) => (l ? `h${l}.${k}` : names[k]);
    const terms = weights.map((i, k) => `${short(parameters[i], 3)}·${before(k)}`);
    return `layers.${l}.neurons.${j} = ${layers[l].activation}(${[...terms, short(parameters[bias], 3)].join(" + ").replaceAll("+ -", "− ")})`;
  }
}

// A name, as long as there is room for.
function cut(name) {
  return name.length > 16 ? `${name.slice(0, 15)}…` : name;
}

class Playground {
  constructor(root, data) {
    this.root = root;
    root.classList.add("nn-playground");
    this.trainer = new Trainer(data);
    const stage = element("div", { class: "panels" });
    this.status = element("p", { class: "status", role: "status" });
    this.text = element("p", { class: "formula" });
    const report = element("p", { class: "formula" }, "root mean square of dL/dw:   ");
    this.report = element("span", { class: "report" });
    report.append(this.report);
    root.replaceChildren(this.controls(data), this.status, stage, this.text, report);
    keyboard(root, "training", { " ": () => this.play(), ArrowRight: () => this.advance(1), e: () => this.advance(this.trainer.perEpoch), Home: () => this.restart() });
    this.scene = new Scene(stage, this.trainer);
    this.scene.onShow = (chosen) => {
      this.text.textContent = chosen ? this.scene.formula(chosen) : "";
    };
    new ResizeObserver(() => this.paint()).observe(stage);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.paint());
    this.paint();
  }

  controls(data) {
    const { trainer } = this;
    const { bar, button } = toolbar();
    button("↺", "start again (Home)", () => this.restart());
    this.player = button("▶", "play or pause (space)", () => this.play());
    button("›", "one step: a mini-batch (right arrow)", () => this.advance(1));
    button("»", "one epoch (E)", () => this.advance(trainer.perEpoch));
    // A slider; until it is moved, the number is that of Python, which may lie between two of its places.
    const slider = (label, attributes, first, change) => {
      const box = element("label", { class: "control" });
      const input = element("input", { type: "range", ...attributes });
      const said = element("output");
      input.addEventListener("input", () => {
        said.textContent = change(Number(input.value));
        this.paint();
      });
      said.textContent = first;
      box.append(element("span", {}, label), input, said);
      bar.append(box);
      return { input, said };
    };
    const choice = (label, names, first, change) => {
      const box = element("label", { class: "control" });
      const select = element("select");
      for (const name of names) select.append(element("option", {}, name));
      select.value = first;
      select.addEventListener("change", () => {
        change(select.value);
        this.paint();
      });
      box.append(element("span", {}, label), select);
      bar.append(box);
    };
    const tick = (label, change) => {
      const box = element("label", { class: "control" });
      const check = element("input", { type: "checkbox" });
      check.addEventListener("change", () => {
        change(check.checked);
        this.paint();
      });
      box.append(check, element("span", {}, label));
      bar.append(box);
    };
    const power = (x) => (x > 0 ? Math.log10(x) : -6);
    if (data.sets.length) {
      const sets = new Map([["your data", data], ...data.sets.map((set) => [set.name, set])]);
      choice("data", [...sets.keys()], "your data", (name) => {
        trainer.set = sets.get(name);
        trainer.start(trainer.initial);
      });
    }
    if (data.inputs <= 2) {
      slider("noise", { min: 0, max: 0.6, step: 0.05, value: 0 }, "0", (x) => {
        trainer.noise = x;
        trainer.disturb();
        trainer.history[trainer.history.length - 1] = trainer.evaluate();
        return short(x, 2);
      });
    }
    this.shape = element("span", { class: "control shape" });
    const hidden = (change) => () => {
      const layers = trainer.layers.map((layer) => ({ ...layer }));
      const last = layers.pop();
      const found = change(layers).filter((layer) => layer.units > 0).map((x) => ({ ...x, units: Math.min(x.units, 16) }));
      trainer.build([...found.slice(0, 6), last]);
      this.paint();
    };
    const usual = () => ({ activation: this.activation, units: trainer.layers.length > 1 ? trainer.layers[0].units : 4 });
    bar.append(this.shape);
    button("− layer", "one hidden layer less", hidden((layers) => layers.slice(0, -1)));
    button("+ layer", "one more hidden layer", hidden((layers) => [...layers, usual()]));
    button("− neuron", "one neuron less in each hidden layer", hidden((ls) => ls.map((l) => ({ ...l, units: Math.max(1, l.units - 1) }))));
    button("+ neuron", "one more neuron in each hidden layer", hidden((ls) => ls.map((l) => ({ ...l, units: l.units + 1 }))));
    this.activation = data.layers.length > 1 ? data.layers[0].activation : "tanh";
    choice("activation", Object.keys(data.activations), this.activation, (name) => {
      this.activation = name;
      hidden((layers) => layers.map((layer) => ({ ...layer, activation: name })))();
    });
    const scales = { suited: 1, small: 0.05, large: 5, zero: 0 };
    choice("weights", Object.keys(scales), "suited", (name) => {
      trainer.scale = scales[name];
      trainer.build(trainer.layers);
    });
    button("new weights", "start again with other weights", () => {
      trainer.again();
      this.paint();
    });
    const names = data.optimizers.map((optimizer) => optimizer.name);
    choice("optimizer", names, names[0], (name) => {
      trainer.use(data.optimizers.find((optimizer) => optimizer.name === name));
      this.rate.input.value = power(trainer.rate);
      this.rate.said.textContent = short(trainer.rate);
    });
    this.rate = slider("learning rate", { min: -4, max: 1, step: 0.05, value: power(trainer.rate) }, short(trainer.rate), (x) => short((trainer.rate = 10 ** x), 2));
    slider("batch size", { min: 1, max: Math.min(256, Math.max(data.rows.length, ...data.sets.map((s) => s.rows.length))), step: 1, value: data.batch }, String(Math.min(data.batch, data.rows.length)), (x) => String((trainer.batch = x)));
    slider("L2", { min: -6, max: 0, step: 0.25, value: power(data.decay) }, short(data.decay), (x) => short((trainer.decay = x <= -6 ? 0 : 10 ** x), 2));
    tick("gradients", (on) => (this.scene.gradients = on));
    if (data.ground.corner) tick("discretize", (on) => (this.scene.crisp = on));
    return bar;
  }

  // The root mean square of the gradients of a layer's weights.
  sizes({ name, neurons }) {
    const found = neurons.flatMap(({ weights }) => weights.map((i) => this.trainer.gradient[i]));
    return `${name} ${short(Math.sqrt(found.reduce((sum, g) => sum + g * g, 0) / found.length), 2)}`;
  }

  restart() {
    this.trainer.start(this.trainer.initial);
    this.paint();
  }

  advance(steps) {
    for (let i = 0; i < steps; i += 1) if (!this.trainer.step()) return this.stop();
    this.paint();
  }

  play() {
    this.playing = !this.playing;
    this.player.textContent = this.playing ? "❚❚" : "▶";
    this.player.setAttribute("aria-pressed", String(this.playing));
    if (this.playing) requestAnimationFrame(() => this.frame());
  }

  // As many steps as fit into a frame, at most an epoch, and one picture.
  frame() {
    if (!this.playing) return;
    const end = performance.now() + BUDGET;
    for (let i = 0; i < this.trainer.perEpoch && performance.now() < end; i += 1) {
      if (!this.trainer.step()) return this.stop();
    }
    this.paint();
    this.frames = (this.frames ?? 0) + 1;
    requestAnimationFrame(() => this.frame());
  }

  stop() {
    if (this.playing) this.play();
    this.paint();
  }

  paint() {
    if (!this.scene) return;
    this.scene.draw();
    const { trainer } = this;
    const { loss, accuracy, heldLoss, heldAccuracy } = trainer.history[trainer.history.length - 1];
    const parts = [`epoch ${trainer.history.length - 1}, step ${trainer.steps}`, `loss ${short(loss)}`];
    if (accuracy !== null) parts.push(`accuracy ${short(accuracy, 3)}`);
    if (heldLoss !== null) parts.push(`held back: loss ${short(heldLoss)}`);
    if (heldAccuracy !== null) parts.push(`accuracy ${short(heldAccuracy, 3)}`);
    const trouble = "The loss is not a finite number any more. Choose a smaller learning rate and start again.";
    this.status.textContent = trainer.failed ? trouble : parts.join(", ");
    const hidden = trainer.layers.slice(0, -1).map((layer) => layer.units);
    this.shape.textContent = `hidden layers: ${hidden.join(", ") || "none"}`;
    this.report.textContent = trainer.steps ? trainer.network.layers.map((layer) => this.sizes(layer)).join("   ") : "";
    if (this.scene.chosen) this.text.textContent = this.scene.formula(this.scene.chosen);
  }
}

function show(root, data) {
  root.playground = new Playground(root, data);
}

export default { show };
