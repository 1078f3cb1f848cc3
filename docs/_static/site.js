// What the theme leaves out for people who do not see the page or do not use a mouse.
document.addEventListener("DOMContentLoaded", () => {
  const all = (selector, change) => document.querySelectorAll(selector).forEach(change);
  all(".caption[role=heading]", (caption) => caption.setAttribute("aria-level", "2"));
  all(".sidebar-drawer", (side) => side.setAttribute("aria-label", "Pages"));
  all(".toc-drawer", (side) => side.setAttribute("aria-label", "On this page"));
  all("pre, .table-wrapper", (wide) => wide.setAttribute("tabindex", "0"));
  all("th", (head) => head.textContent.trim() || head.replaceWith(document.createElement("td")));
});
