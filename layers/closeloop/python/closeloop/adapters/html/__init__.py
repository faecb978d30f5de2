"""How a page looks: one template, one style sheet, and one small script."""
