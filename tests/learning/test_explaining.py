from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch.distributed import DistBackendError

from textsiamese.errors import TrainingError
from textsiamese.learning.config import FitConfig
from textsiamese.learning.explaining import lost_process_explained, memory_explained

CONFIG = FitConfig(epochs=2, batch_size=25)


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        RuntimeError("[enforce fail at alloc_cpu.cpp] DefaultCPUAllocator: can't allocate memory"),
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB"),
    ],
)
def test_where_memory_does_not_suffice_a_batch_size_is_proposed(error: Exception) -> None:
    said = (
        r"batches of 25 rows: in a fresh run, try batch_size=12, accumulation=2 \(--batch-size 12 "
    )
    with pytest.raises(TrainingError, match=said) as end, memory_explained(CONFIG):
        raise error
    assert "gradient_checkpointing=True (--gradient-checkpointing), or a smaller" in str(end.value)


def test_what_is_done_already_is_not_proposed() -> None:
    config = replace(CONFIG, gradient_checkpointing=True, accumulation=4)
    with pytest.raises(TrainingError) as end, memory_explained(config):
        raise MemoryError
    assert "accumulation=8 (--batch-size 12 --accumulation 8)" in str(end.value)
    assert "checkpointing" not in str(end.value)


def test_other_errors_are_left_alone() -> None:
    with pytest.raises(RuntimeError, match="shapes"), memory_explained(CONFIG):
        raise RuntimeError("shapes do not fit")


@pytest.fixture
def several(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As if this were one of two processes."""
    monkeypatch.setenv("WORLD_SIZE", "2")
    monkeypatch.setenv("LOCAL_RANK", "0")
    before = signal.getsignal(signal.SIGTERM)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("[gloo/transport/tcp/pair.cc:553] Connection closed by peer [127.0.0.1]:3"),
        RuntimeError("writev [127.0.0.1]:35: Connection reset by peer"),
        DistBackendError("NCCL error: remote process exited"),
    ],
)
@pytest.mark.usefixtures("several")
def test_where_another_process_is_lost_it_is_said_how_to_go_on(
    error: Exception, tmp_path: Path
) -> None:
    said = r"another process .* ended early.*no checkpoint yet: go on with resume=True \(--resume\)"
    with pytest.raises(TrainingError, match=said), lost_process_explained(tmp_path):
        raise error


@pytest.mark.usefixtures("several")
def test_so_it_is_where_the_launcher_wants_this_process_to_end(tmp_path: Path) -> None:
    with (
        pytest.raises(
            TrainingError, match=r"told to stop .* another process of this training ended early"
        ),
        lost_process_explained(tmp_path),
    ):
        os.kill(os.getpid(), signal.SIGTERM)
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_IGN  # until the sentence is told


@pytest.mark.usefixtures("several")
def test_a_wish_of_the_launcher_is_heard_while_the_training_goes_on(tmp_path: Path) -> None:
    with lost_process_explained(tmp_path):
        assert callable(signal.getsignal(signal.SIGTERM))
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL
    signal.signal(signal.SIGTERM, own := lambda *_: None)
    with lost_process_explained(tmp_path):
        assert signal.getsignal(signal.SIGTERM) == own
    assert signal.getsignal(signal.SIGTERM) == own


@pytest.mark.usefixtures("several")
def test_a_fault_is_no_lost_process(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="shapes"), lost_process_explained(tmp_path):
        raise RuntimeError("shapes do not fit")


def test_one_process_has_none_to_lose(tmp_path: Path) -> None:
    before = signal.getsignal(signal.SIGTERM)
    with lost_process_explained(tmp_path):
        assert signal.getsignal(signal.SIGTERM) == before
    with pytest.raises(RuntimeError, match="Broken pipe"), lost_process_explained(tmp_path):
        raise RuntimeError("Broken pipe")
