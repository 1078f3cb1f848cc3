// Tables that are renewed in place; where rows open something, the arrow keys go from one to the next.

import { h, renew, setText } from "./dom.js";

// `columns` are {head, cell, kind}; `cell(item, before)` gives a text or an element. What is equal stays in place; where
// that is not to be seen, since it has a state of its own, `cell` gives the element from before.
// With `href` the first cell of a row is a link, and a click anywhere in the row follows it.
export function table(label, columns, { keyOf, href }) {
  const body = h("tbody", { role: "rowgroup" });
  const heads = columns.map(({ head, kind }) => h("th", { role: "columnheader", scope: "col", class: kind }, h("span", {}, head)));
  const element = h("table", { role: "table", "aria-label": label },
    h("thead", { role: "rowgroup" }, h("tr", { role: "row" }, heads)), body);
  const make = () => row(columns, href);
  if (href) followKeys(body);
  return {
    element,
    show(items) {
      renew(body, items, keyOf, make);
      if (href && !body.querySelector('a.opens[tabindex="0"]')) body.querySelector("a.opens")?.setAttribute("tabindex", "0");
    },
    mark(key) {
      for (const each of body.children) each.classList.toggle("chosen", each.dataset.key === key);
    },
    focus(key) {
      body.querySelector(`tr[data-key="${CSS.escape(key)}"] a.opens`)?.focus();
    },
  };
}

function row(columns, href) {
  const cells = columns.map(({ head, kind }) => h("td", { role: "cell", "data-head": head, class: kind }));
  const element = h("tr", { role: "row" }, cells);
  const link = href && h("a", { class: "opens", tabindex: "-1" });
  if (link) {
    cells[0].append(link);
    element.addEventListener("click", (event) => event.target.closest("a, button") || link.click());
  }
  element.renew = (item) => {
    element.item = item;
    if (link) link.setAttribute("href", href(item));
    columns.forEach(({ cell }, index) => {
      const place = link && index === 0 ? link : cells[index];
      const content = cell(item, place.firstElementChild);
      if (typeof content === "string") setText(place, content);
      else if (!place.firstChild?.isEqualNode(content)) place.replaceChildren(content);
    });
  };
  return element;
}

function followKeys(body) {
  body.addEventListener("keydown", (event) => {
    const links = [...body.querySelectorAll("a.opens")];
    const at = links.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: links.length - 1 }[event.key];
    if (at < 0 || to === undefined) return;
    event.preventDefault();
    links[Math.min(Math.max(to, 0), links.length - 1)].focus();
  });
  body.addEventListener("focusin", (event) => {
    if (!event.target.matches("a.opens")) return;
    for (const each of body.querySelectorAll('a.opens[tabindex="0"]')) each.setAttribute("tabindex", "-1");
    event.target.setAttribute("tabindex", "0");
  });
}
