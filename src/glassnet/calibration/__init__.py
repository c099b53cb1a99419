"""How far predictions can be trusted, learnt from rows that trained nothing: temperature, intervals, sets.

An order to read them in:

    temperature     probabilities made softer or sharper by one number
    conformal       how far predictions were from the truth, and how far the next one will be
    predicted       predictions with their intervals, or with sets of classes
    calibration     both, learnt from what was predicted and what was true
"""
