// The numbers of a network in training, whoever trains it: what the scene, the report and the controls read.

class Numbers {
  constructor(data) {
    this.data = data;
    this.set = data; // the examples
    this.rows = data.rows;
    this.gradient = null; // of the last step
    this.steps = 0;
    this.history = []; // { epoch, loss, accuracy, heldLoss, heldAccuracy }, null where there is none
    this.failed = false;
    this.onChange = () => {};
  }

  // The layers: [{ activation, units }].
  shape(layers) {
    this.layers = layers;
    this.network = new Network(this.data, layers);
    this.slopes = layers.map(({ activation }) => slopeOf(this.data.activations[activation]));
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

  // Whether the outputs for an example predict the right class or, where the answer is a list, every label.
  isRight(row, answer) {
    const outputs = this.outputs(row);
    return Array.isArray(answer) ? outputs.every((x, k) => x > 0 === answer[k]) : this.kind(outputs) === answer;
  }

  // The first number of an example's target.
  target(i) {
    return this.rows[i][this.data.inputs];
  }

  // Whether the targets have two values, which are then classes.
  get two() {
    return new Set(this.rows.map((_, i) => this.target(i))).size === 2;
  }

  // The place of a neuron among all of them.
  placeOf([l, j]) {
    return this.layers.slice(0, l).reduce((sum, { units }) => sum + units, 0) + j;
  }

  // What nn.layer_report says, over these examples: a row for each layer, and in `units` what its neurons are like.
  report() {
    const { network, parameters, rows: examples } = this;
    const neurons = network.layers.flatMap((layer, l) => layer.neurons.map((neuron) => ({ ...neuron, l })));
    const units = neurons.map(() => ({ outputs: [], deltas: [], slopes: [] }));
    const gradient = parameters.map(() => 0);
    for (const row of examples) {
      const before = neurons.map(({ bias }) => gradient[bias]);
      network.learn(row, parameters, gradient);
      const outputs = this.all(row);
      network.weigh(row, parameters).forEach((z, i) => {
        units[i].outputs.push(outputs[i]);
        units[i].slopes.push(Math.abs(this.slopes[neurons[i].l](z)));
        // z = bias + ..., so that dL/dz is what the example adds to the gradient of the bias.
        units[i].deltas.push((gradient[neurons[i].bias] - before[i]) / examples.length);
      });
    }
    for (const unit of units) Object.assign(unit, { delta: size(unit.deltas), dead: Math.max(...unit.slopes) === 0 });
    return network.layers.map(({ name, activation, neurons: own }, l) => {
      const mine = units.filter((_, i) => neurons[i].l === l);
      const [outputs, slopes, deltas] = ["outputs", "slopes", "deltas"].map((key) => mine.flatMap((unit) => unit[key]));
      const weights = own.flatMap((neuron) => neuron.weights);
      const mean = outputs.reduce((a, b) => a + b, 0) / outputs.length;
      const weightGradient = size(weights.map((i) => gradient[i] / examples.length));
      const flat = this.data.activations[activation]?.flat ?? 0;
      return {
        layer: name, units: mine, activation, mean, weightGradient, delta: size(deltas),
        spread: size(outputs.map((x) => x - mean)),
        saturated: slopes.filter((slope) => slope < flat).length / slopes.length,
        dead: mine.filter((unit) => unit.dead).length / mine.length,
        updateRatio: weights.some((i) => parameters[i]) ? (this.rate * weightGradient) / size(weights.map((i) => parameters[i])) : Infinity,
      };
    });
  }
}

// The root mean square.
function size(numbers) {
  return Math.sqrt(numbers.reduce((sum, x) => sum + x * x, 0) / numbers.length);
}
