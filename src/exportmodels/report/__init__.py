"""The report: figures, tables, findings and the page."""
