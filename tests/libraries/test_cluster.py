"""Training on a Dask cluster: the same numbers, whatever happens to the workers."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from distributed import Client, LocalCluster

import nn
from autograd import Op

MOONS = nn.data.moons(n=60, seed=1)
pytestmark = pytest.mark.filterwarnings("ignore")  # of distributed, about the workers that are killed here


@pytest.fixture(scope="module")
def cluster() -> Iterator[LocalCluster]:
    """Two workers, each a process; one that is killed is started again."""
    with LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as cluster:
        yield cluster


@pytest.fixture(scope="module")
def client(cluster: LocalCluster) -> Iterator[Client]:
    with Client(cluster) as client:
        yield client


def trained(client: Any = None, **options: Any) -> tuple[Any, nn.History]:
    model = nn.MLP(2, [6, 2], "tanh", seed=1)
    options = {"epochs": 3, "batch_size": 16, "seed": 1, "progress": False, "loss": "cross_entropy", **options}
    history = nn.fit(model, options.pop("X", MOONS.X), options.pop("y", MOONS.y), client=client, **options)
    return np.array([p.data for p in model.parameters()]), history


def with_penalty(outputs: Any, targets: Any, model: Any) -> Any:
    return nn.cross_entropy(outputs, targets) + 0.01 * nn.l2(model.parameters())


def summed(outputs: Any, targets: Any, model: Any) -> Any:
    return len(outputs) * nn.cross_entropy(outputs, targets) + 0.1 * nn.l2(model.parameters())


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"optimizer": "sgd", "accumulate": 2, "batch_size": 7},
        {"sample_weight": np.linspace(0.0, 1.0, 60)},
        {"loss": with_penalty, "validation": (MOONS.X[:9], MOONS.y[:9]), "patience": 2},
        {"loss": summed, "optimizer": "sgd", "batch_size": 4, "epochs": 1},
        {"batch_size": 1, "epochs": 1},
    ],
    ids=["plain", "accumulated", "weights", "penalty, validation", "a sum", "single examples"],
)
def test_it_is_the_same_training(client: Client, options: dict[str, Any]) -> None:
    found, history = trained(client, **options)
    wanted, expected = trained(**options)
    assert found == pytest.approx(wanted, rel=1e-12, abs=1e-12)
    for name, series in expected.columns().items():
        assert history.columns()[name] == pytest.approx(series, rel=1e-12)


def test_dropout_draws_the_same_numbers(client: Client) -> None:
    def run(client: Any) -> list[float]:
        model = nn.Sequential(nn.Layer(2, 8, "tanh", seed=1), nn.Dropout(0.5), nn.Layer(8, 2, "linear", seed=2))
        nn.fit(model, MOONS.X, MOONS.y, "cross_entropy", epochs=2, seed=3, progress=False, client=client)
        return [p.data for p in model.parameters()]

    assert run(client) == pytest.approx(run(None), rel=1e-12)


def test_workers_that_are_killed_cost_no_step(cluster: LocalCluster, client: Client) -> None:
    """SIGKILL for a random worker, ten times in a training, once for both of them."""
    kills = 0
    rng = random.Random(1)

    def kill() -> None:
        nonlocal kills
        while kills < 10:
            time.sleep(0.3)
            running = [worker.pid for worker in cluster.workers.values() if worker.pid]
            chosen = running if kills == 5 else running[: rng.randint(1, 2)][-1:]
            for pid in chosen:
                os.kill(pid, signal.SIGKILL)
            kills += bool(chosen)

    def callback(history: nn.History) -> bool:
        return kills >= 10 and len(history) % 10 == 0

    killer = threading.Thread(target=kill)
    killer.start()
    found, history = trained(client, epochs=100_000, callbacks=callback)
    killer.join()
    wanted, expected = trained(epochs=len(history))
    assert found == pytest.approx(wanted, rel=1e-9)
    assert history.loss == pytest.approx(expected.loss, rel=1e-9)


def executed(dask_worker: Any) -> int:
    """How many tasks a worker has executed."""
    return int(dask_worker.state.executed_count)


def test_new_workers_are_used(cluster: LocalCluster, client: Client) -> None:
    there: list[int] = []

    def callback(history: nn.History) -> None:
        if len(history) == 1:
            cluster.scale(3)
            client.wait_for_workers(3, 30)
        if len(history) == 1 or there[-1] < 3:
            time.sleep(1.1)  # they are counted once a second
        there.append(sum(count > 0 for count in client.run(executed).values()))

    try:
        found, _ = trained(client, epochs=8, batch_size=32, callbacks=callback)
    finally:
        cluster.scale(2)
    assert there[-1] == 3
    assert found == pytest.approx(trained(epochs=8, batch_size=32)[0], rel=1e-12)


def test_no_worker_is_left(tmp_path: Path) -> None:
    """An error after the stated time; and the checkpoint has all steps so far."""

    def callback(history: nn.History) -> None:
        if len(history) == 2:
            cluster.scale(0)
            while client.nthreads():
                time.sleep(0.1)

    with (
        LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None) as cluster,
        Client(cluster) as client,
        pytest.raises(nn.NoWorkersError, match="the cluster has had no worker for 1 seconds"),
    ):
        trained(nn.Cluster(client, timeout=1.0), epochs=5, callbacks=callback, checkpoint=tmp_path)
    found, history = trained(epochs=5, checkpoint=tmp_path)
    wanted, expected = trained(epochs=5)
    assert found == pytest.approx(wanted, rel=1e-12)
    assert history.loss == pytest.approx(expected.loss, rel=1e-12)


def test_the_scheduler_is_lost() -> None:
    """Nothing goes on without a word on this computer alone."""
    with LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None) as cluster, Client(cluster) as client:

        def callback(history: nn.History) -> None:
            cluster.close()

        with pytest.raises(nn.NoWorkersError):
            trained(nn.Cluster(client, timeout=1.0), callbacks=callback)
    with pytest.raises(nn.NoWorkersError, match="the client of the cluster is closed"):
        trained(nn.Cluster(client, timeout=1.0))


def test_a_number_that_is_not_finite_is_named(client: Client) -> None:
    with pytest.raises(nn.NonFiniteLossError, match=r"epoch \d, batch 1: .* gave inf"):
        nn.fit(nn.MLP(1, [1], "linear", seed=1), [[1.0], [2.0]], [1.0, 1e200], "mse", "sgd", client=client)


def test_data_frames_of_dask() -> None:
    import dask.array as da
    import dask.dataframe as dd
    import pandas as pd

    frame = pd.DataFrame(MOONS.X, columns=["a", "b"]).assign(y=MOONS.y)
    lazy = dd.from_pandas(frame, npartitions=3)
    assert np.array_equal(trained(X=lazy[["a", "b"]], y=lazy["y"])[0], trained()[0])
    assert np.array_equal(trained(X=da.from_array(np.array(MOONS.X), chunks=7), y=MOONS.y)[0], trained()[0])
    validation = lazy[["b", "a"]], lazy["y"]
    _, history = trained(X=lazy[["a", "b"]], y=lazy["y"], validation=validation)
    assert history.validation_loss == trained(validation=(MOONS.X, MOONS.y))[1].validation_loss


def test_data_frames_of_dask_in_the_estimators() -> None:
    import dask.dataframe as dd
    import pandas as pd

    from nn.estimators import NetworkClassifier, NetworkRegressor

    frame = pd.DataFrame(MOONS.X, columns=["a", "b"]).assign(y=MOONS.y)
    lazy = dd.from_pandas(frame, npartitions=3)
    for kind in (NetworkClassifier, NetworkRegressor):
        found = kind((4,), max_iter=3, random_state=1).fit(lazy[["a", "b"]], lazy["y"])
        wanted = kind((4,), max_iter=3, random_state=1).fit(frame[["a", "b"]], frame["y"])
        assert found.feature_names_in_.tolist() == ["a", "b"]
        assert np.array_equal(found.predict(lazy[["a", "b"]]), wanted.predict(frame[["a", "b"]]))


def test_an_operation_that_cannot_be_sent(client: Client) -> None:
    cubed = Op("cubed", lambda x: x * x * x, (lambda z, x: 3.0 * x * x,))  # no attribute of a module

    class Cubes(nn.Module):
        def __init__(self) -> None:
            self.layer = nn.Layer(2, 2, "linear", seed=1)

        def __call__(self, x: Any) -> Any:
            return [cubed(y) for y in self.layer(x)]

    with pytest.raises(TypeError, match=r"cannot be sent to the workers: .* must be an attribute of a module"):
        nn.fit(Cubes(), MOONS.X, MOONS.y, "cross_entropy", epochs=1, progress=False, client=client)


def test_mistakes(client: Client) -> None:
    with pytest.raises(TypeError, match=r"client must be a distributed\.Client, and not an asynchronous one; not str"):
        trained("tcp://localhost:8786")
    with pytest.raises(ValueError, match="the workers of a client compute with engine='program', not 'jax'"):
        trained(client, engine="jax")
    with pytest.raises(ValueError, match="timeout must be"):
        nn.Cluster(client, timeout=-1.0)
    model = nn.Sequential(nn.Layer(2, 3, seed=1), nn.BatchNorm(3), nn.Layer(3, 2, "linear", seed=1))
    with pytest.raises(ValueError, match="cannot be divided among workers"):
        nn.fit(model, MOONS.X, MOONS.y, "cross_entropy", client=client)
