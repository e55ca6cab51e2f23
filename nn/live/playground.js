// A training to watch: its controls, its scene, and what is known about its layers.
//
// Network is the graph of the loss of one example.  Numbers are those of a training: a Trainer makes them in the page, a
// Follower has them from Python.  Scene draws them, Report writes them, Controls change them.

const REPORT_EVERY = 250; // milliseconds while it plays

class Playground {
  // model: the widget, where Python trains; null in a page that trains itself.
  constructor(root, data, model = null) {
    this.root = root;
    this.data = data;
    this.playing = false;
    root.classList.add("nn-playground");
    this.trainer = model ? new Follower(data, model) : new Trainer(data);
    const panels = element("div", { class: "panels" });
    this.scene = new Scene(panels, this.trainer, root);
    this.controls = new Controls(this);
    this.status = element("p", { class: "status", role: "status" });
    this.legend = element("p", { class: "legend" });
    this.text = element("p", { class: "formula" });
    this.report = new Report();
    this.example = element("section", { class: "example", "aria-label": "both passes for an example" });
    root.replaceChildren(this.controls.element, this.status, panels, this.legend, this.text, this.report.element, this.example);
    const { trainer, scene } = this;
    this.deaf = keyboard(root, "a network in training", {
      " ": () => this.play(), ArrowRight: () => trainer.run("step"), e: () => trainer.run("epoch"), Home: () => trainer.run("restart"),
      n: () => scene.next(1), p: () => scene.next(-1), Escape: () => scene.show(null),
    });
    trainer.onChange = () => this.renew();
    scene.onShow = () => this.describe();
    scene.plane.addEventListener("click", (event) => scene.exampleAt(event) >= 0 && this.explore(scene.exampleAt(event)));
    this.watcher = new ResizeObserver(() => this.paint());
    this.watcher.observe(panels);
    this.dark = matchMedia("(prefers-color-scheme: dark)");
    this.onDark = () => this.paint();
    this.dark.addEventListener("change", this.onDark);
    this.paint();
  }

  close() {
    this.playing = false;
    this.deaf();
    this.watcher.disconnect();
    this.dark.removeEventListener("change", this.onDark);
    this.trainer.close?.();
  }

  play() {
    this.playing = !this.playing;
    this.controls.show(this.playing);
    if (this.playing) this.trainer.run("frame");
    else this.paint();
  }

  // The trainer has new numbers.
  renew() {
    if (this.trainer.failed && this.playing) return this.play();
    if (this.playing) this.trainer.soon(() => this.playing && this.trainer.run("frame"));
    this.paint();
  }

  paint() {
    const { scene, trainer } = this;
    const now = performance.now();
    if (!this.playing || now > this.reported + REPORT_EVERY) {
      this.reported = now;
      scene.report = trainer.report();
      this.report.show(scene.report, trainer.rows.length);
    }
    scene.draw();
    this.frames = (this.frames ?? 0) + 1;
    this.status.textContent = trainer.status;
    this.status.classList.toggle("wrong", trainer.failed);
    if (this.explains !== scene.flowing) this.legend.innerHTML = this.explained();
    this.explains = scene.flowing;
    this.describe();
  }

  // What lines, frames and crosses mean.
  explained() {
    const signs = '<i class="line positive"></i> above 0 <i class="line negative"></i> below 0';
    const dead = "crossed out: dead, no example changes it";
    return this.scene.flowing
      ? `${signs}; lines |dL/dw|, frames |dL/dz|, each from 1 to 1e-${DECADES} of the largest; ${dead}`
      : `${signs}; width: |w| in its layer; ${dead}`;
  }

  describe() {
    const { chosen } = this.scene;
    this.text.textContent = chosen ? this.scene.formula(chosen) : "";
  }

  // Both passes for an example, in the page of `explore`.
  explore(i) {
    const count = this.trainer.rows.length;
    if (!(Number.isInteger(i) && i >= 0 && i < count)) return this.showExample(null, `There are the examples 0 to ${count - 1}.`);
    this.controls.example.value = i;
    this.trainer.explore(i, (page, why) => this.showExample(page, why, i));
  }

  showExample(page, why, i) {
    if (!page) return this.example.replaceChildren(element("p", { role: "status" }, why));
    const head = element("p", {}, `example ${i}, with the weights of step ${this.trainer.steps} `);
    const close = element("button", { type: "button" }, "close");
    close.addEventListener("click", () => this.example.replaceChildren());
    head.append(close);
    const frame = element("iframe", { title: `both passes for example ${i}`, srcdoc: page });
    this.example.replaceChildren(head, frame);
    frame.scrollIntoView({ block: "nearest" });
  }
}
