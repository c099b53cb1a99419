"""Models as files: `save` and `load_state`. A file holds numbers and words, never code.

The format is that of `glassnet.data.files`: safetensors, with a JSON description in its header. This package says
what stands in the description, writes it, and reads it back so that nothing unexpected gets past:

    formula.py     a function of one's own, as the list of its operations
    functions.py   activations, losses, initializers
    structure.py   layers, the network
    progress.py    optimizer, random numbers, history: what going on needs
    training.py    what train was told, and the place in a training that is not at its end
    calibration.py what was learnt about how far predictions can be trusted
    whole.py       the model's state: save and load_state
    name.py        what a file of a model may be called
"""

from glassnet.model.saving.whole import load_state, save

__all__ = ["load_state", "save"]
