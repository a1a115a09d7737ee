"""One trial: a run that is interrupted at one point, and the next one."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue

from modalembic.postgres.url import DatabaseURL
from tests.cli.commandline import Outcome
from tests.crash.endings import Ending, ending_of
from tests.crash.histories import URL_VARIABLE
from tests.crash.proxy import (
    Harm,
    Message,
    Moment,
    Point,
    Proxy,
    cut,
    cut_others,
    kill,
    terminate,
)
from tests.crash.zygote import Started, Zygote

HARMS: dict[str, Harm] = {
    "cut": cut,
    "kill": kill,
    "terminate": terminate,
    "cut others": cut_others,
}
KILLED = -9
FAILED = 2
NOTHING_TO_DO = "nothing to do"
UPGRADE = ("upgrade", "heads")


@dataclass(frozen=True)
class Subject:
    """A project and the command on it that is interrupted. `start` names the database to begin
    with, one without connections. With `own_url` env.py alone knows the database, by a variable."""

    root: Path
    environ: dict[str, str] = field(default_factory=dict)
    command: tuple[str, ...] = UPGRADE
    start: str = "template0"
    own_url: bool = False
    # Whether it has revisions that leave their transaction.
    leaves_transactions: bool = False

    def run(self, zygote: Zygote, url: str, *command: str) -> Outcome:
        """The command, or another one, on the database, to its end."""
        return self.begin(zygote, url, *command).finish()

    def begin(self, zygote: Zygote, url: str, *command: str) -> Started:
        """The same, under way."""
        named = () if self.own_url else ("--database", url)
        variable = {URL_VARIABLE: url} if self.own_url else {}
        arguments = (*named, *(command or self.command))
        return zygote.start(*arguments, cwd=self.root, environ={**self.environ, **variable})


@dataclass(frozen=True)
class Trial:
    """What is done at which point; `message` is what the client says there."""

    point: Point
    harm: str
    message: str

    def __str__(self) -> str:
        at = f"no. {self.point.occurrence} on connection {self.point.connection}"
        return f"{self.harm} {self.point.moment.value} {self.message[:100]!r}, {at}"


@dataclass(frozen=True)
class Tried:
    """What came of a trial. It is not `struck` where its message never came: modalembic asks some
    questions only where there is time for them."""

    trial: Trial
    wrong: list[str]
    struck: bool = False


def judged(tried: Sequence[Tried], share: float = 0.5) -> int:
    """How many trials came about. Fails with everything that went wrong, and where it was less than
    this share of all."""
    failures = [f"{each.trial}\n  {line}" for each in tried for line in each.wrong]
    shown = "\n".join(failures[:10])
    assert not failures, f"{len(failures)} things went wrong in {len(tried)} trials\n{shown}"
    struck = sum(each.struck for each in tried)
    assert struck > share * len(tried), f"of {len(tried)} trials only {struck} came about"
    return struck


# From the subject, a process to run in, the database, and how the interrupted run ended to what is
# wrong with the way back.
Recover = Callable[[Subject, Zygote, str, Outcome], list[str]]


@dataclass(frozen=True)
class Workshop:
    """Where trials are made: databases from a template, and processes to run in."""

    database: Callable[[str], AbstractContextManager[str]]
    zygotes: SimpleQueue[Zygote]
    jobs: int

    @contextmanager
    def zygote(self) -> Iterator[Zygote]:
        """One of the processes, for as long."""
        zygote = self.zygotes.get()
        try:
            yield zygote
        finally:
            self.zygotes.put(zygote)

    def undisturbed(self, subject: Subject) -> tuple[list[Message], Ending]:
        """The messages of a run that nothing happens to, and how it ends."""
        with self.database(subject.start) as url, Proxy(DatabaseURL.parse(url)) as proxy:
            with self.zygote() as zygote:
                outcome = subject.run(zygote, proxy.url)
            assert outcome.code == 0, outcome.said
            return list(proxy.seen), ending_of(url, mended=subject.leaves_transactions)

    def try_all(
        self,
        subject: Subject,
        trials: Sequence[Trial],
        expected: Ending,
        recover: Recover | None = None,
    ) -> int:
        """Make all trials, some at once; how many of them came about. Fails with everything that
        went wrong."""

        def make(trial: Trial) -> Tried:
            try:
                return self.attempt(subject, trial, expected, recover or run_again)
            except Exception as error:  # noqa: BLE001 - one that breaks is one that failed
                return Tried(trial, wrong=[f"{type(error).__name__}: {error}"])

        with ThreadPoolExecutor(self.jobs) as pool:
            return judged(list(pool.map(make, trials)))

    def attempt(self, subject: Subject, trial: Trial, expected: Ending, recover: Recover) -> Tried:
        """One trial, and what comes after it."""
        with self.database(subject.start) as url:
            with self.zygote() as zygote:
                outcome, struck = interrupted(subject, zygote, url, trial)
                wrong = wrong_of_interrupted(outcome, trial)
                wrong += recover(subject, zygote, url, outcome)
            ending = ending_of(url, mended=subject.leaves_transactions)
            return Tried(trial, wrong or ending.differences(expected), struck=struck)


def run_again(subject: Subject, zygote: Zygote, url: str, outcome: Outcome) -> list[str]:
    """The same command again, which has to do what is left."""
    following = subject.run(zygote, url)
    if following.code != 0:
        return [f"the next run ended with {following.code}: {following.said}"]
    if outcome.code == 0 and NOTHING_TO_DO not in following.out:
        return [f"the interrupted run said that it was done, and was not: {following.out}"]
    return []


def interrupted(subject: Subject, zygote: Zygote, url: str, trial: Trial) -> tuple[Outcome, bool]:
    """How the run ends to which the trial's harm is done, and whether it was done."""
    with Proxy(DatabaseURL.parse(url), trial.point, HARMS[trial.harm]) as proxy:
        started = subject.begin(zygote, proxy.url)
        proxy.victim = started.pid
        outcome = started.finish()
    return outcome, proxy.struck.is_set()


def wrong_of_interrupted(outcome: Outcome, trial: Trial) -> list[str]:
    """What a process does wrong that loses its connections, whatever it has reached by then."""
    wrong = []
    if "Traceback" in outcome.err:
        wrong.append(f"a traceback: {outcome.err}")
    allowed = {KILLED, 0} if trial.harm == "kill" else {0, FAILED}
    if outcome.code not in allowed:
        wrong.append(f"it ended with {outcome.code}: {outcome.said}")
    if outcome.code == FAILED and "error: " not in outcome.err and '"error": {' not in outcome.out:
        wrong.append(f"no word of what happened: {outcome.said!r}")
    return wrong


def every_trial(messages: Iterable[Message], harms: Iterable[str] = tuple(HARMS)) -> list[Trial]:
    """Each harm at each moment of each message."""
    names = list(harms)
    return [
        Trial(
            Point(message.connection, message.key, message.occurrence, moment), harm, message.text
        )
        for message in messages
        for moment in Moment
        if message.asks or moment is not Moment.ANSWERED
        for harm in names
    ]


def some(trials: Sequence[Trial], number: int, seed: int) -> list[Trial]:
    """So many of them, the same for the same seed, in their order."""
    chosen = random.Random(seed).sample(range(len(trials)), min(number, len(trials)))
    return [trials[index] for index in sorted(chosen)]
