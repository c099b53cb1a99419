import glassnet as gn

X, y = gn.datasets.circles(400)
network = gn.Network(gn.Dense(16), gn.Dense(1), loss="binary_cross_entropy")
print(gn.diagnose(network, X, y, optimizer=gn.SGD(0.0001), epochs=100))
