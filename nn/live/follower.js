// Python trains; this has the numbers that Python sent last, and sends Python what the controls ask for.

const REQUESTS = { restart: { restart: true }, step: { steps: 1 }, epoch: { epochs: 1 }, frame: { epochs: 1, seconds: 0.025 } };

class Follower extends Numbers {
  constructor(data, model) {
    super(data);
    this.model = model;
    this.waiting = false; // for a reply; until then no other request is sent
    this.wanted = null; // the next request
    this.shape(data.layers);
    this.take({ ...data, ...model.get("reply") });
    this.onReply = () => this.answered();
    this.onError = () => this.complain();
    model.on("change:reply", this.onReply);
    model.on("change:error", this.onError);
  }

  close() {
    this.model.off("change:reply", this.onReply);
    this.model.off("change:error", this.onError);
  }

  take({ parameters, gradient, steps, history, rate, status }) {
    this.lastRate = rate;
    Object.assign(this, { parameters, gradient, steps, history, status });
    this.failed = false;
  }

  get rate() {
    return this.lastRate;
  }

  set rate(rate) {
    this.lastRate = rate;
    this.ask({ rate: Number(rate.toPrecision(3)) });
  }

  run(what) {
    this.ask(REQUESTS[what]);
  }

  // Go on now: Python makes the next steps while these are drawn.
  soon(next) {
    next();
  }

  explore(i, show) {
    this.show = show;
    this.ask({ example: i });
  }

  ask(request) {
    this.wanted = { ...this.wanted, ...request };
    if (!this.waiting) this.send();
  }

  send() {
    this.waiting = true;
    const number = (this.model.get("request")?.number ?? 0) + 1; // counts the requests of all views of this widget
    this.model.set("request", { ...this.wanted, number });
    this.wanted = null;
    this.model.save_changes();
  }

  answered() {
    if (this.model.get("error")) return; // complain() will show it
    const reply = this.model.get("reply");
    this.take(reply);
    if (reply.page) this.show?.(reply.page);
    this.waiting = false;
    if (this.wanted) this.send();
    this.onChange();
  }

  complain() {
    const error = this.model.get("error");
    if (!error) return;
    this.take(this.model.get("reply"));
    this.waiting = false;
    this.wanted = null;
    this.failed = true;
    this.status = error;
    this.onChange();
  }
}
