"""How good the predictions of glassnet and of others are, table by table: `benchmarks/tables.py` is the command.

In the order of reading: `problems` (the tables and their splits), `frames` (a table as others want it), `rivals` (who
takes part), `scores` (errors), `measuring` (one result), `pooled` (what many results say), `telling`, `picture`; and of
`benchmarks/cards.py` `judged` (score cards beside the truth).
"""
