"""A network as a spreadsheet with live formulas."""
