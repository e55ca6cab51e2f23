// Shows the training picture that Python draws, and requests the next steps.  Python does all the computing.

const ONWARD = { epochs: 1, seconds: 0.2 }; // the request while playing: an epoch, or 0.2 seconds of it

function picture({ model, el: root }) {
  let playing = false;
  let waiting = false; // for a reply; until then no other request is sent
  let wanted = null; // the next request
  let timer = null;

  root.classList.add("nn-watch");
  const { bar, button } = toolbar();
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
    const number = (model.get("request")?.number ?? 0) + 1; // counts the requests of all views of this widget
    model.set("request", { ...wanted, number });
    wanted = null;
    model.save_changes();
  }

  function play(on) {
    playing = on;
    player.textContent = on ? "||" : "▶";
    player.setAttribute("aria-pressed", String(on));
    if (on) ask(ONWARD);
  }

  function show() {
    const data = { ...model.get("data"), ...model.get("reply") };
    const [width, height] = data.size;
    // Python makes the markup, and escapes every name.
    stage.innerHTML = `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="the network, the plane and the loss">${data.markup}</svg>`;
    status.textContent = data.status;
    status.classList.remove("wrong");
    label.textContent = said(data.rate);
    if (document.activeElement !== slider) slider.value = Math.log10(Math.max(data.rate, 1e-4));
  }

  function answered() {
    if (model.get("error")) return; // complain() will show it
    show();
    waiting = false;
    if (playing) wanted = { ...ONWARD, ...wanted };
    if (wanted) timer = setTimeout(() => waiting || send(), playing ? 30 : 0);
  }

  function complain() {
    if (!model.get("error")) return;
    show(); // what was done before the error
    waiting = false;
    wanted = null;
    play(false);
    status.textContent = model.get("error");
    status.classList.add("wrong");
  }

  const deaf = keyboard(root, "a network in training", {
    ArrowRight: () => ask({ steps: 1 }), e: () => ask({ epochs: 1 }), " ": () => play(!playing),
    Home: () => ask({ restart: true }),
  });
  model.on("change:reply", answered);
  model.on("change:error", complain);
  show();
  return () => {
    playing = false;
    clearTimeout(timer);
    deaf();
    model.off("change:reply", answered);
    model.off("change:error", complain);
  };
}
