"""What an epoch comes to on dev, and which of its numbers tells the best epoch."""

from __future__ import annotations

from textsiamese.inputs.pairs import Pairs
from textsiamese.judging.correlation import spearman
from textsiamese.judging.metrics import average_precision, cross_fitted_accuracy
from textsiamese.twins.retrieval import evaluate_retrieval
from textsiamese.twins.twin import Twin


def dev_metrics(twin: Twin, dev: Pairs) -> dict[str, float]:
    """Average precision and cross-fitted accuracy; and what `chosen_by` names, if another."""
    similarity = twin.similarity(dev.left, dev.right)
    metrics = {
        "average_precision": average_precision(similarity, dev.labels),
        "accuracy": cross_fitted_accuracy(similarity, dev.labels),
    }
    if dev.grades is not None:
        metrics["spearman"] = spearman(similarity, dev.grades)
    elif dev.drawn:
        found = evaluate_retrieval(twin, dev)
        metrics["mrr"] = (found.left_to_right.mrr + found.right_to_left.mrr) / 2
    return metrics


def chosen_by(dev: Pairs) -> str:
    """Which number is greatest in the best epoch.

    The rank correlation on graded pairs. Where different pairs were drawn at random they are soon
    told apart, one epoch like another: there, the mean reciprocal rank of what belongs together
    among all inputs of the other side, both ways. The average precision otherwise.
    """
    if dev.grades is not None:
        return "spearman"
    return "mrr" if dev.drawn else "average_precision"
