import glassnet as gn

network = gn.Network(gn.Dense(3, "tanh"), gn.Dense())
model = gn.train(network, gn.datasets.penguins(), target="species", exclude=["year"], seed=0)
for language in ("numpy", "r", "javascript", "c", "xlsx", "onnx"):
    print(model.eject(language).verify())
