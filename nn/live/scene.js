// Draws the network, the plane of the inputs, and the loss.

const COARSE = 20; // points of a neuron's map in each direction
const FINE = 44; // of the plane
const SHOWN = 16; // neurons of a layer, and inputs
const DECADES = 6; // that gradients cover on their scale, from a line of the largest width to none

class Scene {
  // panels: where it draws; root: where the colors come from.
  constructor(panels, trainer, root) {
    this.trainer = trainer;
    this.data = trainer.data;
    this.crisp = false;
    this.flowing = false; // lines show gradients
    this.report = null; // what is known about the neurons
    this.chosen = null; // the neuron that is shown large: [layer, place]
    this.network = this.canvas("network", "the network: neurons with a map of their output, weights as lines");
    this.plane = this.canvas("plane", "the examples, and what the network gives at each point");
    this.losses = this.canvas("losses", "the loss of each epoch, on a logarithmic axis");
    this.marks = []; // where the examples are in the plane
    panels.append(this.network, this.plane, this.losses);
    this.network.addEventListener("pointermove", (event) => this.point(event));
    this.network.addEventListener("pointerleave", () => this.show(null));
    this.style = getComputedStyle(root);
  }

  // A color of the palette, asked for once a picture: the reader may change from light to dark.
  colour(name) {
    return (this.colours[name] ??= this.style.getPropertyValue(`--${name}`).trim());
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
    this.colours = {};
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
    const columns = [names, ...this.trainer.network.layers.map((layer) => layer.neurons)].map((column) => column.slice(0, SHOWN));
    this.size = Math.min(38, (h - 40) / Math.max(...columns.map((c) => c.length)) - 6);
    const widest = Math.max(...columns[0].map((name) => pen.measureText(cut(name)).width));
    const left = widest + this.size / 2 + 8;
    return columns.map((column, i) => {
      const x = left + (i * (w - left - this.size)) / Math.max(columns.length - 1, 1);
      return column.map((_, j) => [x, 22 + ((j + 0.5) * (h - 40)) / column.length]);
    });
  }

  // Weights as lines: how large each is in its layer or, on one scale for all, how large its gradient is.  The frame of a
  // neuron then shows dL/dz, the gradient of its weighted sum.
  drawNetwork() {
    const [pen, w, h] = this.pen(this.network);
    const { layers } = this.trainer.network;
    const spots = (this.spots = this.places(pen, w, h));
    const flowing = this.flowing && this.trainer.steps > 0;
    this.units = (this.report ?? []).flatMap((row) => row.units);
    const most = Math.max(...(flowing ? this.trainer.gradient : []).map(Math.abs), 1e-300);
    const largest = Math.max(...this.units.map((unit) => unit.delta), 1e-300);
    layers.forEach((layer, l) => {
      if (flowing) this.drawLines(pen, layer, l, this.trainer.gradient, (x) => onScale(Math.abs(x) / most));
      else {
        const { parameters } = this.trainer;
        const peak = Math.max(...layer.neurons.flatMap((n) => n.weights.map((i) => Math.abs(parameters[i]))), 1e-12);
        this.drawLines(pen, layer, l, parameters, (x) => 0.06 + (0.94 * Math.abs(x)) / peak);
      }
    });
    pen.textAlign = "right";
    spots[0].forEach(([x, y], k) => {
      pen.fillStyle = this.colour("muted");
      pen.fillText(cut(this.data.names[k]), x - this.size / 2 - 4, y + 4);
      this.drawMap(pen, x, y, this.relative(k));
    });
    pen.textAlign = "center";
    layers.forEach(({ neurons, activation }, l) => {
      pen.fillStyle = this.colour("muted");
      pen.fillText(activation, spots[l + 1][0][0], 12);
      spots[l + 1].forEach(([x, y], j) => {
        const place = this.trainer.placeOf([l, j]);
        this.drawMap(pen, x, y, (all) => all[place]);
        this.drawState(pen, x, y, this.units[place], flowing ? onScale(this.units[place]?.delta / largest) : 0);
        if (String(this.chosen) === String([l, j])) this.ring(pen, x, y, "active", 3);
      });
      this.sayMore(pen, spots[l + 1], neurons.length, h);
    });
    this.sayMore(pen, spots[0], this.data.names.length, h);
  }

