"""A network as a stand-alone program: its derivation written in another language, data contract and self-test included.

Nothing here knows a formula of a layer, loss or optimizer: every language writes the same steps (`plan.py`).

What a program has, and in which order, is decided once, in `skeleton.py`. A language that is text supplies what
`emitters.py` asks for: its texts, the words that are filled into them, and how it writes numbers, functions and
training; and `run`, which starts a program with the language's own tool and hears what it says. Languages without
arrays share their emitters, and supply a `Dialect` (`c_family/dialect.py`). A new one gets its line in `languages.py`;
the random networks of the tests then try it.
"""

from glassnet.readings.eject.ejected import Ejected, eject
from glassnet.readings.eject.languages import LANGUAGES, language_name

__all__ = ["LANGUAGES", "Ejected", "eject", "language_name"]
