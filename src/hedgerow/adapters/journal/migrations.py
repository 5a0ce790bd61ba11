"""The tables of a journal, numbered by version, in both dialects.

A migration is added at the end and never changed: files that have it are out there.
"""

from typing import Final

from hedgerow.ledger.journal import JournalError, JournalTooNew

SQLITE: Final[tuple[tuple[str, ...], ...]] = (
    (
        """
        CREATE TABLE records (
            number INTEGER PRIMARY KEY,
            time INTEGER NOT NULL,
            kind TEXT NOT NULL,
            key TEXT NOT NULL,
            body TEXT NOT NULL,
            before TEXT NOT NULL,
            digest TEXT NOT NULL
        ) STRICT
        """,
        "CREATE UNIQUE INDEX records_once ON records (kind, key) WHERE key <> ''",
        """
        CREATE TABLE lease (
            one INTEGER PRIMARY KEY CHECK (one = 1),
            fence INTEGER NOT NULL,
            holder TEXT NOT NULL,
            host TEXT NOT NULL,
            pid INTEGER NOT NULL,
            machine TEXT NOT NULL,
            born TEXT NOT NULL,
            since INTEGER NOT NULL,
            renewed INTEGER NOT NULL
        ) STRICT
        """,
        "INSERT INTO lease VALUES (1, 0, '', '', 0, '', '', 0, 0)",
    ),
    (
        """
        CREATE TRIGGER records_are_not_changed BEFORE UPDATE ON records
        BEGIN SELECT RAISE(ABORT, 'a record is never changed'); END
        """,
        """
        CREATE TRIGGER records_are_not_deleted BEFORE DELETE ON records
        BEGIN SELECT RAISE(ABORT, 'a record is never deleted'); END
        """,
        # INSERT OR REPLACE deletes without asking the trigger above, so an insert is looked at too.
        """
        CREATE TRIGGER records_follow BEFORE INSERT ON records
        WHEN NEW.number <> (SELECT coalesce(max(number), 0) + 1 FROM records)
            OR (
                NEW.key <> ''
                AND EXISTS (
                    SELECT 1 FROM records WHERE kind = NEW.kind AND key = NEW.key AND key <> ''
                )
            )
        BEGIN SELECT RAISE(ABORT, 'a record only follows the last one, once'); END
        """,
    ),
)

POSTGRES: Final[tuple[tuple[str, ...], ...]] = (
    (
        """
        CREATE TABLE hedgerow.records (
            number bigint PRIMARY KEY,
            time bigint NOT NULL,
            kind text NOT NULL,
            key text NOT NULL,
            body text NOT NULL,
            before text NOT NULL,
            digest text NOT NULL
        )
        """,
        "CREATE UNIQUE INDEX records_once ON hedgerow.records (kind, key) WHERE key <> ''",
        """
        CREATE TABLE hedgerow.lease (
            one integer PRIMARY KEY CHECK (one = 1),
            fence bigint NOT NULL,
            holder text NOT NULL,
            host text NOT NULL,
            pid bigint NOT NULL,
            machine text NOT NULL,
            born text NOT NULL,
            since bigint NOT NULL,
            renewed bigint NOT NULL
        )
        """,
        "INSERT INTO hedgerow.lease VALUES (1, 0, '', '', 0, '', '', 0, 0)",
    ),
    (
        """
        CREATE FUNCTION hedgerow.refuse() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'a record is never changed or deleted'; END $$
        """,
        """
        CREATE TRIGGER records_are_not_changed BEFORE UPDATE OR DELETE ON hedgerow.records
        FOR EACH ROW EXECUTE FUNCTION hedgerow.refuse()
        """,
        """
        CREATE TRIGGER records_are_not_emptied BEFORE TRUNCATE ON hedgerow.records
        FOR EACH STATEMENT EXECUTE FUNCTION hedgerow.refuse()
        """,
        """
        CREATE FUNCTION hedgerow.follow() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN
            IF NEW.number <> (SELECT coalesce(max(number), 0) + 1 FROM hedgerow.records) THEN
                RAISE EXCEPTION 'a record only follows the last one';
            END IF;
            RETURN NEW;
        END $$
        """,
        """
        CREATE TRIGGER records_follow BEFORE INSERT ON hedgerow.records
        FOR EACH ROW EXECUTE FUNCTION hedgerow.follow()
        """,
    ),
)

VERSION: Final = len(SQLITE)


def check_version(found: int, place: str) -> None:
    """Raise `JournalTooNew` unless this program knows version `found`."""
    if found > VERSION:
        raise JournalTooNew(
            f"{place}: written as version {found}, this program knows {VERSION}; nothing was "
            "changed: install the newer hedgerow that wrote it"
        )


def not_a_journal(place: str) -> JournalError:
    """Return the error for something that holds other things than a journal."""
    return JournalError(
        f"{place}: is not a journal of hedgerow; give the file or database that `hedgerow run` "
        "wrote, or a new one"
    )
