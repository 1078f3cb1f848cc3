// Shows the document, light or dark as the other pages are, with the key of the mock's owner filled in.
const dark = matchMedia("(prefers-color-scheme: dark)");
const stored = () => { try { return localStorage.getItem("theme"); } catch { return null; } };
const paint = () => {
  const theme = stored();
  document.documentElement.classList.toggle("dark-mode", theme === "dark" || (theme !== "light" && dark.matches));
};
paint();
dark.addEventListener("change", paint);
const ui = SwaggerUIBundle({
  spec: DOCUMENT,
  dom_id: "#reference",
  deepLinking: true,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  filter: true,
  tryItOutEnabled: true,
  validatorUrl: null,
  onComplete: () => ui.preauthorizeApiKey("apiKey", "owner-key-local-only"),
});
