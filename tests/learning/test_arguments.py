from __future__ import annotations

from pathlib import Path

import pytest

from textsiamese.learning.arguments import training_arguments
from textsiamese.learning.config import FitConfig


@pytest.mark.parametrize(
    ("batch_size", "accumulation", "steps"), [(10, 1, 10), (10, 3, 4), (30, 2, 2), (7, 2, 8)]
)
def test_the_rate_rises_over_a_share_of_the_steps(
    tmp_path: Path, batch_size: int, accumulation: int, steps: int
) -> None:
    config = FitConfig(20, batch_size, accumulation, warmup=0.25)
    found = training_arguments(config, 100, tmp_path, "eval_accuracy")
    assert found.get_warmup_steps(20 * steps) == 5 * steps
    assert found.gradient_accumulation_steps == accumulation
    assert found.train_batch_size == batch_size


def test_what_was_asked_for(tmp_path: Path) -> None:
    config = FitConfig(learning_rate=0.5, weight_decay=0.25, max_grad_norm=2, seed=3, bf16=True)
    found = training_arguments(config, 100, tmp_path / "checkpoints", "eval_spearman")
    assert found.output_dir == str(tmp_path / "checkpoints")
    assert (found.learning_rate, found.weight_decay, found.max_grad_norm) == (0.5, 0.25, 2)
    assert (found.seed, found.bf16, found.metric_for_best_model) == (3, True, "eval_spearman")
    assert not training_arguments(FitConfig(bf16=False), 100, tmp_path, "eval_accuracy").bf16
    assert found.n_gpu <= 1
