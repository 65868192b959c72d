// The theme fetches the search index with every page, and it weighs more than most pages. Here it
// waits for the first sign that somebody wants to search. Must run before the theme's own script.
"use strict";

(() => {
  const { open, send } = XMLHttpRequest.prototype;
  const waiting = [];
  let wanted = new URLSearchParams(location.search).has("q");

  function fetchNow() {
    wanted = true;
    for (const request of waiting.splice(0)) send.call(request);
  }

  XMLHttpRequest.prototype.open = function (method, address, ...rest) {
    this.isIndex = /\/search_index\.json$/.test(address);
    return open.call(this, method, address, ...rest);
  };
  XMLHttpRequest.prototype.send = function (body) {
    if (this.isIndex && !wanted) waiting.push(this);
    else send.call(this, body);
  };
  for (const sign of ["focusin", "pointerover", "change"]) {
    document.addEventListener(sign, (event) => {
      if (event.target.closest?.(".md-search, [for='__search'], #__search")) fetchNow();
    });
  }
})();
