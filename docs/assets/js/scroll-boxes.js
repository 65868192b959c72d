// A box that scrolls must be reachable from the keyboard; one that does not should be no tab stop.
"use strict";

const BOXES =
  ".arithmatex, .statement, .nb-output, .nb-text, .drawing, .md-typeset__scrollwrap, .md-typeset pre > code, .tabbed-labels, .sheet td:nth-child(2)";

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

function watch(box) {
  sizes.observe(box);
  for (const inner of box.querySelectorAll(":scope > *, .katex-html")) {
    if (inner.closest(BOXES) === box) sizes.observe(inner);
  }
}

// Safari has no idle time to give: ten milliseconds now and then will do.
const whenIdle =
  window.requestIdleCallback ??
  ((work) => {
    setTimeout(() => {
      const end = performance.now() + 10;
      work({ timeRemaining: () => end - performance.now() });
    });
  });

let left = [];

function watchSome(deadline) {
  while (left.length && deadline.timeRemaining() > 0) watch(left.shift());
  if (left.length) whenIdle(watchSome);
}

// Material announces every page, also those that instant navigation loads. A page has hundreds of
// boxes: to look at all of them at once would keep a phone from answering.
document$.subscribe(() => {
  sizes.disconnect();
  const idle = left.length === 0;
  left = [...document.querySelectorAll(BOXES)];
  if (idle && left.length) whenIdle(watchSome);
});
