import glassnet as gn

X, y = gn.datasets.xor()
network = gn.Network(gn.Dense(2, "sigmoid"), gn.Dense(1, "sigmoid"), loss="squared")
model = gn.train(network, X, y, optimizer=gn.Adam(0.1), epochs=100, seed=1)

explanation = model.explain(X[1], y[1], finite_differences=True)
print(explanation)
print(explanation["dW1"][1, 0])
