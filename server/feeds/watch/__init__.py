"""Files that grow while the server runs, written by any program: `watch:bars/`."""
