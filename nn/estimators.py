"""Networks of scalar Values as scikit-learn estimators, for pipelines, grid searches and cross-validation.

The network that is trained is an ordinary one: ``estimator.network_`` can be drawn, explained and diagnosed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from numbers import Integral
from typing import Any

import numpy as np
from numpy.typing import NDArray

try:
    from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin, is_classifier
    from sklearn.model_selection import train_test_split
    from sklearn.utils import check_random_state
    from sklearn.utils.multiclass import check_classification_targets, unique_labels
    from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data
except ImportError:
    raise ImportError("nn.estimators needs scikit-learn: pip install 'scalar-backprop[sklearn]'") from None

from autograd import flatten, no_grad
from autograd.engine.checks import integer
from nn import optim
from nn.layers import MLP, Activation
from nn.module import Module
from nn.rows import in_memory
from nn.train.fit import advance_to, fit
from nn.train.history import History
from nn.train.training import Training

Array = NDArray[Any]


class _NetworkEstimator(BaseEstimator):  # type: ignore[misc]
    """What a classifier and a regressor have in common."""

    _loss = ""

    def __init__(
        self,
        hidden_layer_sizes: Sequence[int] | int = (100,),
        activation: Activation = "relu",
        *,
        optimizer: str = "adam",
        learning_rate_init: float | optim.Schedule = 0.001,
        alpha: float = 0.0001,
        batch_size: int | str = "auto",
        max_iter: int = 200,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        n_iter_no_change: int = 10,
        random_state: Any = None,
        verbose: bool = False,
        network: Callable[[int, int], Module] | None = None,
    ) -> None:
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.optimizer = optimizer
        self.learning_rate_init = learning_rate_init
        self.alpha = alpha
        self.batch_size = batch_size
        self.max_iter = max_iter
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change
        self.random_state = random_state
        self.verbose = verbose
        self.network = network

    def _start(self, outputs: int, example: Array) -> None:
        """A new network and a new optimizer.

        Arguments:
            outputs: how many outputs there must be.
            example: one example.
        """
        self._random = check_random_state(self.random_state)
        if self.network is not None:
            self.network_ = self.network(self.n_features_in_, outputs)
            with no_grad():
                found = self.network_(example.tolist())
            numbers = flatten(found)[0]
            if len(numbers) != outputs or (outputs == 1 and found is not numbers[0]):
                wanted = f"a list of {outputs} numbers" if outputs > 1 else "a single number"
                raise ValueError(f"network({self.n_features_in_}, {outputs}) must give {wanted}, not {found!r:.60}")
        else:
            sizes = self.hidden_layer_sizes
            hidden = [int(size) for size in ([sizes] if isinstance(sizes, Integral) else sizes)]  # type: ignore[union-attr]
            seed = int(self._random.randint(2**31 - 1))
            self.network_ = MLP(self.n_features_in_, [*hidden, outputs], self.activation, seed=seed)
        if self.optimizer not in optim.BY_NAME:
            raise ValueError(f"there is no optimizer {self.optimizer!r}; choose from {', '.join(optim.BY_NAME)}")
        kind = optim.BY_NAME[self.optimizer]
        self.optimizer_ = kind(self.network_.parameters(), lr=self.learning_rate_init, weight_decay=self.alpha)
        self.history_ = History()
        self.n_iter_ = 0
        self._run: Training | None = None  # that of partial_fit

    def _train(self, X: Array, y: Array, weights: Array | None) -> None:
        """Train a new network."""
        held: tuple[Array, Array] | None = None
        if self.early_stopping:
            split = {"test_size": self.validation_fraction, "random_state": self._random}
            parts: list[Any] = [X, y] if weights is None else [X, y, weights]
            parts = train_test_split(*parts, stratify=y if is_classifier(self) else None, **split)
            X, y, held = parts[0], parts[2], (parts[1], parts[3])
            weights = None if weights is None else parts[4]
        try:
            found = fit(
                self.network_,
                X,
                y,
                self._loss,
                self.optimizer_,
                epochs=self.max_iter,
                batch_size=self._batch_size(X),
                validation=held,
                patience=self.n_iter_no_change if held else None,
                progress=self.verbose,
                seed=self._seed(),
                sample_weight=weights,
            )
        except Exception:
            self._forget()
            raise
        self._remember(found)

    def _train_once(self, X: Array, y: Array, weights: Array | None) -> None:
        """Train for one more epoch, on these examples; from the second call on without another recording."""
        if self.early_stopping:
            raise ValueError("partial_fit does not stop early: use fit, or early_stopping=False")
        before = self._random.get_state()
        try:
            self._remember(self._one_epoch(X, y, weights, self._batch_size(X), self._seed()))
        except (ValueError, TypeError):  # refused, so that the next call is as if this one had not been
            self._random.set_state(before)
            raise

    def _one_epoch(self, X: Array, y: Array, weights: Array | None, size: int, seed: int) -> History:
        run = self._run
        fits = run is not None and run.model is self.network_ and run.optimizer is self.optimizer_
        if run is not None and fits and (run.weights is None) == (weights is None):
            run.go_on_with(X, y, weights, size, seed)
        else:
            options: dict[str, Any] = {
                "loss": self._loss,
                "optimizer": self.optimizer_,
                "batch_size": size,
                "seed": seed,
            }
            self._run = run = Training(self.network_, X, y, sample_weight=weights, **options)
        advance_to(1, run, progress=self.verbose)
        return run.history

    def _batch_size(self, X: Array) -> int:
        return min(200, len(X)) if self.batch_size == "auto" else integer("batch_size", self.batch_size)

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "network_")

    def _forget(self) -> None:
        """Undo a fit: one that fails must not leave parts of itself, nor of the one before."""
        for name in ("network_", "optimizer_", "classes_", "n_outputs_"):
            self.__dict__.pop(name, None)

    def _seed(self) -> int:
        return int(self._random.randint(2**31 - 1))

    def _remember(self, history: History) -> None:
        """Add some epochs to the history."""
        for i in range(len(history)):
            self.history_.add({name: series[i] for name, series in history.columns().items()})
        self.history_.stopped = history.stopped
        self.n_iter_ = len(self.history_)

    def __getstate__(self) -> dict[str, Any]:
        """All but the programs, which are made again when they are needed."""
        state: dict[str, Any] = {**super().__getstate__()}
        return {**state, "_run": None} if "_run" in state else state

    def _outputs(self, X: Any) -> Array:
        """The outputs of the network."""
        check_is_fitted(self)
        (X,) = in_memory(X)
        found: Array = self.network_.predict(validate_data(self, X, dtype=np.float64, reset=False))
        return found


class NetworkClassifier(ClassifierMixin, _NetworkEstimator):  # type: ignore[misc]
    """A multi-layer perceptron of scalar Values that classifies: softmax of its outputs, trained by cross-entropy.

    Arguments:
        hidden_layer_sizes: the number of neurons in each hidden layer.
        activation: the activation of the hidden layers.
        optimizer: its name in ``nn.optim.BY_NAME``.
        learning_rate_init: the learning rate, or a schedule.
        alpha: the strength of the L2 penalty.
        batch_size: the number of examples in a mini-batch; "auto" for all of them, but at most 200.
        max_iter: the number of epochs.
        early_stopping: hold ``validation_fraction`` of the examples out, stop when the loss on them has not decreased
            for ``n_iter_no_change`` epochs, and restore the best parameters.
        validation_fraction, n_iter_no_change: see ``early_stopping``.
        random_state: an integer for the same initial parameters and order of examples each time.
        verbose: show a progress bar.
        network: a function of the numbers of inputs and of outputs that makes another network.

    Attributes:
        network_: the network, a Module.
        classes_: the classes.
        history_: the ``nn.History``, with the loss and the accuracy of each epoch.
        n_iter_: the number of epochs.
        n_features_in_, feature_names_in_: the number of inputs and, for a data frame, their names.
        optimizer_: the optimizer, with its state.

    >>> from sklearn.datasets import load_iris
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> X, y = load_iris(return_X_y=True)
    >>> classifier = NetworkClassifier((8,), "tanh", learning_rate_init=0.02, max_iter=50, random_state=0)
    >>> make_pipeline(StandardScaler(), classifier).fit(X, y).score(X, y) > 0.95
    True
    >>> classifier.network_
    MLP(4 -> 8 tanh -> 3 linear)
    """

    _loss = "cross_entropy"

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> NetworkClassifier:
        """Train a new network.

        Arguments:
            X: an array or a data frame of shape (n, features).
            y: the class of each example.
            sample_weight: a weight for each example.

        Raises:
            ValueError, TypeError: an argument is invalid, sparse, or has only one class.
        """
        self._forget()
        X, y, sample_weight = in_memory(X, y, sample_weight)
        X, y = validate_data(self, X, y, dtype=np.float64)
        check_classification_targets(y)
        self.classes_ = unique_labels(y)
        if len(self.classes_) < 2:
            raise ValueError(
                f"all examples are of one class, {self.classes_.tolist()[0]!r}: a classifier needs at least two"
            )
        weights = None if sample_weight is None else _check_sample_weight(sample_weight, X)
        self._start(len(self.classes_), X[0])
        self._train(X, np.searchsorted(self.classes_, y), weights)
        return self

    def partial_fit(self, X: Any, y: Any, classes: Any = None, sample_weight: Any = None) -> NetworkClassifier:
        """Train the network for one more epoch, on these examples.

        Of the parameters that are set after the first call, only ``batch_size`` has an effect.

        Arguments:
            X, y, sample_weight: as for ``fit``.
            classes: all classes that will ever come; needed in the first call only.
        """
        first = not hasattr(self, "network_")
        X, y, sample_weight = in_memory(X, y, sample_weight)
        X, y = validate_data(self, X, y, dtype=np.float64, reset=first)
        check_classification_targets(y)
        weights = None if sample_weight is None else _check_sample_weight(sample_weight, X)
        if first:
            if classes is None:
                raise ValueError("the first call of partial_fit needs all classes: partial_fit(X, y, classes=[...])")
            self.classes_ = unique_labels(classes)
            if len(self.classes_) < 2:
                raise ValueError(
                    f"there is one class, {self.classes_.tolist()[0]!r}: classes=[...] needs all that will ever come"
                )
            self._start(len(self.classes_), X[0])
        elif classes is not None and not np.array_equal(unique_labels(classes), self.classes_):
            raise ValueError(f"the classes were {self.classes_.tolist()}, and cannot change to {list(classes)}")
        unknown = np.setdiff1d(y, self.classes_)
        if len(unknown):
            raise ValueError(f"there is no class {unknown.tolist()[0]!r} among {self.classes_.tolist()}")
        self._train_once(X, np.searchsorted(self.classes_, y), weights)
        return self

    def predict_proba(self, X: Any) -> Array:
        """The probability of each class, of shape (n, classes)."""
        outputs = self._outputs(X)
        powers = np.exp(outputs - outputs.max(axis=1, keepdims=True))
        found: Array = powers / powers.sum(axis=1, keepdims=True)
        return found

    def predict(self, X: Any) -> Array:
        """The most probable class of each example."""
        outputs = self._outputs(X)
        found: Array = self.classes_[outputs.argmax(axis=1)]
        return found


class NetworkRegressor(RegressorMixin, _NetworkEstimator):  # type: ignore[misc]
    """A multi-layer perceptron of scalar Values that predicts numbers, trained by mean squared error.

    The arguments and attributes are those of ``NetworkClassifier``, but ``n_outputs_`` instead of ``classes_``,
    and no accuracy in ``history_``.

    >>> X = np.linspace(-2.0, 2.0, 100)[:, None]
    >>> regressor = NetworkRegressor((16,), "tanh", learning_rate_init=0.05, random_state=0)
    >>> regressor.fit(X, np.sin(2.0 * X[:, 0])).score(X, np.sin(2.0 * X[:, 0])) > 0.95
    True
    """

    _loss = "mse"

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> NetworkRegressor:
        """Train a new network.

        Arguments:
            X: an array or a data frame of shape (n, features).
            y: the numbers to predict, of shape (n,) or (n, outputs).
            sample_weight: a weight for each example.

        Raises:
            ValueError, TypeError: an argument is invalid or sparse.
        """
        self._forget()
        return self._fit(X, y, sample_weight, True, self._train)

    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> NetworkRegressor:
        """Train the network for one more epoch, on these examples.  Arguments as for ``fit``."""
        return self._fit(X, y, sample_weight, not hasattr(self, "network_"), self._train_once)

    def _fit(
        self, X: Any, y: Any, sample_weight: Any, first: bool, train: Callable[[Array, Array, Array | None], None]
    ) -> NetworkRegressor:
        X, y, sample_weight = in_memory(X, y, sample_weight)
        X, y = validate_data(self, X, y, dtype=np.float64, multi_output=True, y_numeric=True, reset=first)
        weights = None if sample_weight is None else _check_sample_weight(sample_weight, X)
        y = y[:, 0] if y.ndim == 2 and y.shape[1] == 1 else y
        outputs = 1 if y.ndim == 1 else y.shape[1]
        if first:
            self.n_outputs_ = outputs
            self._start(outputs, X[0])
        elif outputs != self.n_outputs_:
            raise ValueError(f"this regressor predicts {self.n_outputs_} number(s) for each example, not {outputs}")
        train(X, np.asarray(y, dtype=float), weights)
        return self

    def predict(self, X: Any) -> Array:
        """The predicted numbers, of shape (n,) or (n, outputs)."""
        return self._outputs(X)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags
