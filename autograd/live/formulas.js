// Formulas in MathML.  Every name and number is escaped here.

function math(markup) {
  return `<math displaystyle="true">${markup}</math>`;
}

// A name: W1 as W with the index 1.
function nameMarkup(name) {
  const found = /^([A-Za-z]+)_?(\d+)$/.exec(name);
  return found
    ? `<msub><mi>${escaped(found[1])}</mi><mn>${found[2]}</mn></msub>`
    : `<mi>${escaped(name)}</mi>`;
}

function numberMarkup(x) {
  const text = short(x).replace("-", "−");
  return x < 0 ? `<mrow><mo>(</mo><mn>${text}</mn><mo>)</mo></mrow>` : `<mn>${text}</mn>`;
}

function resultMarkup(x) {
  return `<mn>${short(x).replace("-", "−")}</mn>`;
}

function slopeMarkup(of, by) {
  const part = (name) => `<mrow><mo>∂</mo>${nameMarkup(name)}</mrow>`;
  return `<mfrac>${part(of)}${part(by)}</mfrac>`;
}

// An operation on these operands.
function filled(template, operands) {
  return template.replace(/\{(\d+)\}/g, (_, i) => `<mrow>${operands[i]}</mrow>`);
}

// The text of formulas, with fractions as a/b.
function plain(node) {
  if (node.nodeType === Node.TEXT_NODE) return node.textContent;
  const parts = [...node.childNodes].map(plain);
  if (node.nodeName === "mfrac") return `${parts.join("/")} `;
  return node.nodeName === "BR" ? "; " : parts.join("");
}

const EQUALS = "<mo>=</mo>";
const TIMES = "<mo>·</mo>";
