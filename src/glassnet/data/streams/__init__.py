"""Tables that are read part by part: what does not fit into memory, and what has no end in sight.

An order to read them in:

    places      a number drawn for each row from its place: which rows are held out, which make up a sample
    parts       a part of a table, and what is said where parts do not fit together
    source      what can be read part by part, and whether it has changed meanwhile
    csv_parts, parquet_parts, frame_parts   files, and lazy frames of libraries
    named       which of them a path, a pattern or a frame is
    ahead       the next part is read while the last one is used
    stream      how people name it
    asked       what is asked of it
    seen        what was counted of parts so far, and a sample of their rows
    kept        a first reading in a folder, to go on with
    spool       parts in a file, for a second reading that is quicker than the first
    learning    the first reading: all of it
"""
