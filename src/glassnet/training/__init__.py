"""The training loop: batches through an engine, and events out of it.

An order to read them in:

    state, contract                 all that must be kept, at every step; what its data mean for a network
    answering, evaluating           what it says of rows beside a prediction, and how good that is
    part_by_part, evaluating_parts  the same of a table that is read part by part:
    scores_by_parts                 what is kept of such rows to score them
    freezing                        weights that training leaves as they are
    place, start, generator         parts of a state: where in the rows it is, where it began, what it draws from
    splitting                       which rows are held out
    encoding, making, prepared      rows as a network takes them; a new model; both, and what they were drawn by
    preparing, fingerprint          from what a user gives to a state and its rows; which rows these are
    streaming, reading_line         the same from a table that is read part by part
    temporary, store, blocks        a folder for a while; rows in a file, chunk by chunk; the way through them
    on_rows                         starting numbers that look at the training rows
    recipes                         all that is decided about a network before a table is seen
    by_turns                        members of an ensemble, each with other rows held out
    ensemble                        several states as one, whose network is all of theirs
    keywords                        those of one function that another one knows
    settings, begin                 how to train, and a training on its way, begun or gone on with
    summed, lbfgs                   the loss of all rows from pieces of them, and its minimum by L-BFGS
    steps, rows, engine             a network on its way, the way through the rows, what is needed of an engine
    taker                           what takes steps, through rows or blocks of them, as the loop sees it
    needs                           what memory a training takes
    numpy_steps, compiled_steps     the two engines as the loop sees them
    trials                          steps taken to see how long they take
    choice, many_rows               which of them trains, and why; which predicts many rows
    lanes                           an engine for many networks of one structure, side by side:
    written_out_lanes               for networks of very few numbers, compiled for each structure,
    interpreted_lanes               and for any, compiled once
    workers                         the threads in which they are at work
    many                            many runs: settings, folds, seeds
    loop, events, stopping          epochs, what is said after each, and when to stop
    history, columns, curves        what happened, as a table and as a picture
    metrics, class_metrics          scores of predictions, of classes among them
    reliability                     how often what is said comes true
    share                           a share of n, and how sure it is
    card, card_picture              what a recipe was chosen from, as a picture
    progress                        a line on the terminal or in a notebook
    calibrating                     rows that tell how far predictions can be trusted
    divergence                      why a loss stopped being finite
    alone                           that no two threads train one model
"""
