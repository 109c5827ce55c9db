"""Charts as plain SVG: shapes carry classes, colours live in the page's style sheet."""
