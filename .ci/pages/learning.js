// A network that learns as the reader scrolls: the weights of each epoch are in the page, and the page computes what the
// network says at each point.
const held = document.querySelector(".learning");
const canvas = held.querySelector("canvas");
const { epochs, X, y } = JSON.parse(document.getElementById("learning").textContent);
const SIZE = 72; // cells in each direction; the canvas has a multiple of it
const dark = matchMedia("(prefers-color-scheme: dark)");

function output(layers, x) {
  layers.forEach((layer, i) => {
    x = layer.map(([w, b]) => {
      const z = w.reduce((sum, weight, k) => sum + weight * x[k], b);
      return i < layers.length - 1 ? Math.tanh(z) : z;
    });
  });
  return x;
}

const us = X.map((p) => p[0]), vs = X.map((p) => p[1]);
const low = [Math.min(...us) - 0.3, Math.min(...vs) - 0.3], high = [Math.max(...us) + 0.3, Math.max(...vs) + 0.3];

function draw(epoch) {
  const { layers, loss, accuracy } = epochs[epoch];
  const pen = canvas.getContext("2d"), wide = canvas.width, tall = canvas.height;
  const colors = dark.matches ? [[86, 180, 233], [230, 159, 0]] : [[0, 114, 178], [184, 119, 0]];
  const paper = dark.matches ? [21, 24, 29] : [255, 255, 255];
  for (let i = 0; i < SIZE; i++)
    for (let j = 0; j < SIZE; j++) {
      const u = low[0] + ((i + 0.5) / SIZE) * (high[0] - low[0]), v = low[1] + ((j + 0.5) / SIZE) * (high[1] - low[1]);
      const [a, b] = output(layers, [u, v]);
      const sure = Math.min(0.5, 0.1 + 0.12 * Math.abs(a - b));
      const color = colors[a > b ? 0 : 1].map((part, k) => Math.round(sure * part + (1 - sure) * paper[k]));
      pen.fillStyle = `rgb(${color.join(",")})`;
      pen.fillRect((i * wide) / SIZE, tall - ((j + 1) * tall) / SIZE, wide / SIZE, tall / SIZE);
    }
  X.forEach(([u, v], i) => {
    pen.beginPath();
    pen.arc(((u - low[0]) / (high[0] - low[0])) * wide, tall - ((v - low[1]) / (high[1] - low[1])) * tall, 5, 0, 7);
    pen.fillStyle = `rgb(${colors[y[i]].join(",")})`;
    pen.fill();
    pen.strokeStyle = dark.matches ? "#15181d" : "#ffffff";
    pen.stroke();
  });
  held.querySelector(".epoch").textContent = epoch;
  held.querySelector(".loss").textContent = loss.toFixed(3);
  held.querySelector(".right").textContent = `${Math.round(100 * accuracy)} %`;
}

let shown = -1;
function follow() {
  const box = held.getBoundingClientRect();
  const progress = Math.min(1, Math.max(0, (innerHeight * 0.4 - box.top) / (box.height - innerHeight * 0.8)));
  const epoch = Math.round(progress * (epochs.length - 1));
  if (epoch !== shown) draw((shown = epoch));
}
addEventListener("scroll", () => requestAnimationFrame(follow), { passive: true });
dark.addEventListener("change", () => draw(Math.max(shown, 0)));
follow();
