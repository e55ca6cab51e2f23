// All about one box: its numbers, where its gradient comes from, the paths to the result, a slider where it is a leaf.

const MOST_PATHS = 12; // in the list; more are counted
const COLOURED = 6; // paths that have a color of their own

class Card {
  // explorer: its state is shown here, and its methods carry out what the reader does.
  constructor(explorer) {
    this.explorer = explorer;
    this.element = element("section", { class: "card", hidden: "", "aria-label": "the chosen box" });
    this.reaches = {}; // of each leaf with a slider: where it stood at first, and how far it goes
    this.second = null; // the second derivative, once it is asked for
  }

  fill(box) {
    const { explorer } = this;
    const info = explorer.data.infos[box.result];
    const alone = box.kind !== "module";
    const close = element("button", { type: "button", title: "close (Escape)", "aria-label": "close", class: "close" }, "×");
    close.addEventListener("click", () => explorer.choose(null));
    const rows = [close, element("h2", {}, alone ? info.name : `${box.title}: ${box.nodes.length} nodes`)];
    const line = (name, text, kind = "") => {
      const row = element("p");
      row.append(element("span", { class: "name" }, name), element("span", { class: kind }, text));
      rows.push(row);
    };
    if (alone && info.op) line("operation", info.op);
    if (alone && info.scope) line("module", info.scope);
    if (box.single) {
      line("value", explorer.say(box.result, "value") || "not yet", "value");
      line("gradient", explorer.say(box.result, "grad"), "grad");
    }
    if (alone && info.op === "" && explorer.canMove) rows.push(this.mover(box.result, info));
    if (alone && info.op === "" && !explorer.canMove) line("fixed", explorer.data.lacking);
    if (alone) rows.push(...this.contributions(box.result), ...this.readers(box.result), ...this.paths(box.result));
    if (alone && info.op === "" && explorer.graph) rows.push(this.secondDerivative(box.result, info));
    this.show(rows, box.result);
  }

  // A slider that is being moved stays; only what is around it changes.
  show(rows, node) {
    const active = document.activeElement;
    const same = this.element.dataset.node === String(node);
    if (same && this.element.contains(active) && active.tagName === "INPUT") {
      const mover = this.element.querySelector(".mover");
      const at = rows.findIndex((row) => row.className === "mover");
      for (const old of [...this.element.children]) if (old !== mover) old.remove();
      rows.slice(0, at).forEach((row) => mover.before(row));
      mover.after(...rows.slice(at + 1));
      for (const input of mover.querySelectorAll("input")) {
        if (input !== active) input.value = this.explorer.numberOf(node);
      }
    } else {
      this.element.replaceChildren(...rows);
    }
    this.element.dataset.node = node;
  }

  part(title, lines, kind = "") {
    if (!lines.length) return [];
    const list = element("ul", { class: kind });
    for (const line of lines) {
      const row = element("li", { class: line.later ? "later" : "" });
      if (line.action) {
        const button = element("button", { type: "button", class: "link" });
        button.innerHTML = line.markup;
        button.setAttribute("aria-label", plain(button)); // formulas are not read as the name of a button
        button.addEventListener("click", line.action);
        row.append(button);
      } else {
        row.innerHTML = line.markup;
      }
      list.append(row);
    }
    return [element("h3", {}, title), list];
  }

  // Where the gradient comes from: one contribution for each use of the node.
  contributions(node) {
    const { explorer } = this;
    const { adjoints, slopes } = explorer.now;
    const end = explorer.name(explorer.end);
    const lines = [];
    slopes.forEach((edges, z) => {
      for (const [k, x, slope] of edges || []) {
        if (x !== node) continue;
        const symbols = slopeMarkup(end, explorer.name(z)) + TIMES + slopeMarkup(explorer.name(z), explorer.name(x));
        const numbers = numberMarkup(adjoints[z]) + TIMES + numberMarkup(slope) + EQUALS + resultMarkup(adjoints[z] * slope);
        const later = !explorer.isDone(z, k);
        lines.push({ markup: math(symbols + EQUALS + numbers), later, action: () => explorer.highlight([[x, z, k]]) });
      }
    });
    const total = explorer.totals.get(node);
    const sum = lines.length > 1 && total !== undefined
      ? [{ markup: math(`<mtext>${lines.some((line) => line.later) ? "so far" : "sum"}</mtext>${EQUALS}${resultMarkup(total)}`) }]
      : [];
    return this.part("where the gradient comes from", [...lines, ...sum]);
  }

