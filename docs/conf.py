"""The site: `sphinx-build -W docs OUT`. CONTRIBUTING.md says what it is made with, and why."""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from docs.generate import links  # noqa: E402
from docs.generate.build import write_all  # noqa: E402

project = "accelsim"
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
root_doc = "index"
exclude_patterns = ["generate"]

myst_heading_anchors = 3
myst_enable_extensions = ["deflist"]

autodoc_typehints = "description"
autodoc_typehints_description_target = "documented_params"
autodoc_member_order = "bysource"

html_theme = "furo"
html_title = "accelsim"
html_show_sourcelink = False
html_static_path = ["static"]
html_css_files = ["site.css"]
smartquotes = False


def setup(app):
    """Write what is made from the code before Sphinx reads, and look at links."""
    app.connect("builder-inited", lambda _app: write_all(HERE))
    links.add_to(app)
