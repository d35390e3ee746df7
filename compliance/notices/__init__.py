"""Notice templates, print layouts and fonts, with their renderer."""
