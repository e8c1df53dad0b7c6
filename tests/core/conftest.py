from tests.core.servers import binaries, directory, ready, room, template

__all__ = ["binaries", "directory", "ready", "room", "template"]
