"""The methods that explain a window, in words; `models.explain.attribution` computes them.

S is the logit of the class that is asked about, x the window in scaled units (0 = training mean),
A[k, t] the activation of filter k at step t after the chosen convolution and its ReLU.
"""

from typing import Final, Literal

from shared.explaining import MapKind, MethodCard

Needs = Literal["nothing", "relu", "convolutions", "linear head", "image", "attention"]


class Method(MethodCard, frozen=True, kw_only=True):
    """One way to explain an answer.

    Attributes:
        formula: In the letters above.
        paper: Where it comes from.
        needs: What a network must have for it.
    """

    formula: str
    paper: str
    needs: Needs = "nothing"


_GRADIENTS: Final = (
    Method(
        name="saliency",
        title="Saliency",
        columns=8,
        signed=True,
        kind=MapKind.SLOPE,
        formula="dS/dx",
        note="Which way the answer moves when a cell moves a little. It does not say how much the "
        "cell's present value contributed.",
        paper="Simonyan, Vedaldi and Zisserman, ICLR workshop 2014",
    ),
    Method(
        name="abs_gradient",
        title="|Gradient|",
        columns=8,
        signed=False,
        kind=MapKind.SCORE,
        formula="|dS/dx|",
        note="How strongly the answer reacts to a cell. The direction is lost.",
        paper="Simonyan, Vedaldi and Zisserman, ICLR workshop 2014",
    ),
    Method(
        name="gradient_x_input",
        title="Gradient × input",
        columns=8,
        signed=True,
        kind=MapKind.SHARE,
        product_of="saliency",
        formula="x · dS/dx",
        note="What each cell's distance from its mean contributed, to first order. A cell at its "
        "mean gets 0 however much the answer depends on it.",
        paper="Shrikumar et al., arXiv:1605.01713, 2016",
    ),
    Method(
        name="smoothgrad",
        title="SmoothGrad",
        columns=8,
        signed=True,
        kind=MapKind.SLOPE,
        formula="mean over noise e of dS/dx at x + e",
        note="The gradient of the neighborhood instead of the point, with less noise. What is true "
        "only exactly here is smoothed away.",
        paper="Smilkov et al., arXiv:1706.03825, 2017",
    ),
    Method(
        name="integrated_gradients",
        title="Integrated Gradients, from the mean",
        columns=8,
        signed=True,
        kind=MapKind.SHARE,
        formula="x · integral of dS/dx along the line from 0 to x",
        note="Shares out the distance of the logit from that of the average window; the shares add "
        "up to it. A cell at its mean gets 0.",
        paper="Sundararajan, Taly and Yan, ICML 2017",
    ),
    Method(
        name="integrated_gradients_flat",
        title="Integrated Gradients, from a flat window",
        columns=8,
        signed=True,
        kind=MapKind.SHARE,
        formula="(x - b) · integral of dS/dx from b to x, b each feature's mean over the 6 bars",
        note="Shares out what the course of the six bars adds over a window that stays at its own "
        "mean. The level of a feature is in the baseline, so it gets nothing.",
        paper="Sundararajan, Taly and Yan, ICML 2017",
    ),
    Method(
        name="occlusion",
        title="Occlusion",
        columns=8,
        signed=True,
        kind=MapKind.SHARE,
        formula="S(x) - S(x with the cell at 0)",
        note="What the logit loses when one cell is set to its training mean. Cells that can stand "
        "in for each other all look unimportant.",
        paper="Zeiler and Fergus, ECCV 2014",
    ),
)
_BACKPROP: Final = (
    Method(
        name="guided_backprop",
        title="Guided backpropagation",
        columns=8,
        signed=True,
        kind=MapKind.SLOPE,
        formula="dS/dx where each ReLU passes back only what is above 0 and was active",
        note="Sharp, but much the same for any weights and any class: it shows what the filters "
        "react to rather than why the class was chosen.",
        paper="Springenberg et al., ICLR workshop 2015",
        needs="relu",
    ),
    Method(
        name="deconvnet",
        title="Deconvnet",
        columns=8,
        signed=True,
        kind=MapKind.SLOPE,
        formula="dS/dx where each ReLU passes back only what is above 0, active or not",
        note="What would excite the filters, whether or not it is in this window. It hardly "
        "depends on the window.",
        paper="Zeiler and Fergus, ECCV 2014",
        needs="relu",
    ),
)
_CAM: Final = (
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
        needs="convolutions",
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
        needs="convolutions",
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
        needs="linear head",
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
        needs="convolutions",
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
        needs="convolutions",
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
        needs="convolutions",
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
        needs="convolutions",
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
        needs="image",
    ),
)
_ATTENTION: Final = (
    Method(
        name="attention_rollout",
        title="Attention rollout",
        columns=1,
        signed=False,
        kind=MapKind.SCORE,
        formula="mean over steps of the product over layers of (mean attention over heads + I) / 2",
        note="How much each bar is read, with what the layers pass on. The same for every class; "
        "features are summed away.",
        paper="Abnar and Zuidema, ACL 2020",
        needs="attention",
    ),
)

METHODS: Final[dict[str, Method]] = {
    method.name: method for method in (*_GRADIENTS, *_BACKPROP, *_CAM, *_ATTENTION)
}
LIVE: Final = METHODS["saliency"]  # what the engine makes with every decision
