"""What is written down is the mathematics that is computed: parentheses, powers, axes."""

import ast
from html.parser import HTMLParser

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from glassnet.derivation.tidy import tidy
from glassnet.expressions import blocks
from glassnet.expressions.expression import (
    Expression,
    blocks_of,
    constant,
    evaluate,
    named,
    postorder,
    symbol,
    times_blocks,
    times_blocks_T,
)
from glassnet.expressions.latex import BREAKABLE, latex, latex_name
from glassnet.expressions.latex_words import latex_text
from glassnet.expressions.markup import markup, markup_name
from glassnet.expressions.notation import is_spread, plain, write

SHAPES = {"x": (5, 3), "y": (5, 3), "u": (5, 1), "v": (3,), "s": (), "M": (3, 3)}
NAMES = (
    "exp log log1p expm1 sqrt square tanh sign maximum minimum floor cos sin where sum max mean "
    "expand_dims ones_like logical_and logical_or logical_not concatenate"
)
NUMPY = {name: getattr(np, name) for name in NAMES.split()} | {"abs": np.abs, "pi": np.pi}
NUMPY |= {"block_diag": blocks.block_diag, "diag_blocks": blocks.diag_blocks}
TWO = [np.add, np.subtract, np.multiply, np.divide, np.maximum, np.power, np.matmul]
COMPARISONS = [np.greater, np.less_equal, np.equal, np.not_equal]
ONE = [np.negative, np.negative, np.tanh, np.sqrt, np.square, np.abs, np.expm1, np.log1p, np.transpose]


def value(name: str) -> np.ndarray:
    """Numbers that add up exactly: multiples of 1/8 between 1/2 and 2."""
    rng = np.random.default_rng(len(name) + ord(name[0]))
    return np.asarray(rng.integers(4, 17, SHAPES[name]) / 8, dtype=np.longdouble)


VALUES = {name: value(name) for name in SHAPES}
LEAVES = st.sampled_from([*SHAPES, -3.0, -0.5, 0.0, 1.0, 2.0, 0.1]).map(
    lambda item: symbol(item, SHAPES[item]) if isinstance(item, str) else constant(item)
)


def combined(children: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    axes = st.sampled_from([None, 0, 1])
    condition = st.tuples(st.sampled_from(COMPARISONS), children, st.just(constant(1.0))).map(built)
    both = st.tuples(st.sampled_from([np.logical_and, np.logical_or]), condition, condition).map(built)
    return st.one_of(
        st.tuples(st.sampled_from(ONE), children),
        st.tuples(st.sampled_from(TWO), children, children),
        st.tuples(st.sampled_from([np.where]), condition | both, children, children),
        st.tuples(st.sampled_from([np.sum, np.max, np.mean]), children, axes, st.booleans()),
        st.tuples(st.just(np.expand_dims), children, st.sampled_from([0, 1])),
        st.tuples(st.just(taken), children, st.sampled_from([(0,), (1, 2), (2, 0, 0)])),
        st.tuples(st.just(side_by_side), children, children),
        st.tuples(
            st.sampled_from([times_blocks, times_blocks_T, blocks_of]), children, children, st.sampled_from([1, 3])
        ),
    ).map(built)


def taken(a: Expression, columns: tuple[int, ...]) -> Expression:
    return a[:, columns] if a.ndim == 2 and a.shape[1] > 2 else a


def side_by_side(a: Expression, b: Expression) -> Expression:
    return np.concatenate((a, b), axis=1)


def built(parts: tuple) -> Expression:
    function, *args = parts
    arrays = [arg for arg in args if isinstance(arg, Expression)]
    if function in (np.sum, np.max, np.mean, np.expand_dims) and args[0].op == "constant":
        return args[0]  # Python writes a whole number as an int, whose powers are other than a float's
    try:
        with np.errstate(all="ignore"):
            if function in (np.sum, np.max, np.mean):
                return function(args[0], axis=args[1], keepdims=args[2])
            if function is np.expand_dims:
                return function(args[0], min(args[1], args[0].ndim))
            return function(*args)
    except ValueError:  # shapes that do not fit
        return arrays[-1]


EXPRESSIONS = st.recursive(LEAVES, combined, max_leaves=12).filter(lambda e: isinstance(e, Expression))


@given(EXPRESSIONS)
@settings(max_examples=250, deadline=None, derandomize=True)
def test_python_reads_the_plain_notation_as_the_same_numbers(expression):
    with np.errstate(all="ignore"):
        expected = np.asarray(evaluate(expression, VALUES))
        sizes = [np.max(np.abs(evaluate(node, VALUES)), initial=0) for node in postorder(expression)]
        assume(np.all(np.isfinite(sizes)) and max(sizes) < 1e6)
        for text in (plain(expression), plain(tidy(expression))):
            got = np.asarray(eval(text, {**NUMPY, "__builtins__": {}}, VALUES), dtype=np.longdouble)
            np.testing.assert_allclose(
                *np.broadcast_arrays(got, expected), rtol=1e-12, atol=1e-12 * max(1, *sizes), err_msg=text
            )


@given(EXPRESSIONS)
@settings(max_examples=150, deadline=None, derandomize=True)
def test_latex_and_html_are_well_formed(expression):
    text = latex(expression)
    assert text.count("{") == text.count("}")
    assert text.count(r"\left") == text.count(r"\right")
    assert "^{2}^{" not in text  # LaTeX refuses a double superscript
    assert r"\top}^{" not in text
    check_tags(markup(expression))


def check_tags(text: str) -> None:
    """Every tag that opens is closed, in order."""
    open_tags: list[str] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag, attrs):
            open_tags.append(tag)

        def handle_endtag(self, tag):
            assert open_tags.pop() == tag

    Reader().feed(text)
    assert not open_tags


