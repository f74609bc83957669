"""Windows to probabilities and saliency, as the server asks for them."""