  // A line for each weight between two layers, dashed where its number is negative.
  drawLines(pen, { neurons }, l, numbers, wide) {
    this.spots[l + 1].forEach(([x1, y1], j) => {
      this.spots[l].forEach(([x0, y0], k) => {
        const number = numbers[neurons[j].weights[k]];
        const width = wide(number);
        if (!(width > 0)) return;
        const middle = (x0 + x1) / 2;
        pen.beginPath();
        pen.moveTo(x0 + this.size / 2, y0);
        pen.bezierCurveTo(middle, y0, middle, y1, x1 - this.size / 2, y1);
        pen.setLineDash(number < 0 ? [4, 3] : []);
        pen.lineWidth = 4.8 * width;
        pen.strokeStyle = this.colour(number < 0 ? "negative" : "positive");
        pen.stroke();
      });
    });
    pen.setLineDash([]);
  }

  // A frame as wide as the gradient of a neuron's sum is large; a cross where it is dead: no example changes it.
  drawState(pen, x, y, unit, width) {
    if (width > 0) this.ring(pen, x, y, "ink", 4.8 * width);
    if (!unit?.dead) return;
    const r = this.size / 2;
    pen.beginPath();
    for (const way of [1, -1]) {
      pen.moveTo(x - r, y - way * r);
      pen.lineTo(x + r, y + way * r);
    }
    pen.lineWidth = 2;
    pen.strokeStyle = this.colour("ink");
    pen.stroke();
  }

  ring(pen, x, y, colour, width) {
    const side = this.size + width;
    pen.lineWidth = width;
    pen.strokeStyle = this.colour(colour);
    pen.strokeRect(x - side / 2, y - side / 2, side, side);
  }

  sayMore(pen, spots, count, h) {
    if (count <= spots.length) return;
    pen.fillStyle = this.colour("muted");
    pen.fillText(`+ ${count - spots.length} more`, spots[0][0], h - 4);
  }

  // An input from -1 to 1 over all that is shown, as a function for drawMap.
  relative(k) {
    const [corner, right, top, end] = [[0, 0], [1, 0], [0, 1], [1, 1]].map(([s, t]) => this.input(s, t)[k]);
    const [low, high] = [Math.min(corner, right, top, end), Math.max(corner, right, top, end)];
    return (_, s, t) => (high === low ? 0 : (2 * (corner + s * (right - corner) + t * (top - corner) - low)) / (high - low) - 1);
  }

