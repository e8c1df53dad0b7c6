"""Roll-ups: figures by bucket, computed whole from their sources whenever something touched them."""