  readers(node) {
    const { explorer } = this;
    const readers = explorer.readers[node];
    const line = (z) => ({ markup: math(nameMarkup(explorer.name(z))), action: () => explorer.chooseNode(z) });
    return this.part("where it is used", [...new Set(readers)].slice(0, 20).map(line), "names");
  }

  // The paths to the result, each with the product of its local slopes; factors of 1 are left out.
  paths(node) {
    const { explorer } = this;
    if (node === explorer.end) return [];
    const { count, found } = explorer.pathsTo(node, MOST_PATHS);
    const lines = found.map((path, i) => {
      const colour = i < COLOURED && found.length > 1 ? `var(--path${i})` : "var(--active)";
      const names = [explorer.end, ...path.map(([x]) => x)].map((x) => nameMarkup(explorer.name(x))).join("<mo>→</mo>");
      const factors = path.map(([, , , slope]) => slope);
      const product = factors.reduce((a, b) => a * b, 1);
      const written = factors.filter((x) => x !== 1);
      const numbers = written.length > 1 ? `${written.map(numberMarkup).join(TIMES)}${EQUALS}` : "";
      const line = `<i class="line" style="--line-colour:${colour}"></i>`;
      const markup = `${line} ${math(names)}<br>${math(numbers + resultMarkup(product))}`;
      return { markup, action: () => explorer.highlight(path, colour) };
    });
    const more = count > found.length ? [{ markup: `${(count - found.length).toLocaleString("en")} more` }] : [];
    const many = Number.isSafeInteger(count) ? count.toLocaleString("en") : `about ${short(count)}`;
    return this.part(`${many} path${count === 1 ? "" : "s"} from ${explorer.name(explorer.end)}`, [...lines, ...more]);
  }

  secondDerivative(node, info) {
    const { explorer } = this;
    const row = element("p", { class: "second" });
    const button = element("button", { type: "button" }, "second derivative");
    const text = element("span", { role: "status" });
    const tell = () => {
      this.second = node; // from now on it is computed again whenever the card is filled
      const square = (name) => `<mrow><mo>∂</mo><msup>${nameMarkup(name)}<mn>2</mn></msup></mrow>`;
      const top = `<mrow><msup><mo>∂</mo><mn>2</mn></msup>${nameMarkup(explorer.name(explorer.end))}</mrow>`;
      try {
        const found = explorer.graph.second(explorer.now.values, node, explorer.end);
        text.innerHTML = math(`<mfrac>${top}${square(info.name)}</mfrac>${EQUALS}${resultMarkup(found)}`);
      } catch (error) {
        text.textContent = error.message;
      }
    };
    button.addEventListener("click", tell);
    if (this.second === node) tell();
    row.append(button, " ", text);
    return row;
  }

  // A slider and a field for the number of a leaf, and a way back.
  mover(index, info) {
    const { explorer } = this;
    const first = explorer.first.values[index];
    const [, reach] = (this.reaches[index] ??= [first, Math.max(1, 2 * Math.abs(first))]);
    const label = element("div", { class: "mover" });
    const input = element("input", {
      type: "range", min: first - reach, max: first + reach, step: reach / 100, "aria-label": info.name,
    });
    const field = element("input", { type: "number", step: "any", "aria-label": `${info.name} as a number` });
    const back = element("button", { type: "button", title: `back to ${short(first)}`, "aria-label": `back to ${short(first)}` }, "↺");
    const to = (number) => {
      if (!Number.isFinite(number)) explorer.complain("write a finite number");
      else if (explorer.moveLeaf(index, number)) return;
      input.value = field.value = explorer.numberOf(index);
    };
    input.value = field.value = explorer.numberOf(index);
    input.addEventListener("input", () => {
      field.value = input.value;
      to(Number(input.value));
    });
    field.addEventListener("change", () => to(field.valueAsNumber));
    back.addEventListener("click", () => {
      input.value = field.value = first;
      to(first);
    });
    label.append(`what if ${info.name} were `, input, field, back);
    return label;
  }
}
