// Makes elements and renews them in place. What is shown is text, never markup.

export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== undefined && child !== null && child !== false));
  return element;
}

export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

// The children of `parent` become those of `items`, in their order. What is there already stays, so that focus and
// scroll position do; each child has a method `renew(item)`.
export function renew(parent, items, keyOf, make) {
  const keys = new Set(items.map((item) => String(keyOf(item))));
  const known = new Map();
  for (const child of [...parent.children]) {
    if (keys.has(child.dataset.key)) known.set(child.dataset.key, child);
    else child.remove();
  }
  let next = parent.firstElementChild;
  for (const item of items) {
    const key = String(keyOf(item));
    const child = known.get(key) ?? make(item);
    child.dataset.key = key;
    child.renew(item);
    if (child === next) next = next.nextElementSibling;
    else parent.insertBefore(child, next);
  }
}

export function button(text, onclick, props = {}) {
  return h("button", { type: "button", onclick, ...props }, text);
}

export function notice(text, kind = "good") {
  const element = h("p", { class: `notice ${kind}`, role: kind === "bad" ? "alert" : undefined }, text);
  const notices = document.getElementById("notices");
  notices.append(element);
  while (notices.children.length > 3) notices.firstElementChild.remove();
  setTimeout(() => element.remove(), kind === "bad" ? 10000 : 4000);
}

// Asks once; true for yes. Escape and Cancel are no.
export function confirmed(question, yes) {
  return asked(h("p", {}, question), [
    h("button", { value: "", autofocus: true }, "Cancel"),
    h("button", { value: "yes", class: "danger" }, yes),
  ]).then((answer) => answer === "yes");
}

// The value of the button that closed a dialog; empty for none.
export function asked(content, buttons) {
  return new Promise((resolve) => {
    const close = (event) => {
      event.preventDefault();
      dialog.close(event.submitter?.value ?? "");
    };
    const dialog = h("dialog", {}, h("form", { onsubmit: close }, content, h("div", { class: "buttons" }, buttons)));
    const before = document.activeElement;
    dialog.addEventListener("close", () => {
      dialog.remove();
      before?.focus?.();
      resolve(dialog.returnValue);
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}

// `text` is what is copied, or a function that gives it.
export function copyButton(text, label = "Copy", props = {}) {
  return button(label, () => copy(typeof text === "function" ? text() : text), { class: "quiet", ...props });
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    notice("Copied.");
  } catch {
    notice(copiedTheOldWay(text) ? "Copied." : "The browser did not let the page copy.", "good");
  }
}

// Where a page is not served from this machine or by TLS there is no clipboard object.
function copiedTheOldWay(text) {
  const area = h("textarea", { class: "offscreen", "aria-hidden": "true" });
  document.body.append(area);
  area.value = text;
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  return done;
}

export function download(blob, name) {
  const link = h("a", { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
