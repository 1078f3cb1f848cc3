// Pieces that several views are made of.

import { copyButton, h } from "./dom.js";
import { json } from "./format.js";

export function heading(title, ...tools) {
  return h("div", { class: "heading" }, h("h2", {}, title), h("div", { class: "tools" }, tools));
}

export function filterField(label, oninput) {
  return h("input", { type: "search", class: "filter", placeholder: label, "aria-label": label, oninput });
}

export function facts(pairs) {
  const shown = pairs.filter(([, value]) => value !== undefined && value !== null && value !== "");
  return h("dl", { class: "facts" }, shown.flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]));
}

export function jsonBlock(title, value, { open = true } = {}) {
  return h("details", { open }, h("summary", {}, title), h("pre", { tabindex: "0", "aria-label": title }, json(value)));
}

// A line for a shell; `withKey` gives the line with a user's key in it, which is copied and not shown.
export function shellLine(line, withKey, user) {
  const copies = [copyButton(line)];
  if (withKey) copies.push(copyButton(withKey, `Copy with ${user}'s key`));
  return h("div", { class: "shell" }, h("pre", { tabindex: "0", "aria-label": "Command line" }, line), h("div", { class: "tools" }, copies));
}

export function empty(...content) {
  return h("div", { class: "empty" }, content);
}

export const chip = (text, kind = "") => h("span", { class: `chip ${kind}` }, text);

// A list with a panel beside it for what is chosen; Escape closes the panel. `close()` is called then.
export function listAndPanel(list, label, close) {
  const panel = h("aside", { "aria-label": label, tabindex: "-1", hidden: true });
  const element = h("div", { class: "split" }, h("div", { class: "list" }, list), panel);
  const closing = h("button", { type: "button", class: "quiet close", onclick: close, "aria-label": "Close" }, "Close");
  element.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !panel.hidden) close();
  });
  let shown = "";
  return {
    element,
    // `signature` says whether what is shown has changed.
    show(signature, title, content) {
      if (signature === shown) return;
      const isOther = signature.split("\n", 1)[0] !== shown.split("\n", 1)[0];
      shown = signature;
      panel.replaceChildren(h("div", { class: "heading" }, h("h3", { tabindex: "-1" }, title), closing), ...content());
      panel.hidden = false;
      element.classList.add("open");
      if (isOther) panel.scrollTop = 0;
      if (isOther && element.isConnected) panel.querySelector("h3").focus({ preventScroll: matchMedia("(min-width: 900px)").matches });
    },
    hide() {
      shown = "";
      panel.hidden = true;
      element.classList.remove("open");
    },
  };
}
