"""Databases that were upgraded before modalembic, or by stock Alembic in between.

What is applied there and has no row in the history table gets one, as stamped, with the content
that its file has now: from here on an edit of it is seen.
"""

from __future__ import annotations

from modalembic._version import __version__
from modalembic.project import Project
from modalembic.runtime.connection.session import Session
from modalembic.runtime.failure import shown_path
from modalembic.runtime.state.content import content_of
from modalembic.runtime.state.recorded import SEPARATOR
from modalembic.runtime.state.situation import Situation
from modalembic.runtime.tables.history import who


def reconcile(project: Project, session: Session, situation: Situation, run_id: str) -> int:
    """Write the rows that are missing, all with one statement; how many.

    A spliced revision gets none: nobody ran it; nor one that has only another id now. Nothing is
    written where it cannot be read what is there already. Raises OSError where a file cannot be
    read.
    """
    if situation.history.exists and not situation.history.may_read:
        return 0
    unknown = [
        revision
        for id_, revision in project.graph.revisions.items()
        if id_ in situation.state.applied
        and id_ not in situation.recorded
        and id_ not in situation.spliced
        and id_ not in situation.twins
    ]
    if not unknown:
        return 0
    contents = [content_of(revision) for revision in unknown]
    parents = [project.graph.parents[revision.id] for revision in unknown]
    session.run(
        f"""
        INSERT INTO {situation.history.qualified} (run_id, version_table, module, revision,
               direction, path, parents, content_hash, meaning_hash, started_at, ms, who,
               modalembic_version, details)
        SELECT %(run_id)s, %(table)s, module, revision, 'stamp', path,
               string_to_array(parents, %(separator)s), content, meaning, now(), 0, %(who)s,
               %(version)s, jsonb_build_object('reconciled', true)
          FROM unnest(CAST(%(modules)s AS text[]), CAST(%(revisions)s AS text[]),
                      CAST(%(paths)s AS text[]), CAST(%(parents)s AS text[]),
                      CAST(%(contents)s AS text[]), CAST(%(meanings)s AS text[]))
               AS missing (module, revision, path, parents, content, meaning)
        """,
        {
            "run_id": run_id,
            "table": situation.versions.name,
            "separator": SEPARATOR,
            "who": who(),
            "version": __version__,
            "modules": [revision.module for revision in unknown],
            "revisions": [revision.id for revision in unknown],
            "paths": [shown_path(project.root, revision.path) for revision in unknown],
            "parents": [SEPARATOR.join(ids) for ids in parents],
            "contents": [content.text for content in contents],
            "meanings": [content.meaning for content in contents],
        },
    )
    return len(unknown)
