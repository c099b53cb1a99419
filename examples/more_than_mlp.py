from sklearn.datasets import load_breast_cancer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import glassnet as gn
from glassnet.sklearn import MLPClassifier

X, y = load_breast_cancer(return_X_y=True, as_frame=True)
network = MLPClassifier(
    (16, 8),
    ["gelu", "tanh"],
    solver=gn.AdamW(gn.schedule("cosine", 0.01, epochs=60), clip_norm=1.0),
    max_iter=60,
    dropout=0.1,
    class_weight="balanced",
    early_stopping=True,
    n_iter_no_change=60,
    random_state=0,
)
scaler = StandardScaler().set_output(transform="pandas")
make_pipeline(scaler, network).fit(X, y)

print(network.history_)
print({name: value.shape for name, value in network.layer_values(scaler.transform(X)[:3]).items()})
print(network.model_.summary())
