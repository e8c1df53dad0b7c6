"""How people are told: words made of templates, and the channels that carry them."""
