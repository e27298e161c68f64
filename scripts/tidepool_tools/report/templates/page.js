// The flame graphs: a click shows what a frame is and lets it fill the width, its callers with it.
"use strict";
for (const graph of document.querySelectorAll(".flame")) {
  const about = graph.parentElement.previousElementSibling;
  const frames = [...graph.children].map(node =>
    ({ node, left: +node.dataset.left, width: +node.dataset.width }));
  const tell = frame => { about.textContent = frame.node.title.replace(/\n/g, " \u00b7 "); };
  const zoom = target => {
    for (const { node, left, width } of frames) {
      const begin = Math.max(0, (left - target.left) / target.width);
      const end = Math.min(1, (left + width - target.left) / target.width);
      node.hidden = end - begin < 1e-4;
      node.style.left = 100 * begin + "%";
      node.style.width = 100 * (end - begin) + "%";
    }
    tell(target);
  };
  for (const frame of frames) {
    frame.node.addEventListener("click", () => zoom(frame));
    frame.node.addEventListener("mouseenter", () => tell(frame));
  }
  tell(frames[0]);
}
