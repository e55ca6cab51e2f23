// The graph of the loss of one example.  The pieces that it is put together from, and the rows, were written in Python.

class Network {
  // layers: [{ activation, units }] from the first hidden layer to the outputs.
  constructor(data, layers) {
    this.data = data;
    this.nodes = [];
    this.parameters = [];
    const inputs = Array.from({ length: data.inputs }, () => this.add(0));
    let column = inputs;
    this.layers = layers.map(({ activation, units }, l) => ({ name: `layers.${l}`, activation, neurons: [], nin: 0, units }));
    const outputs = [];
    this.sums = []; // of each neuron, before its activation
    for (const layer of this.layers) {
      layer.nin = column.length;
      column = Array.from({ length: layer.units }, () => this.neuron(layer, column));
      outputs.push(...column);
    }
    const targets = Array.from({ length: data.rows[0].length - data.inputs }, () => this.add(0));
    this.put(data.lossPiece, [...column, ...targets]);
    const graph = new Graph(rows, this.nodes);
    // run(x, p): the output of every neuron; learn(x, p, g): the loss, whose gradient is added to g.
    Object.assign(this, graph.compiled([...inputs, ...targets], this.parameters, outputs));
    this.weigh = graph.compiled([...inputs, ...targets], this.parameters, this.sums).run;
  }

  add(node) {
    return this.nodes.push(node) - 1;
  }

  // A piece of a graph, with other nodes in the place of its leaves; the node that it ends with.
  put(piece, leaves) {
    const places = piece.nodes.map((node, i) => leaves[piece.leaves.indexOf(i)] ?? -1);
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
    this.sums.push(total);
    const activation = this.data.activations[layer.activation];
    return activation ? this.put(activation.piece, [total]) : total;
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

// The derivative of an activation, as a function of the weighted sum.
function slopeOf(activation) {
  if (!activation) return () => 1;
  const [leaf] = activation.piece.leaves;
  if (leaf < 0) return () => 0;
  const { learn } = new Graph(rows, activation.piece.nodes).compiled([], [leaf], [leaf]);
  return (z) => {
    const gradient = [0];
    learn([], [z], gradient);
    return gradient[0];
  };
}
