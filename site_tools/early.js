// Stands at the very beginning of every page's body. What the theme's script sets when it comes, a
// second late, it sets before there is anything to restyle: each of these changes would have the
// browser style the whole page anew, with tens of thousands of boxes in it. And who uses a dark
// system sees no white page first.
(() => {
  const { body, documentElement: root, head } = document;
  root.classList.replace("no-js", "js");
  root.classList.add("js-focus-visible");
  root.setAttribute("data-js-focus-visible", "");

  if (!__md_get("__palette")) {
    const dark = matchMedia("(prefers-color-scheme: dark)").matches;
    body.setAttribute("data-md-color-scheme", dark ? "slate" : "default");
  }
  body.setAttribute("data-md-color-media", "(prefers-color-scheme)");
  // Colours that are there already do not move: the first switch needs no mark that stops them.
  body.setAttribute = (name, value) => {
    delete body.setAttribute;
    if (name !== "data-md-color-switching") body.setAttribute(name, value);
  };
  // Instant navigation wants whole addresses. A style sheet that gets one is applied anew.
  for (const sheet of head.querySelectorAll("link[rel=stylesheet]")) sheet.href = sheet.href;
  // The style sheet gives the root its scheme; the element that says it again is not needed.
  head.appendChild = (node) =>
    node.name === "color-scheme" ? node : Node.prototype.appendChild.call(head, node);
})();
