"""Which columns a model needs: how much its error grows when a column is shuffled among the rows (Breiman, 2001).

An order to read them in:

    shuffling      a column's values given to other rows, what the errors are then, and how sure that is
    relations      columns that tell of each other, and hide each other's importance
    shuffled       what came of a column, or of several together
    importance     what came of all of them: a table to read
    measure        all of this for a model and its rows
"""

from glassnet.readings.importance.importance import Importance
from glassnet.readings.importance.shuffled import Shuffled

__all__ = ["Importance", "Shuffled"]
