// Questions with a number to write or an answer to choose: checks them, and says why.  All texts are Python's.

// The option that was answered, or what to say if there is none.
function found(question, said, form) {
  if (!question.numeric) {
    const chosen = form.querySelector("input:checked");
    return chosen ? question.options[Number(chosen.value)] : said.choice;
  }
  const number = parsed(form.querySelector("input").value);
  if (!Number.isFinite(number)) return said.number;
  const near = ({ answer, tolerance }) =>
    Math.abs(Number(answer) - number) <= Math.max(tolerance, 1e-6 * Math.abs(Number(answer)));
  return question.options.find(near) || { right: false, why: said.other };
}

function showQuestion(question, index, said) {
  const form = element("form", { class: "question" });
  const fields = element("fieldset");
  fields.append(element("legend", {}, `${index + 1}. ${question.text}`));
  if (question.numeric) {
    const input = element("input", { type: "text", inputmode: "decimal", autocomplete: "off" });
    input.setAttribute("aria-label", "your answer");
    fields.append(input);
  } else {
    question.options.forEach((option, i) => {
      const label = element("label");
      label.append(element("input", { type: "radio", name: `q${index}`, value: i }), ` ${option.answer}`);
      fields.append(label);
    });
  }
  const verdict = element("p", { class: "verdict", role: "status" });
  fields.append(element("button", { type: "submit" }, "check"), verdict);
  form.append(fields);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const answer = found(question, said, form);
    const judged = typeof answer !== "string";
    form.classList.toggle("right", judged && answer.right);
    form.classList.toggle("wrong", judged && !answer.right);
    verdict.textContent = judged ? `${answer.right ? "✓ " + said.right : "✗ " + said.wrong} ${answer.why}` : answer;
  });
  return form;
}

export default {
  show(root, data) {
    root.classList.add("autograd-explore", "autograd-quiz");
    root.replaceChildren(...data.questions.map((question, index) => showQuestion(question, index, data.said)));
  },
};
