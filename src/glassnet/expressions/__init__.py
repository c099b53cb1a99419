"""The language that formulas turn into when they are traced: expressions, their slopes, their notation.

An order to read them in:

    node, expression        what an expression is, and what NumPy's functions do when they are called with one
    blocks                  products of each column with a matrix of its own, for arrays
    numbering               which expressions are the same
    element                 one number of an array expression, as an expression of single numbers
    differentiate           the chain rule, for formulas that come without a derivative
    notation, glyphs        an expression as people write it on one line, and names as they are printed
    latex, markup           the same in LaTeX and in HTML
    latex_words             words beside them in LaTeX
"""
