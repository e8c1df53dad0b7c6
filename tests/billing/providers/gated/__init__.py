"""An app of the workers that tests start: a simulator that waits for the test before it answers."""
