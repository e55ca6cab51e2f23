// Code that the scripts of all widgets share; it is prepended to each of them.

const SVG = "http://www.w3.org/2000/svg";

function element(name, attributes = {}, text = "") {
  const found = name.startsWith("svg:")
    ? document.createElementNS(SVG, name.slice(4))
    : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) found.setAttribute(key, value);
  if (text) found.textContent = text;
  return found;
}

// Text as part of markup.
function escaped(text) {
  return String(text).replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]);
}

// A toolbar, and a function that adds a button to it.
function toolbar() {
  const bar = element("div", { class: "bar", role: "toolbar" });
  const button = (text, title, action) => {
    const found = element("button", { type: "button", title, "aria-label": title }, text);
    found.addEventListener("click", action);
    bar.append(found);
    return found;
  };
  return { bar, button };
}

// Add keyboard shortcuts, and keep these keys from the surrounding notebook.  Returns a function that removes them.
function keyboard(root, label, keys) {
  root.classList.add("autograd-explore");
  root.tabIndex = 0;
  root.setAttribute("role", "application");
  root.setAttribute("aria-label", label);
  root.dataset.lmSuppressShortcuts = "true"; // otherwise JupyterLab handles the arrow keys
  function onKey(event) {
    if (["INPUT", "SELECT"].includes(event.target.tagName)) return event.stopPropagation();
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.tagName === "BUTTON" && event.key === " ") return;
    const action = keys[event.key] || keys[event.key.toLowerCase()];
    if (!action) return;
    action();
    event.preventDefault();
    event.stopPropagation();
  }
  root.addEventListener("keydown", onKey);
  return () => root.removeEventListener("keydown", onKey);
}

