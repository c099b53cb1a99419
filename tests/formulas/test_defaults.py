"""What a formula takes where an option is left out: the numbers of its papers, and of the libraries that agree."""

import inspect

from glassnet.formulas import activations, initializers, losses, schedules, updates

ADAM = {"beta1": 0.9, "beta2": 0.999, "eps": 1e-8}  # Kingma and Ba, 2015
DEFAULTS = {
    activations: {"leaky_relu": {"slope": 0.01}, "elu": {"alpha": 1.0}},
    initializers: {
        "uniform": {"low": -0.05, "high": 0.05},
        "normal": {"mean": 0.0, "std": 0.05},
        "orthogonal": {"gain": 1.0},
    },
    losses: {
        "squared": {"half": False},
        "huber": {"delta": 1.0},
        "quantile": {"q": 0.5},
        "poisson": {"deviance": False},
    },
    schedules: {
        "step": {"every": 10.0, "factor": 0.5},
        "exponential": {"decay": 0.95},
        "inverse_scaling": {"power": 0.5},
        "cosine": {"final": 0.0},
        "log_cosine": {"cycles": 4.0},
        "warm_up": {"start": 0.1},
    },
    updates: {
        "momentum": {"momentum": 0.9},
        "nesterov": {"momentum": 0.9},
        "adagrad": {"eps": 1e-10},
        "rmsprop": {"rho": 0.9, "eps": 1e-8},
        "adadelta": {"rho": 0.95, "eps": 1e-6},
        **dict.fromkeys(("adam", "adam_hat", "amsgrad", "nadam"), ADAM),
        "adamw": {**ADAM, "weight_decay": 0.01, "decayed": 1.0},
        "rprop": {"grow": 1.2, "shrink": 0.5, "smallest": 1e-6, "largest": 50.0},
    },
}


def test_every_default_of_a_formula_is_the_one_that_is_known_for_it():
    for module, known in DEFAULTS.items():
        found = {}
        for name, function in inspect.getmembers(module, inspect.isfunction):
            options = {
                option.name: option.default
                for option in inspect.signature(function).parameters.values()
                if option.default is not option.empty
            }
            if options and function.__module__ == module.__name__ and not name.startswith("_"):
                found[name] = options
        backward = {f"{name}_backward": options for name, options in known.items() if f"{name}_backward" in found}
        assert found == known | backward
