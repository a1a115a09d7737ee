"""Recording what each revision touches while it runs on a scratch database."""

from modalembic.runtime.recording.recorder import TouchRecorder

__all__ = ["TouchRecorder"]
