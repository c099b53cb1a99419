"""Makes updates_by_optax.json: four steps of each rule, by optax, for test_updates.py to compare with.

pip install optax && python tests/formulas/updates_by_optax.py
"""

import json
from pathlib import Path

THETA = [1.0, 2.0, -3.0]
GRADIENTS = [[0.5, -2.0, 3.0], [0.25, 1.0, -3.0], [-1.5, 0.5, -0.25], [2.0, 0.125, -0.5]]


def main() -> None:
    import jax
    import optax

    jax.config.update("jax_enable_x64", True)
    betas = {"b1": 0.8, "b2": 0.9, "eps": 1e-3}
    rules = {
        "sgd": optax.sgd(0.1),
        "momentum": optax.sgd(0.1, momentum=0.8),
        "nesterov": optax.sgd(0.1, momentum=0.8, nesterov=True),
        "adagrad": optax.adagrad(0.1, initial_accumulator_value=0.0, eps=0.0),
        "rmsprop": optax.rmsprop(0.1, decay=0.8, eps=1e-3, eps_in_sqrt=False),
        "adadelta": optax.adadelta(0.5, rho=0.8, eps=1e-3),
        "adam": optax.adam(0.1, **betas),
        "nadam": optax.nadam(0.1, **betas),
        "adamw": optax.adamw(0.1, **betas, weight_decay=0.2),
    }
    steps = {}
    for name, rule in rules.items():
        theta = jax.numpy.array(THETA)
        state = rule.init(theta)
        steps[name] = []
        for g in GRADIENTS:
            change, state = rule.update(jax.numpy.array(g), state, theta)
            theta = optax.apply_updates(theta, change)
            steps[name].append(theta.tolist())
    made = {"optax": optax.__version__, "theta": THETA, "gradients": GRADIENTS, "steps": steps}
    Path(__file__).with_suffix(".json").write_text(json.dumps(made, indent=1) + "\n")


if __name__ == "__main__":
    main()
