from tests.runtime.support import *
CIC="""
op.create_table('t', sa.Column('a', sa.Integer))
with op.get_context().autocommit_block():
    op.create_index('ix', 't', ['a'], postgresql_concurrently=True)
    op.execute("INSERT INTO t VALUES (1)")
op.execute("INSERT INTO t VALUES (2)")
"""
def test_it(tmp_path, database_url):
    project = new_project(tmp_path)
    project.module("m").revision("m1", upgrade=CIC)
    r = modalembic(project, "upgrade", url=database_url)
    print(r)
    print(fetch(database_url, "select state, details from modalembic_history"))
    print(modalembic(project, "doctor", url=database_url))
    assert 0