x, y, v, s = (symbol(name, SHAPES[name]) for name in "xyvs")
z = symbol("z1", ("n", 3))
W, M, B = symbol("W1", (3, 2)), symbol("M", (3, 3)), symbol("B", (3, 1))


@pytest.mark.parametrize(
    ("expression", "written"),
    [
        (x - (y - v), "x - (y - v)"),
        (x + (y - v), "x + y - v"),
        (x / (y * v), "x / (y * v)"),
        (x * (y / v), "x * (y / v)"),
        (x / y * v, "x / y * v"),
        ((x + y) * v, "(x + y) * v"),
        ((x * y) @ W, "(x * y) @ W1"),
        (x * (y @ M), "x * (y @ M)"),
        ((-x) ** 2.0, "(-x)**2"),
        (-(x**2.0), "-x**2"),
        (x ** (-s), "x**(-s)"),
        ((x**s) ** 2.0, "(x**s)**2"),
        (x - (-y), "x - (-y)"),
        (-(x + y), "-(x + y)"),
        (-(x * y), "-x * y"),
        ((x + y).T, "(x + y).T"),
        (x * -3.0, "x * (-3)"),
        (np.logical_and(x > 1.0, y > 2.0), "(x > 1) & (y > 2)"),
        (np.max(x, axis=-1, keepdims=True), "max(x, axis=1, keepdims=True)"),
        (np.where(np.abs(x) >= 0.5, x, -x), "where(abs(x) >= 0.5, x, -x)"),
    ],
)
def test_parentheses_stand_where_mathematics_needs_them_and_nowhere_else(expression, written):
    assert plain(expression) == written
    ast.parse(written)


def test_a_sum_of_thousands_of_terms_is_written():
    """The mean of so many networks is one, and Python calls no more than a thousand functions inside each other."""
    found, terms = x, ["x"]
    for number in range(3000):
        found = found + (y * v if number % 2 else -s)
        terms.append("y * v" if number % 2 else "(-s)")
    assert plain(found) == " + ".join(terms)


@pytest.mark.parametrize(
    ("expression", "written"),
    [
        (x @ W, r"x\, W_{1}"),
        (x * y, r"x \odot y"),
        (s * x, r"s\, x"),
        (x * 2.0, r"2\, x"),
        (s * constant(2.0), r"2\, s"),
        ((x + y) / (x - y), r"\frac{x + y}{x - y}"),
        (np.exp(x) * (1.0 - y), r"\exp\left(x\right) \odot \left(1 - y\right)"),
        (x.sum(axis=0) * 2.0, r"2\, \left(\textstyle\sum_{\text{axis 0}} x\right)"),
        (symbol("l", ("n", 1)).sum() / symbol("n"), r"\frac{1}{n} \textstyle\sum \ell"),
        (x.T**2.0, r"\left(x^{\top}\right)^{2}"),
        (np.sqrt(np.abs(x) + 1e-8), r"\sqrt{\left|x\right| + 10^{-8}}"),
        (symbol("theta", (3,)) - symbol("lr") * symbol("g", (3,)), r"\theta - \eta\, g"),
    ],
)
def test_latex_is_what_a_book_would_print(expression, written):
    assert latex(expression) == written


def test_in_text_parentheses_may_be_broken_unless_a_fraction_is_inside():
    assert write((x + y) * v, BREAKABLE) == r"(x + y) \odot v"
    assert write((x / s + y) * v, BREAKABLE) == r"\left(\frac{x}{s} + y\right) \odot v"


