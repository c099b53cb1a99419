import glassnet as gn

X, y = gn.datasets.xor()
network = gn.Network(gn.Dense(4, "tanh"), gn.Dense(1, "sigmoid"), loss="squared")
model = gn.train(network, X, y, optimizer=gn.SGD(0.5), epochs=5_000, seed=0)

print(model.predict(X).round(2).ravel(), model["W2"].round(2).ravel())
print(model.derivation())
