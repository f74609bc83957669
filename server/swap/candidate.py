"""A bundle that may serve here: found, read, held to all that a server asks of it."""

from dataclasses import dataclass
from pathlib import Path

from models.bundles.files import BundleFiles, find_bundle, read_files
from models.bundles.verdicts import read_verdicts
from models.inference.served import Served, read_served
from server.explain.offer import Offer
from server.feeds.base import Listing
from server.market.judging import check_interval
from server.market.state import MarketState
from shared.settings import ServerSettings


@dataclass(frozen=True, kw_only=True, eq=False)
class Candidate:
    """A model that can serve, and what belongs to it.

    Attributes:
        folder: Of its bundle.
        files: Of it, as they were read: the folder may be replaced since.
        model: What decides.
        offer: How it can be explained.
    """

    folder: Path
    files: BundleFiles
    model: Served
    offer: Offer


@dataclass(frozen=True, kw_only=True, eq=False)
class ReadyModel:
    """A model that may take over now.

    Attributes:
        candidate: The model, and what belongs to it.
        state: What it knows.
    """

    candidate: Candidate
    state: MarketState


def examined(name_or_folder: str, listing: Listing, settings: ServerSettings) -> Candidate:
    """Return the model of a bundle, if it may decide on these bars.

    Args:
        name_or_folder: Name of a shipped model, or a folder.
        listing: What is played.
        settings: `allow_interval` is used.

    Raises:
        InputMissingError: There is no such bundle, or it cannot be read.
        BundleError: It does not fit its card, the contract or the bars.
        PluginError: It needs a package that is not installed, or that fails.
    """
    folder = find_bundle(name_or_folder).resolve()
    files = read_files(folder)
    model = read_served(files, str(folder))
    check_interval(listing, model, settings)
    compute_alone(model)
    offer = Offer(model.traits, read_verdicts(folder))
    return Candidate(folder=folder, files=files, model=model, offer=offer)


def compute_alone(model: Served) -> None:
    """Have torch, where it computes, use this thread alone; each thread says so for itself."""
    if model.why_torch:
        import torch

        # A batch is too small to share: threads that wait for a busy core make it 20 times slower.
        torch.set_num_threads(1)
