// A box that scrolls must be reachable from the keyboard; one that does not should be no tab stop.
"use strict";

const BOXES =
  ".arithmatex, .statement, .nb-output, .nb-text, .drawing, .md-typeset__scrollwrap, .md-typeset pre > code, .sheet td:nth-child(2)";

function measure(box) {
  if (box.scrollWidth > box.clientWidth) {
    box.tabIndex = 0;
  } else {
    box.removeAttribute("tabindex");
  }
}

// Observed are the box and what is in it: a font that arrives late changes only the latter.
const sizes = new ResizeObserver((entries) => {
  for (const box of new Set(entries.map(({ target }) => target.closest(BOXES)))) {
    measure(box);
  }
});

// Only near the window: what a browser has not laid out yet, it would have to for a measurement.
const near = new IntersectionObserver(
  (entries) => {
    for (const { target: box, isIntersecting } of entries) {
      if (!isIntersecting) continue;
      near.unobserve(box);
      sizes.observe(box);
      for (const inner of box.querySelectorAll(":scope > *, .katex-html")) {
        if (inner.closest(BOXES) === box) sizes.observe(inner);
      }
    }
  },
  { rootMargin: "800px" },
);

// Material announces every page, also those that instant navigation loads.
document$.subscribe(() => {
  near.disconnect();
  sizes.disconnect();
  for (const box of document.querySelectorAll(BOXES)) near.observe(box);
});
