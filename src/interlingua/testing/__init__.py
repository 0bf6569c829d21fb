"""What you need to test code that talks to models: a provider that does what a test tells it to."""

from interlingua.testing.scripted import Reply, ScriptedProvider, SeenRequest

__all__ = ["Reply", "ScriptedProvider", "SeenRequest"]
