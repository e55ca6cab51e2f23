// The search of the site: all words must occur; titles count more than text.
const form = document.querySelector("form[role=search]");
const input = form.querySelector("input");
const list = form.querySelector("ol");
let index = null;

function load() {
  if (index) return Promise.resolve();
  return new Promise((done) => {
    const script = document.createElement("script");
    script.src = `${SITE}search-index.js`;
    script.onload = () => { index = window.SEARCH_INDEX; done(); };
    document.head.append(script);
  });
}

function found(words) {
  return index
    .map((entry) => {
      const title = entry.title.toLowerCase(), text = entry.text.toLowerCase();
      const scores = words.map((word) => (title.includes(word) ? 10 : 0) + (text.includes(word) ? 1 : 0));
      return { entry, score: scores.includes(0) ? 0 : scores.reduce((a, b) => a + b) };
    })
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
    .slice(0, 12);
}

function snippet(text, word) {
  const at = Math.max(0, text.toLowerCase().indexOf(word) - 40);
  return (at ? "…" : "") + text.slice(at, at + 120) + "…";
}

async function search() {
  const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.length) { list.hidden = true; return; }
  await load();
  const results = found(words);
  list.replaceChildren(...(results.length ? results : [null]).map((result) => {
    const item = document.createElement("li");
    if (!result) { item.textContent = "nothing found"; return item; }
    const link = document.createElement("a");
    link.href = SITE + result.entry.url;
    link.textContent = result.entry.title;
    const text = document.createElement("small");
    text.textContent = snippet(result.entry.text, words[0]);
    link.append(text);
    item.append(link);
    return item;
  }));
  list.hidden = false;
}

input.addEventListener("input", search);
form.addEventListener("submit", (event) => { event.preventDefault(); list.querySelector("a")?.click(); });
input.addEventListener("keydown", (event) => { if (event.key === "Escape") list.hidden = true; });
