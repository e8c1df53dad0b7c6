"""The marathons' real minutes as plays and events: an audience that is invented, whose size is not."""