  // A square with the numbers of a neuron as colors, or as a curve where there is one input.
  drawMap(pen, x, y, value) {
    const { size } = this;
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

  // The classes or, for a regression, where the first output is above and below the middle of its targets.
  drawPlane() {
    const [pen, w, h] = this.pen(this.plane);
    const { trainer } = this;
    const { ground, kinds } = trainer.set;
    const [left, top, width, height] = [60, 18, w - 70, h - 48];
    const start = trainer.placeOf([trainer.layers.length - 1, 0]);
    const neuron = this.chosen ? trainer.placeOf(this.chosen) : -1;
    const maps = this.mapped(FINE);
    const classes = kinds && neuron < 0 ? maps.map((all) => trainer.kind(all.slice(start))) : null;
    const numbers = maps.map((all) => {
      if (neuron >= 0) return all[neuron];
      return kinds ? ahead(all.slice(start)) : all[start] - this.data.middle;
    });
    const most = Math.max(...numbers.map(Math.abs), 1e-9);
    pen.imageSmoothingEnabled = !this.crisp;
    pen.drawImage(this.image(numbers, FINE, classes ? Math.min(most, 3) : most, classes), left, top, width, height);
    this.clip(pen, left, top, width, height);
    const { two } = trainer;
    this.marks = trainer.rows.map((row, i) => {
      const [s, t] = this.place(row, i);
      const [x, y] = [left + s * width, top + (1 - t) * height];
      this.marker(pen, x, y, this.kindOf(i), !this.isRight(i, two));
      return [x, y];
    });
    pen.restore();
    this.frame(pen, left, top, width, height, ground.labels);
    pen.textAlign = "center";
    pen.fillStyle = this.colour("muted");
    if (classes) return this.drawClasses(pen, left, kinds, w);
    const title = `output, split at ${short(this.data.middle)}, and examples`;
    pen.fillText(neuron >= 0 ? `layers.${this.chosen[0]}.neurons.${this.chosen[1]}` : title, left + width / 2, 12);
  }

  // Where an example is, as parts of the way along both axes.
  place(row, i) {
    const { corner, across, up, u, v, places } = this.trainer.set.ground;
    const [a, b] = places[i];
    if (corner.length !== 2) return [(a - u[0]) / (u[1] - u[0]), (b - v[0]) / (v[1] - v[0])];
    const along = (axis) => corner.reduce((sum, x, k) => sum + (row[k] - x) * axis[k], 0) / axis.reduce((sum, x) => sum + x * x, 0);
    return [along(across), along(up)]; // with two inputs, which the noise moves
  }

  // The number of an example's marker.
  kindOf(i) {
    const { kinds } = this.trainer.set;
    return kinds ? kinds[i] : Number(this.trainer.target(i) > this.data.middle);
  }

  // Whether an example is classified as it should be; a regression whose targets have two values has two classes.
  isRight(i, two) {
    const { trainer } = this;
    const { answers } = trainer.set;
    if (answers) return trainer.isRight(trainer.rows[i], answers[i]);
    if (!two) return true;
    return Number(trainer.outputs(trainer.rows[i])[0] > this.data.middle) === this.kindOf(i);
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
    // Of a regression with several outputs, the first.
    const curves = outputs[0].slice(0, kinds ? undefined : 1).map((_, k) => outputs.map((found) => found[k]));
    const curve = curves.flat();
    const targets = rows.map((_, i) => (kinds ? Math.min(...curve) : this.trainer.target(i)));
    const [low, high] = [Math.min(...curve, ...targets), Math.max(...curve, ...targets)];
    const place = (s, z) => [left + s * width, top + height - 4 - ((z - low) / (high - low || 1)) * (height - 8)];
    this.clip(pen, left, top, width, height);
    this.marks = this.trainer.rows.map((row, i) => {
      const [x, y] = place((row[0] - ground.u[0]) / (ground.u[1] - ground.u[0]), targets[i]);
      this.marker(pen, x, y, kinds ? kinds[i] : 0, false);
      return [x, y];
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

  drawLosses() {
    const [pen, w, h] = this.pen(this.losses);
    const [left, top, width, height] = [60, 18, w - 70, h - 40];
    const { history } = this.trainer;
    const { epoch: last } = history[history.length - 1];
    const series = [history.map((x) => x.loss), history.map((x) => x.heldLoss)];
    const positive = series.flat().filter((x) => x > 0 && Number.isFinite(x));
    const [low, high] = [Math.min(...positive), Math.max(...positive)];
    const scaled = (x) => (high > low ? Math.log(x / low) / Math.log(high / low) : 0.5);
    series.forEach((numbers, k) => {
      pen.beginPath();
      const every = Math.max(1, Math.floor(numbers.length / 400));
      let end = null;
      numbers.forEach((x, i) => {
        if ((i % every && i < numbers.length - 1) || !(x > 0)) return;
        end = [left + (history[i].epoch / Math.max(last, 1)) * width, top + height - 3 - scaled(x) * (height - 6)];
        pen.lineTo(...end);
      });
      pen.setLineDash(k ? [5, 4] : []);
      pen.lineWidth = 1.8;
      pen.strokeStyle = pen.fillStyle = this.colour("ink");
      pen.stroke();
      pen.beginPath();
      if (end) pen.arc(...end, 2.5, 0, 2 * Math.PI);
      pen.fill();
    });
    pen.setLineDash([]);
    this.frame(pen, left, top, width, height, [`epoch ${last}`]);
    const held = series[1].some((x) => x > 0) ? ", dashed: held back" : "";
    pen.fillText(`${this.data.loss.replaceAll("_", " ")}${held}`, left + width / 2, 12);
    pen.textAlign = "right";
    if (positive.length && high > low) {
      pen.fillText(short(high), left - 4, top + 10);
      pen.fillText(short(low), left - 4, top + height);
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

  // The next neuron, for those who have no mouse.
  next(by) {
    const all = this.spots.slice(1).flatMap((column, l) => column.map((_, j) => [l, j]));
    const at = all.findIndex((spot) => String(spot) === String(this.chosen));
    this.show(all[(at < 0 && by < 0 ? all.length - 1 : at + by + all.length) % all.length]);
  }

  // The example nearest to the pointer, if there is one there; -1 else.
  exampleAt(event) {
    const box = this.plane.getBoundingClientRect();
    const away = this.marks.map(([x, y]) => Math.hypot(x - event.clientX + box.left, y - event.clientY + box.top));
    const nearest = away.indexOf(Math.min(...away));
    return away[nearest] < 9 ? nearest : -1;
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

// How far the output that is predicted is ahead of the next; a single output is its own number.
function ahead(outputs) {
  if (outputs.length === 1) return outputs[0];
  const [first, second] = [...outputs].sort((a, b) => b - a);
  return first - second;
}

// A part of the largest gradient, 0 to 1, on a logarithmic scale.
function onScale(part) {
  return part > 0 ? Math.max(0, 1 + Math.log10(part) / DECADES) : 0;
}

// A name, as long as there is room for.
function cut(name) {
  return name.length > 16 ? `${name.slice(0, 15)}…` : name;
}

