"""Kind ``sql``: a table or a query of any database that SQLAlchemy reaches, read-only, from a watermark on.

The watermark is a pair (column, key). Every fetch starts an ``overlap`` before the place it had reached, so that rows that
were committed late are not lost, and goes on by the pair, so that no row is skipped or read twice. Values are bound,
names are quoted; sessions are read-only and end in a rollback.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import ClassVar, NamedTuple, cast

import sqlalchemy as sa
from pydantic import Field, field_validator, model_validator
from sqlalchemy.exc import ArgumentError, DBAPIError, ProgrammingError, SQLAlchemyError

from connectors.base import Batch, Cursor, SourceFailed, SourceRefused
from connectors.cells import cells_of
from connectors.durations import seconds
from connectors.mapping import Part, SourceSpec
from connectors.quarantine import DoesNotFit, Gathering, MapRow, raw_row
from connectors.rows import compile_rows
from connectors.secrets import redacted, secret_named
from connectors.sessions import Session, open_session
from connectors.watermarks import Mark, counts, earlier, from_cursor, to_cursor
from rules.documents import nearest
from rules.facts import Instant
from rules.problems import UserError, refuse


class Watermark(Part):
    """The column that grows with every change of a row, and the unique key that tells rows of one value apart.

    ``format`` is the strptime pattern of a watermark that is kept as text: the year first, so that it sorts by time.
    """

    column: str
    key: str
    format: str | None = None

    @field_validator("format")
    @classmethod
    def _sorts_by_time(cls, written: str | None) -> str | None:
        order = [letter for letter in (written or "").split("%")[1:] if letter]
        if written is not None and [part[0] for part in order] != list("YmdHMSf")[: len(order)]:
            raise ValueError("a watermark kept as text has to sort by time, such as '%Y-%m-%d %H:%M:%S'")
        return written


class Read(Part):
    """Which database, which rows, and from where on."""

    url: str
    password: str | None = None
    table: str | None = None
    query: str | None = None
    watermark: Watermark | None = None
    overlap: str | int = "1h"
    batch: int = Field(default=1_000, ge=1, le=100_000)
    timeout: str = "30s"

    @field_validator("url")
    @classmethod
    def _no_password(cls, url: str) -> str:
        try:
            parsed = sa.make_url(url)
        except ArgumentError:
            raise ValueError("this is not a database address such as postgresql+psycopg://reader@host/name") from None
        if parsed.password:
            raise ValueError("a password does not belong in a mapping; name a secret under 'password:'")
        return url

    @field_validator("query")
    @classmethod
    def _one_select(cls, query: str | None) -> str | None:
        if query is None:
            return None
        query = query.strip().rstrip(";").rstrip()
        if not query.lower().startswith(("select", "with")) or ";" in query:
            raise ValueError("a query is one SELECT (or WITH ... SELECT), without semicolons")
        return query

    @model_validator(mode="after")
    def _agrees(self) -> Read:
        if (self.table is None) == (self.query is None):
            raise ValueError("write either 'table' or 'query'")
        for duration in (self.overlap, self.timeout):
            if isinstance(duration, str):
                seconds(duration)
        return self


class _Position(NamedTuple):
    """Where a page begins: at a mark, or after a key within it."""

    mark: Mark
    key: object | None


class Sql:
    """Reads the rows of one table or query through a mapping."""

    kind: ClassVar[str] = "sql"

    def __init__(self, spec: SourceSpec, read: Read, session: Session, hidden: Sequence[str]) -> None:
        self.source, self.spec = spec.source, spec
        self._read, self._session, self._hidden = read, session, hidden
        self._place = read.table or "query"
        self._mapped: tuple[Sequence[str], MapRow] | None = None

    def fetch(self, cursor: Cursor, now: Instant) -> Iterator[Batch]:
        """Yield the rows from the watermark on (all of them where none is declared), a batch at a time."""
        gathering = Gathering(self.source)
        try:
            with self._session.engine.connect() as connection:
                if self._read.watermark is None:
                    yield from self._stream(connection, gathering, self._rows(), {})
                    yield gathering.batch({}, more=False)
                else:
                    yield from self._from_watermark(connection, gathering, self._read.watermark, cursor, now)
                connection.rollback()
        except UserError as error:
            raise SourceRefused(error.problems) from error
        except SQLAlchemyError as error:
            raise self._failed(error) from error

    def close(self) -> None:
        """Let go of all connections."""
        self._session.engine.dispose()

    def _from_watermark(
        self, connection: sa.Connection, gathering: Gathering, watermark: Watermark, cursor: Cursor, now: Instant
    ) -> Iterator[Batch]:
        """Read page after page by (column, key), and at last the rows that have no watermark."""
        reached = from_cursor(cursor)
        start = None if reached is None else earlier(reached, self._read.overlap, watermark.format)
        position = None if start is None else _Position(start, None)
        while True:
            rows, columns = self._page(connection, watermark, position)
            self._take(gathering, rows, columns)
            at, by = _index(columns, watermark.column), _index(columns, watermark.key)
            for row in rows:
                mark, key = row[at], row[by]
                position = _Position(cast("Mark", mark), key)
                if counts(mark, now, watermark.format):
                    reached = cast("Mark", mark)
            if len(rows) < self._read.batch:
                break
            yield gathering.batch(to_cursor(reached), more=True)
        unmarked = self._rows().where(sa.column(watermark.column).is_(None))
        yield from self._stream(connection, gathering, unmarked, to_cursor(reached))
        yield gathering.batch(to_cursor(reached), more=False)

    def _rows(self) -> sa.Select[tuple[object, ...]]:
        """Return the selection of all rows; a query's own text is never mixed with values."""
        if self._read.query is not None:
            inner = sa.text(self._read.query.replace(":", "\\:")).columns().subquery("q")
            return sa.select(sa.text("*")).select_from(inner)
        schema, _, name = (self._read.table or "").rpartition(".")
        return sa.select(sa.text("*")).select_from(sa.table(name, schema=schema or None))

    def _page(
        self, connection: sa.Connection, watermark: Watermark, position: _Position | None
    ) -> tuple[Sequence[sa.Row[tuple[object, ...]]], list[str]]:
        at: sa.ColumnClause[object] = sa.column(watermark.column)
        key: sa.ColumnClause[object] = sa.column(watermark.key)
        page = self._rows().where(at.is_not(None)).order_by(at, key).limit(self._read.batch)
        if position is not None:
            begins = at >= position.mark
            if position.key is not None:
                begins = sa.or_(at > position.mark, sa.and_(at == position.mark, key > position.key))
            page = page.where(begins)
        self._session.restart()
        result = connection.execute(page)
        return result.all(), list(result.keys())

    def _stream(
        self, connection: sa.Connection, gathering: Gathering, rows: sa.Select[tuple[object, ...]], cursor: Cursor
    ) -> Iterator[Batch]:
        """Read a selection from end to end without holding it in memory."""
        self._session.restart()
        result = connection.execution_options(stream_results=True).execute(rows)
        columns = list(result.keys())
        while True:
            self._session.restart()
            part = result.fetchmany(self._read.batch)
            self._take(gathering, part, columns)
            if len(part) < self._read.batch:
                return
            yield gathering.batch(cursor, more=True)

    def _take(self, gathering: Gathering, rows: Sequence[sa.Row[tuple[object, ...]]], columns: Sequence[str]) -> None:
        map_row = self._map_row(columns)
        for number, row in enumerate(rows, start=gathering.total + 1):
            try:
                gathering.take(map_row, columns, cells_of(row), number, self._place)
            except DoesNotFit as found:
                gathering.refuse(found, number, self._place, raw_row(columns, [str(value) for value in row]))

    def _map_row(self, columns: Sequence[str]) -> MapRow:
        if self._mapped is None or self._mapped[0] != columns:
            self._mapped = (columns, compile_rows(self.spec, columns, f"{self.source}: {self._place}"))
        return self._mapped[1]

    def _failed(self, error: SQLAlchemyError) -> SourceFailed:
        """Say in one sentence what the database said; a wrong table or column waits for a person."""
        said = str(error.orig if isinstance(error, DBAPIError) else error).strip().splitlines() or [
            type(error).__name__
        ]
        reason = redacted(said[0], self._hidden)
        lasting = isinstance(error, ProgrammingError) or reason.startswith(("no such", "file is not a database"))
        return SourceFailed(
            f"The database of source '{self.source}' did not answer as asked: {reason}.",
            f"数据源“{self.source}”的数据库未能应答：{reason}。",
            passing=not lasting,
        )


def _index(columns: Sequence[str], wanted: str) -> int:
    """Return a column's position; databases may find a column under a name that they then spell otherwise."""
    if wanted in columns:
        return columns.index(wanted)
    near = nearest(wanted, columns)
    raise refuse(
        "mapping/column", "watermark", f"The rows have no column '{wanted}' for the watermark.",
        f"结果中没有水位列“{wanted}”。", mend_en=f"The nearest is '{near}'." if near else "",
        mend_zh=f"最接近的是“{near}”。" if near else "",
    )  # fmt: skip


def connect(
    spec: SourceSpec,
    read: Read,
    secrets: Mapping[str, str],
    base: Path,
    path: Path | None,  # noqa: ARG001  # reads no file
) -> Sql:
    """Return the connector; the password comes from the secret that the mapping names."""
    password = None if read.password is None else secret_named(read.password, secrets, spec.source)
    session = open_session(sa.make_url(read.url), password, seconds(read.timeout), base)
    return Sql(spec, read, session, [password] if password else [])
