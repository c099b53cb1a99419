"""What a person asks of a model: explain it, take it along, check it, draw it. Each reads the derivation."""
