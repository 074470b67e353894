"""Makes the pages and pictures of the site that follow from the code."""
