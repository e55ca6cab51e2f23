"""Synchronous data-parallel training on the workers of a Dask cluster.

Each mini-batch is divided among the workers.  They get the programs and the examples once, and in each step the
parameters; they return sums over their parts of the mini-batch, which are added here.  The step is made here, after all
sums have arrived.  So a worker that is lost takes nothing with it: its part is computed again by another.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Sequence
from concurrent.futures import CancelledError
from itertools import pairwise
from typing import Any

import numpy as np

from autograd.engine.checks import describe, from_zero
from nn.train.history import NoWorkersError
from nn.train.steps import Batch, Index, Steps, TrainingRows
from nn.train.vector import Array, ParameterVector

LARGE = 1_000_000  # bytes of parameters: more are sent once in each step, and not to each worker
TRIES = 5  # how often a mini-batch is sent again after its workers were lost; else it may be what kills them


class Cluster:
    """The workers of a Dask cluster, for ``nn.fit(..., client=Cluster(client, timeout=300.0))``.

    Each worker holds all examples, and needs this package.  It unpickles the programs, which can run any code; so
    connect only to a scheduler and workers that you trust.  On a network that others use, secure them by TLS::

        from distributed import Client, Security

        security = Security(
            tls_ca_file="ca.pem", tls_client_cert="cert.pem", tls_client_key="key.pem", require_encryption=True
        )
        client = Client("tls://scheduler:8786", security=security)

    A step takes some milliseconds to reach the workers and to return, whatever the model.  So this pays only if a
    mini-batch takes longer than that on one core: for large models, or for mini-batches of thousands of examples.
    ``tests/benchmarks/cluster.py`` measures both, and says how many workers a model can use.

    Arguments:
        client: a ``distributed.Client``.
        timeout: how many seconds to wait if no worker is left, before ``NoWorkersError``.

    Raises:
        ImportError: distributed is not installed; the message names the extra.
        TypeError: it is not a client, or an asynchronous one.
    """

    def __init__(self, client: Any, timeout: float = 60.0) -> None:
        try:
            import distributed
        except ImportError as error:
            raise ImportError("a cluster needs more: pip install 'scalar-backprop[dask]'") from error
        if not isinstance(client, distributed.Client) or client.asynchronous:
            raise TypeError(f"client must be a distributed.Client, and not an asynchronous one; not {describe(client)}")
        self.client, self.timeout = client, from_zero("timeout", timeout)
        self._threads: list[str] = []
        self._counted = -1.0

    def threads(self) -> list[str]:
        """For each thread of a worker its address, asked at most once a second; waits for the first worker.

        Raises:
            NoWorkersError: there has been none for too long.
        """
        if self.client.status not in ("running", "connecting"):
            raise NoWorkersError(f"the client of the cluster is {self.client.status}")
        if not self._threads or time.monotonic() > self._counted + 1.0:
            try:
                self.client.wait_for_workers(1, self.timeout)
                self._threads = [worker for worker, n in self.client.nthreads().items() for _ in range(n)]
            except (TimeoutError, OSError, RuntimeError, ValueError) as error:  # it may be closed meanwhile
                raise self._no_workers() from error
            self._counted = time.monotonic()
        return self._threads

    def results(self, futures: Sequence[Any]) -> list[Any]:
        """The results of some tasks, as soon as all are there.

        Raises:
            NoWorkersError: there has been no worker for too long.
        """
        alone = 0.0  # since when there is no worker
        while not self._are_done(futures):
            self._threads = []  # count again
            now = time.monotonic()
            alone = (alone or now) if not self._is_there() else 0.0
            if alone and now - alone >= self.timeout:
                raise self._no_workers()
        found: list[Any] = self.client.gather(futures)
        return found

    def _are_done(self, futures: Sequence[Any]) -> bool:
        """Wait until all tasks are done, for at most a second."""
        from distributed import wait

        try:
            wait(futures, timeout=1.0)
        except TimeoutError:
            return False
        return True

    def _is_there(self) -> bool:
        try:
            return bool(self.client.nthreads())
        except OSError:
            return False

    def _no_workers(self) -> NoWorkersError:
        return NoWorkersError(f"the cluster has had no worker for {self.timeout:g} seconds")


class DistributedSteps(Steps):
    """Makes the steps of a training with the workers of a cluster.

    Arguments:
        vector: the numbers of the parameters.
        cluster: the cluster.
    """

    def __init__(self, vector: ParameterVector, cluster: Cluster) -> None:
        super().__init__(vector)
        self.cluster = cluster
        self._sent: dict[int, tuple[Any, Any]] = {}  # what the workers have, and their name for it

    def replay(self, batch: Batch, rows: TrainingRows, data: Array) -> tuple[float, Array, Array]:
        from distributed.scheduler import KilledWorker

        count = len(batch.examples)
        for number in range(1, TRIES + 1):
            try:
                found = self.cluster.results(self._submitted(batch, rows, data))
                break
            except (KilledWorker, CancelledError, OSError) as error:
                self._sent.clear()  # the workers that had it may be those that were lost
                time.sleep(0.1 * number)  # until the scheduler knows that they are
                if number == TRIES:
                    raise NoWorkersError(
                        f"this mini-batch has lost its workers {TRIES} times: do they have enough memory for it?"
                    ) from error
        loss, gradient = batch.program.finished(sum(totals for totals, _, _ in found), found[0][1], count)
        return loss, gradient, np.concatenate([outputs for _, _, outputs in found], axis=-1)

    def _submitted(self, batch: Batch, rows: TrainingRows, data: Array) -> list[Any]:
        """A task for each part of a mini-batch; there are as many parts as threads.

        Each part is meant for a thread: left to itself, the scheduler gives short tasks to the workers that have their
        data, and none to a new worker.
        """
        threads = self.cluster.threads()
        if not threads:
            raise OSError("the last worker was lost meanwhile")
        chosen = np.array(batch.examples, np.int32 if len(rows.rows) < 2**31 else np.int64)
        ends = np.linspace(0, len(chosen), min(len(threads), len(chosen)) + 1).astype(int).tolist()
        program, examples = self._there(batch.program), self._there(rows)
        numbers = self._handed_over(data) if data.nbytes > LARGE else data
        return [
            self.cluster.client.submit(
                _sums,
                *(program, examples, chosen[start:stop], batch.key, start, numbers, batch.outputs),
                workers=[worker],
                allow_other_workers=True,
                pure=False,
            )
            for (start, stop), worker in zip(pairwise(ends), threads, strict=False)
        ]

    def _there(self, thing: Any) -> Any:
        """Something that all workers are to have, sent once."""
        if id(thing) not in self._sent:
            for old, _ in list(self._sent.values()):
                if isinstance(old, TrainingRows) and isinstance(thing, TrainingRows):  # examples that were changed
                    del self._sent[id(old)]
            if not isinstance(thing, TrainingRows):
                _check_pickling(thing)
            self._sent[id(thing)] = thing, self._handed_over(thing)
        return self._sent[id(thing)][1]

    def _handed_over(self, thing: Any) -> Any:
        """The result of a task that only returns what it is given, so that other tasks read it from their workers.

        Unlike data that are scattered, it is not lost with its workers: the scheduler runs the task again.
        """
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Sending large graph")  # once, and not in each step
            return self.cluster.client.submit(_itself, thing, pure=False)


def _itself(thing: Any) -> Any:
    return thing


def _check_pickling(program: Any) -> None:
    """Check that a program can be sent to workers; distributed would print pages.

    Raises:
        TypeError: it cannot.
    """
    import cloudpickle

    try:
        cloudpickle.dumps(program)
    except Exception as error:
        raise TypeError(
            f"a program of this training cannot be sent to the workers: {error}.  An operation of your own must be an "
            "attribute of a module, under the name that it has"
        ) from error


def _sums(
    program: Any, rows: TrainingRows, part: Index, key: tuple[int, ...], start: int, data: Array, wants_outputs: bool
) -> tuple[Array, Array, Array]:
    """What a worker computes: the sums over a part of a mini-batch, of which ``start`` examples come before it."""
    totals, added, outputs = program.sums(rows.inputs(part, key, start), len(part), data, start)
    return totals, added, outputs if wants_outputs else outputs[:, :0]
