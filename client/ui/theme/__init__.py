"""Theme, palette, fonts and style sheet, as Qt wants them."""
