// The quiz: each line of a backward pass is a button, and what was found is kept in the browser.
// Without scripts the lines are a list, and the answer is folded below it.
"use strict";

const QUIZ = "bpttcheck.quiz";

function found() {
  try {
    return new Set(JSON.parse(localStorage.getItem(QUIZ) ?? "[]"));
  } catch {
    return new Set(); // nothing may be kept here, or it is not ours
  }
}

function keep(names) {
  try {
    localStorage.setItem(QUIZ, JSON.stringify([...names]));
  } catch {
    // then it is forgotten with the page
  }
}

function ask(list, report) {
  const { answer, name } = list.dataset;
  const says = document.createElement("p");
  says.className = "quiz-says";
  says.setAttribute("role", "status");
  list.after(says);
  const buttons = [...list.querySelectorAll("code")].map((code, line) => {
    const button = document.createElement("button");
    button.type = "button";
    code.replaceWith(button);
    button.append(code);
    button.addEventListener("click", () => {
      const right = line === Number(answer);
      button.dataset.tried = right ? "found" : "right line";
      says.textContent = right ? `✓ Line ${line + 1} is the one.` : `Line ${line + 1} is right.`;
      if (!right) return;
      says.nextElementSibling.open = true;
      report(name);
    });
    return button;
  });
  if (found().has(name)) {
    buttons[answer].dataset.tried = "found";
    says.textContent = `✓ Found: line ${Number(answer) + 1}.`;
  }
}

document$.subscribe(() => {
  const place = document.querySelector(".quiz-progress:empty");
  if (!place) return;
  const lists = [...document.querySelectorAll("ol.quiz")];
  const names = lists.map((list) => list.dataset.name);
  const count = document.createElement("output");
  const again = document.createElement("button");
  again.type = "button";
  again.textContent = "Start again";
  place.append(count, again);
  const tell = () => {
    const known = found();
    const number = names.filter((name) => known.has(name)).length;
    count.textContent = `${number} of ${names.length} found`;
    again.hidden = number === 0;
  };
  again.addEventListener("click", () => {
    keep([]);
    for (const button of document.querySelectorAll("ol.quiz button")) delete button.dataset.tried;
    for (const says of document.querySelectorAll(".quiz-says")) says.textContent = "";
    for (const details of document.querySelectorAll(".quiz-says + details")) details.open = false;
    tell();
  });
  for (const list of lists) {
    ask(list, (name) => {
      keep(found().add(name));
      tell();
    });
  }
  tell();
});
