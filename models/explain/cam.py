"""Class activation maps: what the filters of a convolution say at each place.

A convolution has one place for each bar, or, in `gaf_cnn`, one for each pair of bars. A map over
pairs becomes one over bars by giving half of each pixel to either bar, so that its sum stays.
Features are summed away in all of them but `guided_grad_cam` and `gaf_grad_cam`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from models.explain.backprop import guided_backprop
from models.explain.gradient import draw_noise
from models.explain.method import Method
from models.explain.options import Options
from models.networks.traits import Convolutions, Trait
from shared.errors import DataError
from shared.explaining import MapKind

if TYPE_CHECKING:
    from torch import Tensor, nn


def cam(network: nn.Module, x: Tensor, target: Tensor, options: Options) -> Tensor:
    """Return what each bar adds to the logit, (n, 6), signed; it adds up to S without the bias.

    The head is linear in the last activations, so the slope there is its weight, place by place.
    """
    activation, slope = _look(network, x, target, _last(network))
    return _over_bars((slope * activation).sum(dim=1))


def grad_cam(network: nn.Module, x: Tensor, target: Tensor, options: Options) -> Tensor:
    """Return (n, 6), 0 or more: filters weighted by their mean slope over the places."""
    return _over_bars(_grad_cam(network, x, target, options))


def grad_cam_pp(network: nn.Module, x: Tensor, target: Tensor, options: Options) -> Tensor:
    """Return (n, 6), 0 or more: filters weighted by their upward slopes, by equation 19.

    The paper's Y is exp(S); its factor exp(S) is the same for the whole map and left out.
    """
    activation, slope = _look(network, x, target, _layer(network, options))
    weight = _weights_pp(activation, slope, slope**2, slope**3)
    return _over_bars((weight * activation).sum(dim=1).relu())


def smooth_grad_cam_pp(network: nn.Module, x: Tensor, target: Tensor, options: Options) -> Tensor:
    """Return (n, 6), 0 or more: Grad-CAM++ with the powers of the slope averaged over noise."""
    import torch

    layer = _layer(network, options)
    activation, _ = _look(network, x, target, layer)
    slopes = [_look(network, x + e, target, layer)[1] for e in draw_noise(x, options)]
    powers = (torch.stack([s**p for s in slopes]).mean(dim=0) for p in (1, 2, 3))
    return _over_bars((_weights_pp(activation, *powers) * activation).sum(dim=1).relu())


def layer_cam(network: nn.Module, x: Tensor, target: Tensor, options: Options) -> Tensor:
    """Return (n, 6), 0 or more: each activation weighted by its own slope where that is upward."""
    activation, slope = _look(network, x, target, _layer(network, options))
    return _over_bars((slope.relu() * activation).sum(dim=1).relu())


def score_cam(network: nn.Module, x: Tensor, target: Tensor, options: Options) -> Tensor:
    """Return (n, 6), 0 or more: filters weighted by the logit when only what they mark is seen.

    The convolutions' input is weighted, which is the window or, in `gaf_cnn`, its image.
    """
    import torch

    activation, _ = _look(network, x, target, _layer(network, options))
    scores = [_masked_logit(network, x, target, _unit(a)) for a in activation.unbind(dim=1)]
    weight = torch.stack(scores, dim=1).softmax(dim=1)  # (n, k)
    return _over_bars(torch.einsum("nk,nk...->n...", weight, activation).relu())


def guided_grad_cam(network: nn.Module, x: Tensor, target: Tensor, options: Options) -> Tensor:
    """Return (n, 6, 8), signed: guided backpropagation, each bar weighted by Grad-CAM."""
    bars = grad_cam(network, x, target, options)
    return bars[:, :, None] * guided_backprop(network, x, target, options)


def gaf_grad_cam(network: nn.Module, x: Tensor, target: Tensor, options: Options) -> Tensor:
    """Return (n, 6, 8), 0 or more: Grad-CAM of each pixel shared out among the features.

    A feature's share of a pixel is |pixel dS/dpixel| of its own images against that of all; a pixel
    without any is shared evenly. Its sum over features is Grad-CAM.
    """
    import torch

    pixels = _grad_cam(network, x, target, options)  # (n, 6, 6)
    image, slope = _look(network, x, target, _convolutions(network).whole, of_input=True)
    strength = _by_feature((image * slope).abs(), x.shape[2])  # (n, 8, 6, 6)
    total = strength.sum(dim=1, keepdim=True)
    even = torch.full_like(strength, 1 / x.shape[2])
    share = torch.where(total > 0, strength / total.clamp(min=torch.finfo(x.dtype).tiny), even)
    by_feature = (share * pixels[:, None]).flatten(0, 1)  # (n * 8, 6, 6)
    return _over_bars(by_feature).view(len(x), x.shape[2], -1).transpose(1, 2)


def _by_feature(channels: Tensor, features: int) -> Tensor:
    # (n, 16, 6, 6) -> (n, 8, 6, 6): a feature has a summation and a difference image.
    return channels.view(len(channels), -1, features, *channels.shape[2:]).sum(dim=1)


def _grad_cam(network: nn.Module, x: Tensor, target: Tensor, options: Options) -> Tensor:
    activation, slope = _look(network, x, target, _layer(network, options))
    places = tuple(range(2, slope.dim()))
    return (slope.mean(dim=places, keepdim=True) * activation).sum(dim=1).relu()


def _weights_pp(activation: Tensor, slope: Tensor, square: Tensor, cube: Tensor) -> Tensor:
    # (n, k, places) -> (n, k, 1...); where the slope is 0 the numerator and the weight are 0.
    places = tuple(range(2, slope.dim()))
    below = 2 * square + activation.sum(dim=places, keepdim=True) * cube
    alpha = square / below.masked_fill(below == 0, 1)
    return (alpha * slope.relu()).sum(dim=places, keepdim=True)


def _unit(activation: Tensor) -> Tensor:
    # (n, places) of one filter, scaled to 0..1 by window; a filter that is constant masks all.
    low = activation.flatten(1).amin(dim=1).view(-1, *[1] * (activation.dim() - 1))
    span = activation.flatten(1).amax(dim=1).view_as(low) - low
    return (activation - low) / span.masked_fill(span == 0, 1)


def _masked_logit(network: nn.Module, x: Tensor, target: Tensor, mask: Tensor) -> Tensor:
    import torch

    def weigh(_module: nn.Module, args: tuple[Tensor]) -> tuple[Tensor]:
        return (args[0] * mask[:, None],)

    hook = _convolutions(network).whole.register_forward_pre_hook(weigh)
    try:
        with torch.no_grad():
            logits: Tensor = network(x)
            return logits.gather(1, target[:, None])[:, 0]
    finally:
        hook.remove()


def _look(
    network: nn.Module, x: Tensor, target: Tensor, layer: nn.Module, *, of_input: bool = False
) -> tuple[Tensor, Tensor]:
    # What a layer puts out, or takes in, for each window, and the slope of the logit there.
    import torch

    seen: list[Tensor] = []

    def keep(_module: nn.Module, args: tuple[Tensor], output: Tensor) -> None:
        seen.append(args[0] if of_input else output)

    hook = layer.register_forward_hook(keep)
    try:
        logits = network(x.detach().clone().requires_grad_(True))
    finally:
        hook.remove()
    (slope,) = torch.autograd.grad(logits.gather(1, target[:, None]).sum(), seen[0])
    return seen[0].detach(), slope


def _over_bars(places: Tensor) -> Tensor:
    # (n, 6) as it is, (n, 6, 6) half to either bar of a pair.
    return places if places.dim() == 2 else (places.sum(dim=1) + places.sum(dim=2)) / 2


def _convolutions(network: nn.Module) -> Convolutions:
    from models.networks.base import traits_of

    convolutions = traits_of(network).convolutions
    if convolutions is None:
        raise DataError(f"a {type(network).__name__} has no convolutions to look at")
    return convolutions


def _last(network: nn.Module) -> nn.Module:
    return _convolutions(network).activations[-1]


def _layer(network: nn.Module, options: Options) -> nn.Module:
    layers = _convolutions(network).activations
    if not -len(layers) <= options.layer < len(layers):
        raise DataError(
            f"the network has {len(layers)} convolutions, was asked for {options.layer}"
        )
    return layers[options.layer]


METHODS: Final = (
    Method(
        name="grad_cam",
        title="Grad-CAM",
        columns=1,
        signed=False,
        kind=MapKind.SCORE,
        formula="relu(sum over k of w[k] A[k, t]), w[k] the mean over t of dS/dA[k, t]",
        note="Which bars the last filters spoke for the class at. Features are summed away, and "
        "the mean over time ignores that the head weighs each bar by itself.",
        paper="Selvaraju et al., ICCV 2017",
        needs=(Trait.CONVOLUTIONS,),
        compute=grad_cam,
    ),
    Method(
        name="grad_cam_pp",
        title="Grad-CAM++",
        columns=1,
        signed=False,
        kind=MapKind.SCORE,
        formula="relu(sum over k of w[k] A[k, t]), w[k] the sum over t of a[k, t] relu(g), "
        "a = g² / (2 g² + g³ sum over t of A[k, t]), g = dS/dA",
        note="Grad-CAM that also sees a pattern which occurs at several bars. Features are summed "
        "away.",
        paper="Chattopadhay et al., WACV 2018",
        needs=(Trait.CONVOLUTIONS,),
        compute=grad_cam_pp,
    ),
    Method(
        name="cam",
        title="CAM",
        columns=1,
        signed=True,
        kind=MapKind.SHARE,
        formula="sum over k of w[k, t] A[k, t], w the head's own weights of the class",
        note="What each bar adds to the logit, exactly: with the bias of the head they make it up. "
        "Features are summed away, and a bar's activations have seen its neighbors.",
        paper="Zhou et al., CVPR 2016; for a head with weights per position",
        needs=(Trait.CONVOLUTIONS, Trait.LINEAR_HEAD),
        compute=cam,
    ),
    Method(
        name="score_cam",
        title="Score-CAM",
        columns=1,
        signed=False,
        kind=MapKind.SCORE,
        formula="relu(sum over k of softmax(s)[k] A[k, t]), s[k] the logit when the input is "
        "weighted by A[k], scaled to 0..1",
        note="Weights by trying instead of by gradients. Features are summed away, and a filter "
        "that is off everywhere still gets a weight.",
        paper="Wang et al., CVPR workshop 2020",
        needs=(Trait.CONVOLUTIONS,),
        compute=score_cam,
    ),
    Method(
        name="smooth_grad_cam_pp",
        title="Smooth Grad-CAM++",
        columns=1,
        signed=False,
        kind=MapKind.SCORE,
        formula="Grad-CAM++ with g, g² and g³ each averaged over noise on x",
        note="Grad-CAM++ of the neighborhood. Features are summed away.",
        paper="Omeiza et al., arXiv:1908.01224, 2019",
        needs=(Trait.CONVOLUTIONS,),
        compute=smooth_grad_cam_pp,
    ),
    Method(
        name="layer_cam",
        title="LayerCAM",
        columns=1,
        signed=False,
        kind=MapKind.SCORE,
        formula="relu(sum over k of relu(dS/dA[k, t]) A[k, t])",
        note="Weighs every filter at every bar by itself. Features are summed away, and what "
        "speaks against the class is left out.",
        paper="Jiang et al., IEEE TIP 30, 2021",
        needs=(Trait.CONVOLUTIONS,),
        compute=layer_cam,
    ),
    Method(
        name="guided_grad_cam",
        title="Guided Grad-CAM",
        columns=8,
        signed=True,
        kind=MapKind.SLOPE,
        formula="Grad-CAM at the step × guided backpropagation of the cell",
        note="Grad-CAM brings the class and the bar, guided backpropagation the feature. It keeps "
        "the faults of both.",
        paper="Selvaraju et al., ICCV 2017",
        needs=(Trait.CONVOLUTIONS, Trait.RELU),
        compute=guided_grad_cam,
    ),
    Method(
        name="gaf_grad_cam",
        title="Grad-CAM of the image, by feature",
        columns=8,
        signed=False,
        kind=MapKind.SCORE,
        formula="Grad-CAM at pixel (i, j), shared among features as |pixel · dS/dpixel|, half to "
        "bar i and half to bar j",
        note="Grad-CAM brings the pixel, gradient × input of the image the feature. Its sum over "
        "features is Grad-CAM; the sharing out is ours.",
        paper="Selvaraju et al., ICCV 2017, on the image of Wang and Oates, IJCAI 2015",
        needs=(Trait.CONVOLUTIONS, Trait.IMAGE),
        compute=gaf_grad_cam,
    ),
)
