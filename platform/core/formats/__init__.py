"""How the back office writes dates and numbers (settings `FORMAT_MODULE_PATH`)."""
