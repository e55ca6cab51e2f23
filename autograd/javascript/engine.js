// The engine of autograd/engine/graph.py once more, on numbers: it computes every value and every derivative of a graph
// whose leaves the reader moves.  It knows no derivative; they come with the rows, which Python writes from its table.
//
// A graph is plain data.  nodes[i] is a number for a leaf, else { row, args, open }: an argument is the place of an
// earlier node, or [x] for the constant x; open[k] is false where argument k has no part in any derivative.  Numbers
// that JSON lacks are texts, such as "NaN".

// An operation or a derivative that does not exist at these numbers.
class UndefinedError extends Error {
  constructor(node, text) {
    super(text);
    this.node = node;
  }
}

class Graph {
  constructor(rows, nodes) {
    this.rows = rows;
    this.nodes = nodes;
  }

  // The number at every node; moved: other numbers for some leaves.
  forward(moved = {}) {
    const values = new Float64Array(this.nodes.length);
    this.nodes.forEach((node, i) => {
      if (typeof node !== "object") {
        values[i] = i in moved ? moved[i] : Number(node);
        return;
      }
      const args = this.read(node, values);
      values[i] = this.rows[node.row].value(0, ...args);
      if (!Number.isFinite(values[i]) && args.every(Number.isFinite)) {
        const what = `${this.rows[node.row].name}(${args.map((x) => short(x)).join(", ")})`;
        throw new UndefinedError(i, Number.isNaN(values[i]) ? `${what} is not defined` : `${what} is infinite`);
      }
    });
    return values;
  }

  read(node, values) {
    return node.args.map((x) => (typeof x === "number" ? values[x] : Number(x[0])));
  }

  // The arguments of a node through which its gradient flows, each with the local slope: [place, argument, dz/dx].
  edges(i, values) {
    const node = this.nodes[i];
    if (typeof node !== "object") return [];
    const row = this.rows[node.row];
    const args = this.read(node, values);
    const found = [];
    node.args.forEach((x, k) => {
      if (typeof x !== "number" || !node.open[k] || (row.taken && !row.taken[k](values[i], ...args))) return;
      const slope = row.partials[k](values[i], ...args);
      if (!Number.isFinite(slope) && [...args, values[i]].every(Number.isFinite)) {
        throw new UndefinedError(i, `the derivative of ${row.name}(${args.map((x) => short(x)).join(", ")}) does not exist`);
      }
      found.push([k, x, slope]);
    });
    return found;
  }

  // The adjoint dL/dnode of every node, L being node `end`; dL/dx is the sum over all z that read x of dL/dz * dz/dx.
  backward(values, end = this.nodes.length - 1) {
    const adjoints = new Float64Array(this.nodes.length);
    const reached = new Set([end]);
    adjoints[end] = 1;
    const slopes = [];
    for (let i = end; i >= 0; i -= 1) {
      if (!reached.has(i)) continue;
      slopes[i] = this.edges(i, values);
      for (const [, x, slope] of slopes[i]) {
        adjoints[x] += adjoints[i] * slope;
        reached.add(x);
      }
    }
    return { adjoints, slopes };
  }

  // d2L/dx2 for one leaf x: how the adjoint of x changes with x.  The tangents run forward, then the adjoints and
  // their changes run back.
  second(values, leaf, end = this.nodes.length - 1) {
    const { adjoints, slopes } = this.backward(values, end);
    const tangents = new Float64Array(this.nodes.length);
    tangents[leaf] = 1;
    for (let i = 0; i <= end; i += 1) {
      for (const [, x, slope] of slopes[i] || []) tangents[i] += slope * tangents[x];
    }
    const changes = new Float64Array(this.nodes.length);
    for (let i = end; i >= 0; i -= 1) {
      if (!slopes[i] || !slopes[i].length) continue;
      const node = this.nodes[i];
      const args = this.read(node, values);
      const moves = node.args.map((x) => (typeof x === "number" ? tangents[x] : 0));
      for (const [k, x, slope] of slopes[i]) {
        let change = 0;
        this.rows[node.row].second[k].forEach((f, j) => {
          if (moves[j] !== 0) change += f(values[i], ...args) * moves[j];
        });
        if (!Number.isFinite(change) && [...args, values[i], ...moves].every(Number.isFinite)) throw new UndefinedError(i, "a second derivative does not exist");
        changes[x] += changes[i] * slope + adjoints[i] * change;
      }
    }
    return changes[leaf];
  }

  // The same as two functions in straight lines, which run many times as fast.  inputs and parameters are the leaves
  // whose numbers are given in each call; shown are the nodes whose numbers `run` returns.
  //
  //     run(x, p)       the numbers of the nodes that are shown
  //     learn(x, p, g)  the last node, the loss; its derivatives by the parameters are added to g
  compiled(inputs, parameters, shown) {
    const given = new Map([...inputs.map((i, k) => [i, `x[${k}]`]), ...parameters.map((i, k) => [i, `p[${k}]`])]);
    const end = this.nodes.length - 1;
    const term = (x) => (typeof x === "number" ? `v${x}` : String(Number(x[0])));
    const calls = this.nodes.map((node) => (typeof node === "object" ? node.args.map(term).join(", ") : ""));
    const forward = this.nodes.map((node, i) => {
      if (typeof node !== "object") return `const v${i} = ${given.get(i) ?? Number(node)};`;
      return `const v${i} = rows[${node.row}].value(0, ${calls[i]});`;
    });
    const needed = new Set(parameters); // nodes that depend on a parameter: the others need no adjoint
    this.nodes.forEach((node, i) => typeof node === "object" && node.args.some((x) => needed.has(x)) && needed.add(i));
    const back = [];
    for (let i = end; i >= 0; i -= 1) {
      const node = this.nodes[i];
      if (typeof node !== "object" || !needed.has(i)) continue;
      node.args.forEach((x, k) => {
        if (typeof x !== "number" || !node.open[k] || !needed.has(x)) return;
        const at = `(v${i}, ${calls[i]})`;
        const taken = this.rows[node.row].taken ? `if (rows[${node.row}].taken[${k}]${at}) ` : "";
        back.push(`${taken}a${x} += a${i} * rows[${node.row}].partials[${k}]${at};`);
      });
    }
    const zero = [...needed].map((i) => `let a${i} = ${i === end ? 1 : 0};`);
    const gradient = parameters.map((i, k) => `g[${k}] += a${i};`);
    const run = [...forward.slice(0, Math.max(...shown) + 1), `return [${shown.map((i) => `v${i}`)}];`];
    const learn = [...forward, ...zero, ...back, ...gradient, `return v${end};`];
    const make = (names, lines) => new Function("rows", `return (${names}) => {\n${lines.join("\n")}\n};`)(this.rows);
    return { run: make("x, p", run), learn: make("x, p, g", learn) };
  }
}
