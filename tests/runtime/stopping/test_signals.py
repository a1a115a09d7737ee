"""Interrupting the main thread of an application that has its own way with SIGTERM."""

from __future__ import annotations

import signal
import threading

import pytest

from modalembic.runtime.stopping import signals

_SECONDS = 30.0


def test_no_interruption_is_taken_for_a_sigterm_of_the_application(
    monkeypatch: pytest.MonkeyPatch, sigterm_of_the_application: list[int]
) -> None:
    """A second one that was on its way while the first was handled was."""
    go, handled = threading.Event(), threading.Event()
    send = signal.pthread_kill
    sent: list[int] = []

    def send_late(thread: int, number: int) -> None:
        """The first at once; another one when the first has been handled."""
        if sent:
            go.set()
            assert handled.wait(_SECONDS)
        sent.append(number)
        send(thread, number)

    def interrupt() -> None:
        signals.interrupt_main()
        signals.interrupt_main()
        go.set()

    monkeypatch.setattr(signal, "pthread_kill", send_late)
    thread = threading.Thread(target=interrupt)
    with signals.borrowed():
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
        thread.start()
        assert go.wait(_SECONDS)
        with pytest.raises(signals.Terminated):
            signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGTERM])
        handled.set()
        thread.join()

    assert sigterm_of_the_application == []
