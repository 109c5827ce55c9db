"""What the database itself refuses: changing or deleting chained rows, and swapping the content of a payload."""

from __future__ import annotations

from collections.abc import Iterator, Sequence


def guards(dialect: str, chained: Sequence[str]) -> Iterator[str]:
    """The statements that put the guards in place, for "sqlite" or "postgresql"."""
    yield from _sqlite(chained) if dialect == "sqlite" else _postgresql(chained)


def guards_of(dialect: str, chained: Sequence[str]) -> Iterator[str]:
    """The statements that guard tables of later forms."""
    yield from _sqlite_rows(chained) if dialect == "sqlite" else _postgresql_rows(chained)


def _sqlite(chained: Sequence[str]) -> Iterator[str]:
    yield from _sqlite_rows(chained)
    yield (
        "CREATE TRIGGER payloads_no_delete BEFORE DELETE ON payloads "
        "BEGIN SELECT RAISE(ABORT, 'payloads are erased, not deleted'); END"
    )
    yield (
        "CREATE TRIGGER payloads_no_swap BEFORE UPDATE ON payloads "
        "WHEN NEW.hash <> OLD.hash OR (OLD.content IS NOT NULL AND NEW.content IS NOT NULL "
        "AND NEW.content <> OLD.content) "
        "BEGIN SELECT RAISE(ABORT, 'the content of a payload cannot be changed'); END"
    )


def _sqlite_rows(chained: Sequence[str]) -> Iterator[str]:
    for table in chained:
        for act in ("UPDATE", "DELETE"):
            yield (
                f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, 'the journal only grows: {act} on {table} refused'); END"
            )
        yield (
            f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "
            f"WHEN EXISTS (SELECT 1 FROM {table} WHERE place = NEW.place) "
            f"BEGIN SELECT RAISE(ABORT, 'the journal only grows: INSERT over a row of {table} refused'); END"
        )


def _postgresql(chained: Sequence[str]) -> Iterator[str]:
    yield "CREATE SEQUENCE entries_place"
    yield (
        "CREATE FUNCTION loanwatch_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "BEGIN RAISE EXCEPTION 'the journal only grows: % on % refused', TG_OP, TG_TABLE_NAME; END $$"
    )
    yield (
        "CREATE FUNCTION loanwatch_same_payload() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "BEGIN IF NEW.hash <> OLD.hash OR (OLD.content IS NOT NULL AND NEW.content IS NOT NULL "
        "AND NEW.content <> OLD.content) THEN RAISE EXCEPTION 'the content of a payload cannot be changed'; "
        "END IF; RETURN NEW; END $$"
    )
    yield from _postgresql_rows(chained)
    yield (
        "CREATE TRIGGER payloads_not_deleted BEFORE DELETE OR TRUNCATE ON payloads "
        "FOR EACH STATEMENT EXECUTE FUNCTION loanwatch_only_grows()"
    )
    yield (
        "CREATE TRIGGER payloads_no_swap BEFORE UPDATE ON payloads "
        "FOR EACH ROW EXECUTE FUNCTION loanwatch_same_payload()"
    )


def _postgresql_rows(chained: Sequence[str]) -> Iterator[str]:
    for table in chained:
        yield (
            f"CREATE TRIGGER {table}_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION loanwatch_only_grows()"
        )
