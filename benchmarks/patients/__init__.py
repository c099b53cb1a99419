"""A museum of mistakes: sick networks, healthy ones and odd ones, by which the doctor is measured.

`benchmarks/doctor.py` is the command. In the order of reading:

    patient           what one is, and the names of causes
    plane, rows       what they learn from, made up
    plan, faults      a sound network on circles or blobs as one record; one change each that makes it sick
    sick, several     plans with a fault put in, or with two or three
    asked             networks as somebody asked about them, and as the answer has them; they are in
    asked_gates, asked_curves, asked_classes, asked_training
    healthy, of_tables    networks that learn as well as others do
    odd, lucky        those that look wrong and are not; and where there is nothing to be learnt, or luck decides
    patients          all of them
    trained           whether a patient is what it is said to be
    scoring, telling  what the doctor said, beside what is true, and that as a page

Nothing here was written with an eye on how the doctor works; who works on the doctor looks at the half "dev" alone.
"""
