"""What you need to test code that talks to models: a provider that does what a test tells it to."""

from interlingua.testing.reply import Reply, SeenRequest
from interlingua.testing.scripted import ScriptedProvider

__all__ = ["Reply", "ScriptedProvider", "SeenRequest"]
