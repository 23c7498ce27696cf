from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from textsiamese.errors import InputError, OutputError, OutputExistsError
from textsiamese.learning.checkpoints import Checkpoints, last_whole_checkpoint

RUN: dict[str, Any] = {
    "train": {"name": "a.csv", "pairs": 240, "sha256": "00"},
    "settings": {"epochs": 3, "batch_size": 25},
    "losses": "ContrastiveLoss(margin=0.5)",
}


def write_checkpoint(folder: Path, step: int) -> Path:
    """What a trainer leaves, as far as it is looked at."""
    checkpoint = folder / f"checkpoint-{step}"
    checkpoint.mkdir(parents=True)
    save_file({"weight": torch.ones(20)}, checkpoint / "model.safetensors")
    for name in ("optimizer.pt", "scheduler.pt", "rng_state.pth"):
        torch.save({"state": torch.ones(20)}, checkpoint / name)
    (checkpoint / "trainer_state.json").write_text(json.dumps({"global_step": step}))
    return checkpoint


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-20])


@pytest.mark.parametrize("harm", [Path.unlink, cut], ids=["missing", "cut"])
@pytest.mark.parametrize(
    "name",
    ["trainer_state.json", "model.safetensors", "optimizer.pt", "scheduler.pt", "rng_state.pth"],
)
def test_half_written_checkpoints_are_passed_over(
    tmp_path: Path, name: str, harm: Callable[[Path], None]
) -> None:
    older, newer = write_checkpoint(tmp_path, 9), write_checkpoint(tmp_path, 10)
    assert last_whole_checkpoint(tmp_path) == str(newer)
    harm(newer / name)
    assert last_whole_checkpoint(tmp_path) == str(older)
    harm(older / name)
    assert last_whole_checkpoint(tmp_path) is None


def test_of_several_processes_each_leaves_a_state(tmp_path: Path) -> None:
    older, newer = write_checkpoint(tmp_path, 9), write_checkpoint(tmp_path, 10)
    for process in range(3):
        shutil.copy(older / "rng_state.pth", newer / f"rng_state_{process}.pth")
    (newer / "rng_state.pth").unlink()
    assert last_whole_checkpoint(tmp_path) == str(newer)
    cut(newer / "rng_state_1.pth")
    assert last_whole_checkpoint(tmp_path) == str(older)


def test_checkpoints_go_by_number_and_other_folders_are_left_alone(tmp_path: Path) -> None:
    newest = write_checkpoint(tmp_path, 24)
    shutil.copytree(newest, tmp_path / "checkpoint-100")
    shutil.copytree(newest, tmp_path / "checkpoint-old")
    assert last_whole_checkpoint(tmp_path) == str(tmp_path / "checkpoint-100")
    assert last_whole_checkpoint(tmp_path / "nowhere") is None


def test_a_fresh_start_and_a_resumed_one(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path / "twin")
    assert checkpoints.begin(RUN, resume=False) is None
    assert checkpoints.folder == tmp_path / "twin.checkpoints"
    assert checkpoints.begin(RUN, resume=True) is None
    assert checkpoints.begin(RUN, resume=False) is None  # nothing was finished: nothing is lost
    written = write_checkpoint(checkpoints.folder, 5)
    assert checkpoints.begin(RUN, resume=True) == str(written)
    with pytest.raises(OutputExistsError, match=r"twin\.checkpoints holds checkpoints"):
        checkpoints.begin(RUN, resume=False)
    checkpoints.remove()
    assert not checkpoints.folder.exists()
    assert checkpoints.begin(RUN, resume=True) is None


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"settings": {"epochs": 3, "batch_size": 50}}, "batch_size was 25 and is 50"),
        ({"settings": {"epochs": 3}}, "batch_size was 25 and is not set"),
        ({"losses": "TripletLoss()"}, r"losses was ContrastiveLoss\(margin=0.5\) and is Triplet"),
        (
            {"train": {"name": "b.csv", "pairs": 9, "sha256": "01"}},
            "the train table was a.csv with 240 pairs and is b.csv with 9 pairs",
        ),
        ({"train": {"name": "a.csv", "pairs": 240, "sha256": "01"}}, "with 240 other pairs"),
    ],
)
def test_another_run_is_refused_by_its_difference(
    tmp_path: Path, change: dict[str, Any], said: str
) -> None:
    checkpoints = Checkpoints(tmp_path / "twin")
    checkpoints.begin(RUN, resume=False)
    with pytest.raises(InputError, match=said) as caught:
        checkpoints.begin({**RUN, **change}, resume=True)
    assert "epochs" not in str(caught.value)


def test_a_run_whose_description_was_cut_off_counts_as_none(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path / "twin")
    checkpoints.begin(RUN, resume=False)
    cut(checkpoints.folder / "run.json")
    assert checkpoints.begin(RUN, resume=True) is None
    write_checkpoint(checkpoints.folder, 5)
    cut(checkpoints.folder / "run.json")
    with pytest.raises(OutputExistsError, match="earlier run"):
        checkpoints.begin(RUN, resume=True)


def test_a_fresh_start_leaves_nothing_of_an_older_run(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path / "twin")
    checkpoints.begin(RUN, resume=False)
    cut(write_checkpoint(checkpoints.folder, 900) / "optimizer.pt")
    (checkpoints.folder / "notes.txt").write_text("mine")
    assert checkpoints.begin(RUN, resume=False) is None
    assert sorted(each.name for each in checkpoints.folder.iterdir()) == ["notes.txt", "run.json"]


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot be written"):
        Checkpoints(tmp_path / "file" / "twin").begin(RUN, resume=False)
