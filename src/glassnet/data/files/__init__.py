"""Model files: safetensors with a JSON header. No pickle: a file can hold numbers and words, never code.

atomic.py       a file is written whole or not at all
path.py         what a path must be
pipes.py        named pipes and devices, which make whoever opens them wait, or read for ever
endings.py      which kind of file a name asks for
strict.py       JSON that means one thing
fields.py       what its values must be, and where in the file they stand
version.py      which glassnet wrote the file
foreign.py      what a file is that is no model
header.py       the header, held against the file's length
model_file.py   a description and tensors, written and read
"""

from glassnet.data.files.atomic import write_atomically
from glassnet.data.files.endings import ending
from glassnet.data.files.fields import take
from glassnet.data.files.model_file import (
    FORMAT,
    ModelFile,
    Told,
    naming_file,
    open_model_file,
    read_model_file,
    write_model_file,
)
from glassnet.data.files.strict import JSON, strict_json

__all__ = [
    "FORMAT",
    "JSON",
    "ModelFile",
    "Told",
    "ending",
    "naming_file",
    "open_model_file",
    "read_model_file",
    "strict_json",
    "take",
    "write_atomically",
    "write_model_file",
]
