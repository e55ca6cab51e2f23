// The page that trains, and the widget: Python trains there, and draws too where this script cannot.

function show(root, data) {
  root.playground = new Playground(root, data);
}

function render({ model, el }) {
  const data = model.get("data");
  if (data.markup) return picture({ model, el });
  el.playground = new Playground(el, data, model);
  return () => el.playground.close();
}

export default { show, render };
