"""Runs the benchmark tasks and prints their table, with machine and commit.

pip install -c constraints.txt ".[bench]"
python benchmarks/run.py --data FOLDER [TASK ...]
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from dataclasses import asdict
from datetime import date
from pathlib import Path

from measure import commit, machine
from tasks import TASKS as SCORING_TASKS
from tasks import Bench
from towers import TOWER_TASKS

TASKS = SCORING_TASKS | TOWER_TASKS


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    given.add_argument("tasks", nargs="*", metavar="TASK", help=f"of {', '.join(TASKS)}; or all")
    given.add_argument("--data", type=Path, default=os.environ.get("TEXTSIAMESE_DATA"))
    given.add_argument("--twin", default=Bench.twin, help="that minilm runs, by name or folder")
    given.add_argument("--json", type=Path, help="write the results here too")
    asked = given.parse_args()
    unknown = sorted(set(asked.tasks) - set(TASKS))
    if unknown or asked.data is None:
        given.error(f"no such task: {', '.join(unknown)}" if unknown else "--data is needed")
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(asked.data, Path(folder), asked.twin)
        results = [TASKS[name](bench) for name in asked.tasks or TASKS]
    print(f"{date.today()}, commit {commit()}; {machine()}\n")
    print("| task | textsiamese | peer | goal | met |\n| --- | --- | --- | --- | --- |")
    for each in results:
        met = "yes" if each.met else "no"
        print(f"| {each.task} | {each.ours} | {each.peer} | {each.goal} | {met} |")
    if asked.json:
        about = {"date": str(date.today()), "commit": commit(), "machine": machine()}
        asked.json.write_text(
            json.dumps({**about, "results": [asdict(each) for each in results]}, indent=2) + "\n"
        )


if __name__ == "__main__":
    main()
