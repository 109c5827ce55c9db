"""Reports as PDF: the same views and texts as the pages, set by Typst."""
