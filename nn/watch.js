// Shows a training as Python has drawn it, and asks Python for the next step.  It computes nothing itself.

function element(name, attributes = {}, text = "") {
  const found = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) found.setAttribute(key, value);
  if (text) found.textContent = text;
  return found;
}

function render({ model, el: root }) {
  let playing = false;
  let waiting = false; // for an answer; then nothing else is asked for
  let wanted = null; // what to ask for next
  let asked = 0;
  let timer = null;

  root.classList.add("autograd-explore", "nn-watch");
  root.tabIndex = 0;
  root.setAttribute("role", "application");
  root.setAttribute("aria-label", "a network in training");
  root.dataset.lmSuppressShortcuts = "true"; // else JupyterLab takes the arrow keys

  const bar = element("div", { class: "bar", role: "toolbar" });
  const button = (text, title, action) => {
    const found = element("button", { type: "button", title, "aria-label": title }, text);
    found.addEventListener("click", action);
    bar.append(found);
    return found;
  };
  button("↺", "start again (Home)", () => ask({ restart: true }));
  const player = button("▶", "play or pause (space)", () => play(!playing));
  button("›", "one step: a mini-batch (right arrow)", () => ask({ steps: 1 }));
  button("»", "one epoch (E)", () => ask({ epochs: 1 }));
  const label = element("span", { class: "rate" });
  const slider = element("input", {
    type: "range", min: -4, max: 1, step: 0.05, "aria-label": "learning rate, powers of ten",
  });
  slider.addEventListener("input", () => {
    label.textContent = said(10 ** Number(slider.value));
    ask({ rate: Number((10 ** Number(slider.value)).toPrecision(3)) });
  });
  bar.append(slider, label);
  const status = element("pre", { class: "said", "aria-live": "off" });
  const stage = element("div", { class: "stage" });
  root.replaceChildren(bar, stage, status);

  function said(rate) {
    return `learning rate ${Number(rate.toPrecision(3))}`;
  }

  function ask(request) {
    wanted = { ...wanted, ...request };
    if (!waiting) send();
  }

  function send() {
    waiting = true;
    asked += 1;
    model.set("request", { ...wanted, number: asked });
    wanted = null;
    model.save_changes();
  }

  function play(on) {
    playing = on;
    player.textContent = on ? "||" : "▶";
    player.setAttribute("aria-pressed", String(on));
    if (on) ask({ epochs: 1 });
  }

  function show() {
    const data = { ...model.get("data"), ...model.get("reply") };
    const [width, height] = data.size;
    // Made by Python, every name escaped.
    stage.innerHTML = `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="the network, the plane and the loss">${data.markup}</svg>`;
    status.textContent = data.status;
    status.classList.remove("wrong");
    label.textContent = said(data.rate);
    if (document.activeElement !== slider) slider.value = Math.log10(Math.max(data.rate, 1e-4));
  }

  function answered() {
    show();
    waiting = false;
    if (playing) wanted = { epochs: 1, ...wanted };
    if (wanted) timer = setTimeout(() => waiting || send(), playing ? 30 : 0);
  }

  function complain() {
    if (!model.get("error")) return;
    waiting = false;
    wanted = null;
    play(false);
    status.textContent = model.get("error");
    status.classList.add("wrong");
  }

  const keys = {
    ArrowRight: () => ask({ steps: 1 }), e: () => ask({ epochs: 1 }), " ": () => play(!playing),
    Home: () => ask({ restart: true }),
  };
  function onKey(event) {
    if (event.target.tagName === "INPUT") return event.stopPropagation(); // a notebook would take the arrow keys
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.tagName === "BUTTON" && event.key === " ") return;
    const action = keys[event.key] || keys[event.key.toLowerCase()];
    if (!action) return;
    action();
    event.preventDefault();
    event.stopPropagation();
  }
  root.addEventListener("keydown", onKey);
  model.on("change:reply", answered);
  model.on("change:error", complain);
  show();
  return () => {
    playing = false;
    clearTimeout(timer);
    root.removeEventListener("keydown", onKey);
    model.off("change:reply", answered);
    model.off("change:error", complain);
  };
}

export default { render };
