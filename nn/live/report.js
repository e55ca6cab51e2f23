// The table of nn.layer_report, while the network is trained.

const COLUMNS = {
  layer: (row) => row.layer,
  units: (row) => String(row.units.length),
  activation: (row) => row.activation,
  mean: (row) => short(row.mean, 3),
  spread: (row) => short(row.spread, 3),
  saturated: (row) => percent(row.saturated),
  dead: (row) => percent(row.dead),
  delta: (row) => short(row.delta, 3),
  "weight gradient": (row) => short(row.weightGradient, 3),
  "update ratio": (row) => short(row.updateRatio, 3),
};

class Report {
  constructor() {
    this.element = element("div", { class: "report", tabindex: 0, role: "group", "aria-label": "what the layers are like" });
  }

  // rows: of the layers, over so many examples.
  show(rows, count) {
    const cells = rows.map((row) => {
      const [first, ...rest] = Object.values(COLUMNS).map((write) => escaped(write(row)));
      return `<tr><th scope="row">${first}</th>${rest.map((text) => `<td>${text}</td>`).join("")}</tr>`;
    });
    const heads = Object.keys(COLUMNS).map((name) => `<th scope="col">${name}</th>`);
    this.element.innerHTML = `<table><caption>over ${count.toLocaleString("en")} examples; L is the mean loss over these</caption><thead><tr>${heads.join("")}</tr></thead><tbody>${cells.join("")}</tbody></table>`;
  }
}

function percent(part) {
  return `${Math.round(100 * part)}%`;
}
