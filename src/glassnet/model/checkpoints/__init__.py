"""Trainings that are kept in a folder, so that none is lost: `glassnet.checkpoints`.

folder.py       a folder of checkpoints: who has it, and which training is the next
series.py       the files of one training: how it began, and where it was now and then
spent.py        what keeping has taken of the time, and whether that allows to write
differences.py  in what two beginnings differ, in words
evaluations.py  what an objective said, by which a fit of SciPy's goes on
kept.py         a training by `carry_out`, kept and gone on with
many.py         those of `train_many`
"""

from glassnet.model.checkpoints.folder import checkpoints

__all__ = ["checkpoints"]
