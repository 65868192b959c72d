// Material puts the copy button of each code block into a <nav> without a name. A page full of
// nameless navigation landmarks hides the real ones from a screen reader, so they lose the role.
"use strict";

function demote() {
  for (const actions of document.querySelectorAll("nav.md-code__nav:not([role])")) {
    actions.setAttribute("role", "none");
  }
}

// The buttons are made when their block comes into view.
new MutationObserver(demote).observe(document.body, { childList: true, subtree: true });
