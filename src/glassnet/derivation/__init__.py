"""A network read as steps: forward, loss, backward, update, each with its formula, its shape and its reason.

An order to read them in:

    steps                           what a derivation is: an ordered list of named steps
    derive                          how it is made: the layers' own code, called with symbols
    writing, reasons, update        names for steps, words for reasons, the step of the optimizer
    straight                        members of an ensemble beside each other, without a detour
    report, assigned                what a batch counts in an epoch's loss; when new values replace old ones
    walk                            a derivation computed as it is written
    contents, tidy                  what its page says, with formulas as one would write them by hand
    page, latex_page, html_page     the page as text, LaTeX, HTML
    theme                           what pages look like, light and dark, on their own and in notebooks
    latex_article, json_page        as a LaTeX document of its own, and for programs
    written                         steps and page together, as people meet them
"""