@pytest.mark.parametrize(
    ("expression", "written"),
    [
        (x * y, "<i>x</i> ⊙ <i>y</i>"),
        (s * x, "<i>s</i>&#8202; <i>x</i>"),
        (s * (x * 20.5), "<i>s</i> · 20.5&#8202; <i>x</i>"),
        (x.sum(axis=0) * 2.0, "2&#8202; (Σ<sub>axis 0</sub> <i>x</i>)"),
        (np.max(x, axis=1), "max<sub>axis 1</sub>(<i>x</i>)"),
        (x.sum(), "Σ <i>x</i>"),
        (np.where(True, s, x) + x, "<i>s</i> + <i>x</i>"),
        (z.sum(axis=0), "Σ<sub>rows</sub> <i>z</i><sub>1</sub>"),
        (z.sum(axis=1), "Σ<sub>columns</sub> <i>z</i><sub>1</sub>"),
        ((x + y)[:, (1, 2)], "[<i>x</i> + <i>y</i>]<sub>:, 1:3</sub>"),
        (x[:, (2, 0)], "[<i>x</i>]<sub>:, [2, 0]</sub>"),
        (blocks_of(x, y, 3), "diagblocks<sub>3</sub>(<i>x</i><sup>⊤</sup>&#8202; <i>y</i>)"),
        (times_blocks(x @ M, B, 3), "<i>x</i>&#8202; <i>M</i>&#8202; blockdiag<sub>3</sub>(<i>B</i>)"),
        (times_blocks(x * y, B, 3), "(<i>x</i> ⊙ <i>y</i>)&#8202; blockdiag<sub>3</sub>(<i>B</i>)"),
        (times_blocks(x + y, B, 3), "(<i>x</i> + <i>y</i>)&#8202; blockdiag<sub>3</sub>(<i>B</i>)"),
    ],
)
def test_html_is_what_a_book_would_print(expression, written):
    assert markup(expression) == written


def test_names_that_differ_look_different():
    names = [
        "beta1",
        "beta_1",
        "gamma2",
        "z1",
        "dz1",
        "xhat1",
        "dxhat1",
        "l",
        "l1",
        "L",
        "L1",
        "lr",
        "eps",
        "m",
        "v",
        "v_max",
    ]
    names += ["g", "g_clip", "theta", "running_mean2", "mean2", "delta", "d", "dW1"]
    for name_of in (latex_name, markup_name):
        assert len({name_of(name) for name in names}) == len(names)


def test_a_choice_that_always_falls_on_the_first_repeats_it_whatever_it_is():
    assert is_spread(np.where(constant(1.0), 0.0, x))
    assert not is_spread(np.where(constant(0.0), 1.0, x))


def test_raised_and_lowered_signs_side_by_side_are_one_index():
    assert latex_text("10⁻²³, x₁₂ and a²b₁²") == "10$^{-23}$, x$_{12}$ and a$^{2}$b$_{1} ^{2}$"


def test_an_index_of_one_letter_is_slanted_and_a_word_is_upright():
    assert (latex_name("z_k"), latex_name("v_max")) == ("z_{k}", r"v_{\mathrm{max}}")
    assert (latex_name("l1"), latex_name("l2")) == (r"\lambda_{1}", r"\lambda_{2}")


def test_a_named_formula_is_written_by_its_name_unless_its_arithmetic_is_asked_for():
    bend = named(x / (1.0 + np.abs(x)), "bend", (x,))
    assert plain(bend * y) == "bend(x) * y"
    assert plain(bend * y, expand=True) == "x / (1 + abs(x)) * y"
    assert latex(bend) == r"\operatorname{bend}\left(x\right)"
    assert markup(bend) == "bend(<i>x</i>)"


def test_small_and_large_numbers_are_powers_of_ten():
    numbers = {
        1e-8: "10<sup>−8</sup>",
        2.5e-8: "2.5 · 10<sup>−8</sup>",
        1e20: "10<sup>20</sup>",
        -3e20: "−3 · 10<sup>20</sup>",
    }
    for value, text in numbers.items():
        assert markup(constant(value)) == text


def test_whole_numbers_have_no_point_and_others_read_back_as_they_are():
    numbers = {0.0: "0", 3.0: "3", -3.0: "-3", 0.1: "0.1", 1e15: "1000000000000000", 1e16: "1e+16"}
    assert {value: plain(constant(value)) for value in numbers} == numbers
    assert plain(constant(-0.0)) == "-0.0"


def test_nothing_a_name_contains_becomes_markup():
    assert "<script" not in markup(named(np.exp(x), "<script>alert(1)</script>", (x,)))
    assert "<script" not in markup(symbol("<script>alert(1)</script>"))
    assert "\\input" not in latex(symbol("\\input{secret}"))


def test_the_root_of_a_whole_number_is_written_as_a_root() -> None:
    x = symbol("x", SHAPES["x"])
    assert plain(x / 13.0**0.5 + 2.5) == "x / sqrt(13) + 2.5"
    assert plain(x / 4.0) == "x / 4"
    assert plain(x / np.nextafter(13.0**0.5, 4.0)) == "x / 3.6055512754639896"
    assert latex(x / 13.0**0.5) == r"\frac{x}{\sqrt{13}}"
    assert '√</span><span class="r">13<' in markup(x / 13.0**0.5)
