"""What you need to test code that talks to models: providers that do what they are told, even break."""

from interlingua.testing.attempt import Attempt
from interlingua.testing.fault import Fault, Verdict
from interlingua.testing.fault_proxy import FaultProxy, Passage
from interlingua.testing.faults import FAULTS, Choice, NoSuchFault, choose
from interlingua.testing.reply import Pause, Reply, SeenRequest
from interlingua.testing.scripted import ScriptedProvider
from interlingua.testing.toxics import Toxics
from interlingua.testing.wall import FaultWall

__all__ = [
    "FAULTS",
    "Attempt",
    "Choice",
    "Fault",
    "FaultProxy",
    "FaultWall",
    "NoSuchFault",
    "Passage",
    "Pause",
    "Reply",
    "ScriptedProvider",
    "SeenRequest",
    "Toxics",
    "Verdict",
    "choose",
]
