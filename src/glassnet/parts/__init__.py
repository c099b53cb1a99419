"""The parts a network is made of: activations, layers, losses, and what its training needs, all frozen."""
