"""A card as a page that people can read in a terminal."""

from collections.abc import Mapping

import msgspec

from models.card import Card, Span


def describe(card: Card) -> str:
    """Return the card as lines of text."""
    spans = {"train": card.spans.train, "validation": card.spans.validation}
    sections = [
        f"{card.name}@{card.weights_sha256[:8]}, {card.created:%Y-%m-%d %H:%M} UTC",
        _section("model", _model(card)),
        _section("data", _data(card)),
        _section("spans", {n: _span(s) for n, s in (spans | {"test": card.spans.test}).items()}),
        _section("training", _training(card)),
        _features(card),
        _figures(card),
    ]
    return "\n\n".join(sections)


def _section(title: str, rows: Mapping[str, object]) -> str:
    return "\n".join([title, *(f"  {name:<16}{value}" for name, value in rows.items())])


def _model(card: Card) -> dict[str, object]:
    sizes = ", ".join(f"{name} {value}" for name, value in card.network.sizes.items())
    return {
        "network": f"{card.network.kind} ({sizes}), {card.network.parameters:,} parameters",
        "input": f"{card.window[0]} bars of {card.interval} x {card.window[1]} features",
        "classes": ", ".join(f"{i} {name}" for i, name in enumerate(card.classes)),
        "label": card.label.sentence(),
    }


def _data(card: Card) -> dict[str, object]:
    data = card.data
    return {
        "about": data.about or "not said",
        "sources": ", ".join(data.sources),
        "market": f"{card.market}, cut at moves beyond {card.jump_limit:.0%}",
        "bars": f"{data.bars:,} of {data.tickers:,} tickers",
        "counted": ", ".join(f"{name} {count:,}" for name, count in data.reasons.items()) or "none",
        "fingerprint": data.fingerprint,
    }


def _span(span: Span) -> str:
    return f"{span.first:%Y-%m-%d} to {span.last:%Y-%m-%d}, {span.samples:,} windows"


def _training(card: Card) -> dict[str, object]:
    run = card.training
    kept = f"epoch {run.best_epoch} of {run.epochs}, ended by {run.ended_by}"
    return {
        "recipe": ", ".join(f"{k} {v}" for k, v in msgspec.to_builtins(run.recipe).items()),
        "kept": kept,
        "log loss": f"train {run.train_loss:.4f}, validation {run.validation_loss:.4f} nats",
    }


def _features(card: Card) -> str:
    columns = zip(card.features, card.scaler.mean, card.scaler.sd, strict=True)
    rows = [f"  {name:<16}{mean:>12.6f}{sd:>12.6f}" for name, mean, sd in columns]
    return "\n".join([f"{'features':<18}{'mean':>12}{'sd':>12}", *rows])


def _figures(card: Card) -> str:
    model: dict[str, float] = msgspec.to_builtins(card.test.model)
    majority: dict[str, float] = msgspec.to_builtins(card.test.majority)
    rows = [f"  {name:<16}{value:>12.4f}{majority[name]:>12.4f}" for name, value in model.items()]
    return "\n".join([f"{'test':<18}{'model':>12}{'majority':>12}", *rows])
