"""How docs/ becomes a site: `python3 develop.py docs`."""

project = "gold-standard-ml"
extensions = ["myst_parser"]
myst_heading_anchors = 3  # as Git hosts name them
html_theme = "alabaster"
html_theme_options = {"page_width": "60em", "sidebar_width": "16em", "show_powered_by": False}
html_sidebars = {"**": ["about.html", "navigation.html", "searchfield.html"]}
html_show_copyright = html_show_sourcelink = html_copy_source = False
html_use_index = False
