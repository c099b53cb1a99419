"""scikit-learn's three policies for the learning rate of gradient descent."""

from __future__ import annotations

from dataclasses import dataclass

SMALLEST = 1e-6  # an adaptive rate that is no larger is not divided again


@dataclass(kw_only=True)
class LearningRate:
    """The learning rate of one training, as it goes on.

    Attributes
    ----------
    learning_rate
        That of the next epoch.
    initial, power
        What "invscaling" starts from, and the power of the number of rows seen that it divides by.
    policy
        "constant", "invscaling" or "adaptive".
    epochs
        How many there were.
    """

    learning_rate: float
    initial: float
    policy: str
    power: float
    epochs: int = 0

    def following(self, initial: float, policy: str, power: float) -> LearningRate:
        """The same, going on by parameters that may have changed; a new initial rate is the rate from here on."""
        rate = self.learning_rate if initial == self.initial else initial
        return LearningRate(learning_rate=rate, initial=initial, policy=policy, power=power, epochs=self.epochs)

    def epoch_ends(self, rows_seen: int) -> None:
        """After each epoch."""
        self.epochs += 1
        if self.policy == "invscaling":
            self.learning_rate = self.initial / (rows_seen + 1) ** self.power

    def goes_on(self) -> tuple[bool, str]:
        """When there is no progress any more: whether to go on, with a smaller rate, and what to tell about it."""
        if self.policy != "adaptive":
            return False, "Stopping."
        if self.learning_rate <= SMALLEST:
            return False, "Learning rate too small. Stopping."
        self.learning_rate /= 5.0
        return True, f"Setting learning rate to {self.learning_rate:f}"
