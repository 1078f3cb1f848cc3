"""Sphinx's settings for the pages that tools/site_pages.py lays into build/docs; `make docs` builds them."""

project = "immuta-contract-kit"
author = "the immuta-contract-kit authors"
copyright = author  # noqa: A001  # Sphinx's name for it
extensions = ["myst_parser", "sphinx_copybutton"]
nitpicky = True

myst_heading_anchors = 3
myst_enable_extensions = ["attrs_inline"]
myst_url_schemes = {
    "http": None,
    "https": None,
    "operation": {"url": "reference/index.html#/{{path}}", "title": "In the API reference"},
    "beside": "reference/{{path}}",
}
copybutton_prompt_text = "$ "
copybutton_line_continuation_character = "\\"

html_theme = "furo"
html_title = project
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_js_files = ["site.js"]
html_use_index = False
html_favicon = "_static/favicon.svg"
html_extra_path = ["_extra"]
html_show_sourcelink = False
html_copy_source = False
html_show_copyright = False
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#00594f", "color-brand-content": "#00695c"},
    "dark_css_variables": {"color-brand-primary": "#6fd3c3", "color-brand-content": "#6fd3c3"},
}
