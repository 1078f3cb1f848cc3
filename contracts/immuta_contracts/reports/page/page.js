// An extra: the page says all it has to say without it.
const all = (selector, within = document) => [...within.querySelectorAll(selector)];

for (const line of all("pre.curl")) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Copy";
  button.addEventListener("click", async () => {
    getSelection().selectAllChildren(line);
    await navigator.clipboard?.writeText(line.textContent).then(() => (button.textContent = "Copied"), () => (button.textContent = "Selected"));
  });
  line.before(button);
}

const finder = (form) => {
  const families = all("details.family").map((family) => [family, family.open]);
  const entries = all("[data-standing]").map((element) => ({
    element,
    text: `${element.dataset.words ?? ""} ${element.textContent}`.toLowerCase(),
  }));
  const find = () => {
    const words = form.words.value.toLowerCase().split(/\s+/).filter(Boolean);
    const standing = form.standing.value;
    for (const { element, text } of entries)
      element.hidden = (standing && element.dataset.standing !== standing) || !words.every((word) => text.includes(word));
    for (const [family, open] of families) {
      family.hidden = !family.querySelector("tbody tr:not([hidden])");
      family.open = open || Boolean(words.length || standing);
    }
    const count = (what) => all(`${what}:not([hidden])`).length;
    form.querySelector("output").textContent = `promises: ${count("tr[data-standing]")}, failures: ${count(".failure")}`;
  };
  form.addEventListener("input", find);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.hidden = false;
  find();
};
all("form").forEach(finder);

const open = () => {
  const target = location.hash && document.getElementById(location.hash.slice(1));
  if (target && target.tagName === "DETAILS") target.open = true;
};
addEventListener("hashchange", open);
addEventListener("beforeprint", () => all("details:not(.other)").forEach((each) => (each.open = true)));
open();
