"""A museum of mistakes: sick networks, healthy ones and odd ones, by which the doctor is measured.

`benchmarks/doctor.py` is the command. In the order of reading: `patient` (what one is, and the names of causes),
`plane` (points in the plane), `plan` (a network and its training as one record), `faults` (one change each that makes a
plan sick), `sick` (plans with a fault put in), `trained` (whether a patient is what it is said to be), `scoring` (what
the doctor said, beside what is true), `telling` (that as a page).

Nothing here was written with an eye on how the doctor works; who works on the doctor looks at the half "dev" alone.
"""
