"""A card as a page that people can read in a terminal."""

import textwrap
from collections.abc import Iterator, Mapping

import msgspec

from models.bundles.card import CalibrationCard, Card, ReadingCard, Scores, Span, TrainingRun
from models.data.sources.reading import meaning

_WIDTH = 100


def describe(card: Card) -> str:
    """Return the card as lines of text."""
    spans = {"train": card.spans.train, "validation": card.spans.validation}
    sections = [
        f"{card.name}@{card.weights_sha256[:8]}, {card.created:%Y-%m-%d %H:%M} UTC",
        *(_row("warning", text) for text in card.calibration.warnings),
        _section("model", _model(card)),
        _section("data", _data(card)),
        _section("spans", {n: _span(s) for n, s in (spans | {"test": card.spans.test}).items()}),
        _section("training", _training(card)),
        _section("calibration", _calibration(card.calibration)),
        _features(card),
        "test: not scored" if card.test is None else _metrics(card.test),
    ]
    return "\n\n".join(sections)


def _section(title: str, rows: Mapping[str, object]) -> str:
    return "\n".join([title, *(_row(name, str(value)) for name, value in rows.items())])


def _row(name: str, value: str) -> str:
    # A long value goes on below its own beginning.
    lines = textwrap.wrap(value, _WIDTH - 18) or [""]
    return f"\n{'':<18}".join([f"  {name:<16}{lines[0]}", *lines[1:]])


def _model(card: Card) -> dict[str, object]:
    network = card.network
    sizes = ", ".join(f"{name} {value}" for name, value in network.sizes.items())
    several = f"{network.members} x " if network.members > 1 else ""
    return {
        "network": f"{several}{network.kind} ({sizes}), {network.parameters:,} parameters",
        "input": f"{card.window[0]} bars of {card.interval} x {card.window[1]} features "
        f"of {card.feature_set}",
        "classes": ", ".join(f"{i} {name}" for i, name in enumerate(card.classes)),
        "label": card.label.sentence(),
        "trials": f"{card.trials}, this one included",
    }


def _data(card: Card) -> dict[str, object]:
    data = card.data
    rows: dict[str, object] = {
        "about": data.about or "not said",
        "sources": ", ".join(data.sources),
        "market": f"{card.market}, cut at moves beyond {card.jump_limit:.0%}",
        "bars": f"{data.bars:,} of {data.tickers:,} tickers",
        "counted": ", ".join(f"{name} {count:,}" for name, count in data.reasons.items()) or "none",
        "fingerprint": data.fingerprint,
    }
    return rows if data.reading is None else rows | {"understood": _understood(data.reading)}


def _understood(reading: ReadingCard) -> str:
    times = f"{reading.source}, {reading.timezone}"
    return f"{times}, {meaning(reading.stamp, reading.adjusted, evening=reading.evening)}"


def _span(span: Span) -> str:
    return f"{span.first:%Y-%m-%d} to {span.last:%Y-%m-%d}, {span.samples:,} windows"


def _training(card: Card) -> dict[str, object]:
    done = card.training
    recipe: dict[str, object] = msgspec.to_builtins(done.recipe)
    rows: dict[str, object] = {"recipe": ", ".join(f"{k} {v}" for k, v in recipe.items())}
    rows |= {f"seed {run.seed}": _run(run) for run in done.runs}
    return rows | {"validation": f"log loss {done.validation_loss:.4f} nats"}


def _run(run: TrainingRun) -> str:
    return (
        f"{'kept, ' if run.kept else ''}epoch {run.best_epoch} of {run.epochs}, ended by "
        f"{run.ended_by}, log loss {run.train_loss:.4f} train, {run.validation_loss:.4f} validation"
    )


def _calibration(calibration: CalibrationCard) -> dict[str, object]:
    static, adaptive = calibration.static, calibration.adaptive
    scale, bias = (" ".join(f"{x:.3f}" for x in row) for row in (static.scale, static.bias))
    settings: dict[str, float] = msgspec.to_builtins(adaptive.settings)
    return {
        "static": f"{calibration.kind}: scale {scale}, bias {bias}",
        "adaptive": ", ".join(f"{name} {value:g}" for name, value in settings.items()),
        "learned": f"{adaptive.moments:,} moments of the validation span",
    }


def _features(card: Card) -> str:
    columns = zip(card.features, card.scaler.mean, card.scaler.sd, strict=True)
    rows = [f"  {name:<16}{mean:>12.6f}{sd:>12.6f}" for name, mean, sd in columns]
    return "\n".join([f"{'features':<18}{'mean':>12}{'sd':>12}", *rows])


def _metrics(scores: Scores) -> str:
    columns = {"model": scores.model, "as a stream": scores.adaptive, "majority": scores.majority}
    known = {name: msgspec.to_builtins(metrics) for name, metrics in columns.items() if metrics}
    return "\n".join([f"{'test':<18}" + "".join(f"{n:>12}" for n in known), *_rows(known)])


def _rows(known: Mapping[str, Mapping[str, float]]) -> Iterator[str]:
    for name in known["model"]:
        yield f"  {name:<16}" + "".join(f"{metrics[name]:>12.4f}" for metrics in known.values())
