// A filter for the ledger of claims: by source and by verdict. Without scripts the page is the
// whole list. What is chosen stands in the address, so that it can be linked.
"use strict";

const LEDGER = { source: "Source", verdict: "Verdict" };

function facts(element, name) {
  const mark = element.querySelector('[class^="verdict-"]');
  return { source: name.split(".")[0], verdict: mark.textContent };
}

// An entry is a heading and all that follows it, up to the next one.
function entry(heading) {
  const parts = [heading];
  for (let next = heading.nextElementSibling; next; next = next.nextElementSibling) {
    if (/^H[123]$/.test(next.tagName)) break;
    parts.push(next);
  }
  return parts;
}

function select(label, values, chosen) {
  const field = document.createElement("label");
  const list = document.createElement("select");
  for (const value of ["all", ...values]) list.add(new Option(value, value));
  list.value = values.includes(chosen) ? chosen : "all";
  field.append(`${label} `, list);
  return [field, list];
}

function filterLedger(ledger) {
  const rows = [...ledger.querySelectorAll("tbody tr")].map((row) => ({
    parts: [row],
    counts: true,
    ...facts(row, row.querySelector("a").textContent),
  }));
  const entries = [...document.querySelectorAll(".md-content h3[id]")].map((heading) => ({
    parts: entry(heading),
    ...facts(heading, heading.id),
  }));
  const sections = [...document.querySelectorAll(".md-content h2[id]")].map((heading) => ({
    parts: entry(heading),
    source: heading.id,
  }));

  const form = document.createElement("form");
  form.className = "ledger-filter";
  form.setAttribute("role", "search");
  form.setAttribute("aria-label", "Filter the claims");
  const address = new URLSearchParams(location.search);
  const lists = {};
  for (const [key, label] of Object.entries(LEDGER)) {
    const values = [...new Set(rows.map((row) => row[key]))];
    const [field, list] = select(label, values, address.get(key));
    lists[key] = list;
    form.append(field);
  }
  const count = document.createElement("output");
  form.append(count);

  function apply() {
    const wanted = Object.entries(lists).filter(([, list]) => list.value !== "all");
    const fits = (item) => wanted.every(([key, list]) => item[key] === list.value);
    for (const item of [...rows, ...entries]) {
      for (const part of item.parts) part.hidden = !fits(item);
    }
    for (const section of sections) {
      const any = rows.some((row) => row.source === section.source && fits(row));
      for (const part of section.parts) part.hidden = !any;
    }
    count.textContent = `${rows.filter(fits).length} of ${rows.length} claims`;
    const next = new URL(location.href);
    for (const key of Object.keys(lists)) next.searchParams.delete(key);
    for (const [key, list] of wanted) next.searchParams.set(key, list.value);
    history.replaceState(history.state, "", next);
  }

  form.addEventListener("change", apply);
  form.addEventListener("submit", (event) => event.preventDefault());
  document.querySelector(".ledger-place").append(form);
  apply();
}

document$.subscribe(() => {
  const ledger = document.querySelector(".ledger");
  if (ledger && !document.querySelector(".ledger-filter")) filterLedger(ledger);
});
