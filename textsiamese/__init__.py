"""Twin networks for text similarity: score, calibrate, train, serve."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from textsiamese.encoders.backbone import BackboneConfig as BackboneConfig
    from textsiamese.encoders.backbone import BackboneEncoder as BackboneEncoder
    from textsiamese.encoders.cnn import CnnConfig as CnnConfig
    from textsiamese.encoders.cnn import CnnEncoder as CnnEncoder
    from textsiamese.encoders.lstm import LstmConfig as LstmConfig
    from textsiamese.encoders.lstm import LstmEncoder as LstmEncoder
    from textsiamese.encoders.tokens import Vocabulary as Vocabulary
    from textsiamese.encoders.transformer import TransformerEncoder as TransformerEncoder
    from textsiamese.encoders.trimming import trim_vocabulary as trim_vocabulary
    from textsiamese.errors import InputError as InputError
    from textsiamese.errors import TextsiameseError as TextsiameseError
    from textsiamese.inputs.clusters import cluster_pairs as cluster_pairs
    from textsiamese.inputs.contrasts import add_contrast_pairs as add_contrast_pairs
    from textsiamese.inputs.pairs import Pairs as Pairs
    from textsiamese.inputs.splits import Split as Split
    from textsiamese.inputs.splits import split_pairs as split_pairs
    from textsiamese.inputs.whole import read_pairs as read_pairs
    from textsiamese.judging.evaluation import Evaluation as Evaluation
    from textsiamese.judging.report import write_report as write_report
    from textsiamese.learning.augmentation import AugmentationConfig as AugmentationConfig
    from textsiamese.learning.config import FitConfig as FitConfig
    from textsiamese.learning.contrastive import ContrastiveLoss as ContrastiveLoss
    from textsiamese.learning.contrastive import OnlineContrastiveLoss as OnlineContrastiveLoss
    from textsiamese.learning.cross_entropy import PairCrossEntropy as PairCrossEntropy
    from textsiamese.learning.distillation import DistillationLoss as DistillationLoss
    from textsiamese.learning.fit import fit as fit
    from textsiamese.learning.graded import CoSentLoss as CoSentLoss
    from textsiamese.learning.hard_negatives import mine_hard_negatives as mine_hard_negatives
    from textsiamese.learning.miners import TripletMiner as TripletMiner
    from textsiamese.learning.mining import mine_pairs as mine_pairs
    from textsiamese.learning.multiple_negatives import (
        MultipleNegativesLoss as MultipleNegativesLoss,
    )
    from textsiamese.learning.triplet import QuadrupletLoss as QuadrupletLoss
    from textsiamese.learning.triplet import TripletLoss as TripletLoss
    from textsiamese.learning.vector_distillation import (
        VectorDistillationLoss as VectorDistillationLoss,
    )
    from textsiamese.serving.match_tables import match_table as match_table
    from textsiamese.serving.matching import match as match
    from textsiamese.serving.tables import score_table as score_table
    from textsiamese.twins.blending import blend as blend
    from textsiamese.twins.bundle import load as load
    from textsiamese.twins.calibrate import calibrate as calibrate
    from textsiamese.twins.cross_encoder import CrossEncoder as CrossEncoder
    from textsiamese.twins.decision import Decision as Decision
    from textsiamese.twins.evaluate import evaluate as evaluate
    from textsiamese.twins.evaluate import judge as judge
    from textsiamese.twins.info import TwinInfo as TwinInfo
    from textsiamese.twins.pseudo_siamese import PseudoSiamese as PseudoSiamese
    from textsiamese.twins.retrieval import evaluate_retrieval as evaluate_retrieval
    from textsiamese.twins.siamese import Siamese as Siamese
    from textsiamese.twins.similarity import Cosine as Cosine
    from textsiamese.twins.similarity import Euclidean as Euclidean
    from textsiamese.twins.similarity import PairHead as PairHead
    from textsiamese.twins.vector_store import VectorStore as VectorStore

_HOMES = {
    "AugmentationConfig": "learning.augmentation",
    "BackboneConfig": "encoders.backbone",
    "BackboneEncoder": "encoders.backbone",
    "CnnConfig": "encoders.cnn",
    "CnnEncoder": "encoders.cnn",
    "CoSentLoss": "learning.graded",
    "ContrastiveLoss": "learning.contrastive",
    "Cosine": "twins.similarity",
    "CrossEncoder": "twins.cross_encoder",
    "Decision": "twins.decision",
    "DistillationLoss": "learning.distillation",
    "Euclidean": "twins.similarity",
    "Evaluation": "judging.evaluation",
    "FitConfig": "learning.config",
    "InputError": "errors",
    "LstmConfig": "encoders.lstm",
    "LstmEncoder": "encoders.lstm",
    "MultipleNegativesLoss": "learning.multiple_negatives",
    "OnlineContrastiveLoss": "learning.contrastive",
    "PairCrossEntropy": "learning.cross_entropy",
    "PairHead": "twins.similarity",
    "Pairs": "inputs.pairs",
    "PseudoSiamese": "twins.pseudo_siamese",
    "QuadrupletLoss": "learning.triplet",
    "Siamese": "twins.siamese",
    "Split": "inputs.splits",
    "TextsiameseError": "errors",
    "TransformerEncoder": "encoders.transformer",
    "TripletLoss": "learning.triplet",
    "TripletMiner": "learning.miners",
    "TwinInfo": "twins.info",
    "VectorDistillationLoss": "learning.vector_distillation",
    "VectorStore": "twins.vector_store",
    "Vocabulary": "encoders.tokens",
    "add_contrast_pairs": "inputs.contrasts",
    "blend": "twins.blending",
    "calibrate": "twins.calibrate",
    "cluster_pairs": "inputs.clusters",
    "evaluate": "twins.evaluate",
    "evaluate_retrieval": "twins.retrieval",
    "fit": "learning.fit",
    "judge": "twins.evaluate",
    "load": "twins.bundle",
    "match": "serving.matching",
    "match_table": "serving.match_tables",
    "mine_hard_negatives": "learning.hard_negatives",
    "mine_pairs": "learning.mining",
    "read_pairs": "inputs.whole",
    "score_table": "serving.tables",
    "write_report": "judging.report",
    "split_pairs": "inputs.splits",
    "trim_vocabulary": "encoders.trimming",
}

__all__ = ["__version__"]
__all__ += list(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
