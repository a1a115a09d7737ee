CREATE EVENT TRIGGER modalembic_command ON ddl_command_end
    EXECUTE FUNCTION pg_modalembic.on_command();
CREATE EVENT TRIGGER modalembic_drop ON sql_drop EXECUTE FUNCTION pg_modalembic.on_drop();
CREATE EVENT TRIGGER modalembic_rewrite ON table_rewrite
    EXECUTE FUNCTION pg_modalembic.on_rewrite();
CREATE EVENT TRIGGER modalembic_start ON ddl_command_start
    WHEN TAG IN ('GRANT', 'REVOKE', 'DROP OWNED')
    EXECUTE FUNCTION pg_modalembic.on_start();
-- Also under session_replication_role = replica.
ALTER EVENT TRIGGER modalembic_command ENABLE ALWAYS;
ALTER EVENT TRIGGER modalembic_drop ENABLE ALWAYS;
ALTER EVENT TRIGGER modalembic_rewrite ENABLE ALWAYS;
ALTER EVENT TRIGGER modalembic_start ENABLE ALWAYS;
