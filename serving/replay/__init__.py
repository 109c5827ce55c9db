"""Proving what was said: a past score is computed again from what was kept of it, and compared to the bit."""

from serving.replay.comparing import Differs, Replayed
from serving.replay.replayer import Replayer

__all__ = ["Differs", "Replayed", "Replayer"]
