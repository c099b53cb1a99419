import glassnet as gn

X, y = gn.datasets.tychobra()
uniform = gn.initializer("uniform", low=0, high=1)
hidden = gn.Dense(4, "sigmoid", bias=False, weights=uniform)
output = gn.Dense(1, "sigmoid", bias=False, weights=uniform)
network = gn.Network(hidden, output, loss=gn.loss("squared", reduction="sum"))
model = gn.train(network, X, y, optimizer=gn.SGD(1), epochs=1500, batch_size=None, seed=0)
for predicted, actual in zip(model.predict(X), y, strict=True):
    print(f"{predicted.item():.3f} {actual.item():.0f}")
