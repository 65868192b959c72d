// A box that scrolls must be reachable from the keyboard; one that does not should be no tab stop.
"use strict";

const BOXES = ".arithmatex, .nb-output, .nb-text, .md-typeset__scrollwrap, .md-typeset pre > code";

const sizes = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    if (target.scrollWidth > target.clientWidth + 1) {
      target.tabIndex = 0;
    } else {
      target.removeAttribute("tabindex");
    }
  }
});

// Material announces every page, also those that instant navigation loads.
document$.subscribe(() => {
  sizes.disconnect();
  for (const box of document.querySelectorAll(BOXES)) {
    sizes.observe(box);
  }
});
