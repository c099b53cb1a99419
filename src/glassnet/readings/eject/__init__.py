"""A network as a stand-alone program: its derivation written in another language, data contract and self-test included.

Nothing here knows a formula of a layer, loss or optimizer: every language writes the same steps (`plan.py`).
"""

from glassnet.readings.eject.ejected import Ejected, eject
from glassnet.readings.eject.languages import LANGUAGES

__all__ = ["LANGUAGES", "Ejected", "eject"]
