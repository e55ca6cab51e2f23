// A quiz on paper, with a field for each gradient: checks the answers and explains the wrong ones.  All texts are
// Python's; the page only finds out which of them fits.

function showQuiz(root, data) {
  root.replaceChildren(element("pre", { class: "lines" }, data.lines.join("\n")));
  const form = element("form", { class: "answers" });
  const fields = data.leaves.map((leaf) => field(leaf));
  const check = element("button", { type: "submit" }, "check");
  const verdict = element("p", { class: "verdict", role: "status" });
  form.append(...fields.map(({ row }) => row), check, verdict);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const right = fields.map((f) => f.judge()).filter(Boolean).length;
    verdict.textContent = right === fields.length ? "All right." : `${right} of ${fields.length} right.`;
  });
  root.append(form);
}

// A field for one gradient, with hints that say more each time.
function field({ name, question, total, products, said, hints }) {
  const row = element("div", { class: "answer" });
  const label = element("label", {}, `${question} = `);
  const input = element("input", { type: "text", inputmode: "decimal", autocomplete: "off" });
  const mark = element("span", { class: "mark" });
  const hint = element("button", { type: "button", "aria-label": `hint for ${name}` }, "hint");
  const text = element("pre", { class: "explanation", role: "status" });
  let given = 0;
  hint.addEventListener("click", () => {
    text.textContent = hints.slice(0, Math.min((given += 1), hints.length)).join("\n");
    hint.disabled = given >= hints.length;
  });
  label.append(input);
  row.append(label, mark, hint, text);
  function judge() {
    const number = parsed(input.value);
    if (!Number.isFinite(number)) {
      mark.textContent = "";
      text.textContent = said.number;
      return false;
    }
    const right = Math.abs(number - total) <= 1e-9 * Math.max(1, Math.abs(total));
    mark.textContent = right ? "✓ right" : "✗ not yet";
    row.classList.toggle("right", right);
    row.classList.toggle("wrong", !right);
    const onePath = products.length > 1 && products.some((x) => Math.abs(number - x) < 1e-9);
    const opposite = Math.abs(number + total) < 1e-9;
    text.textContent = right ? "" : onePath ? said.onePath : opposite ? said.sign : said.wrong;
    return right;
  }
  return { row, judge };
}

export default {
  show(root, data) {
    root.classList.add("autograd-explore", "autograd-quiz");
    showQuiz(root, data);
  },
};
