"""Writes the rows of a review as Parquet, for those who go on with them in a data frame: instants stay instants.

The package that writes it (the extra ``parquet``) is asked for only here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rules.facts import Value
from rules.problems import UserError, refuse

if TYPE_CHECKING:
    import pyarrow as pa

ROW_GROUP: Final = 50_000
"""So many rows are turned into columns at a time."""

INSTANTS: Final = frozenset({"started_at", "due_at", "stopped_at"})
"""Columns whose text is an instant in ISO 8601."""


def write_parquet(rows: Sequence[Mapping[str, Value]], columns: Sequence[str], out: Path | None, zone: str) -> None:
    """Write rows to a file that appears only when it is whole; empty texts are nulls, instants bear the ``zone``.

    Raise ``UserError`` where no file is named or the package is not installed.
    """
    if out is None:
        raise refuse(
            "cli/out", "--format parquet", "Parquet is not written to the screen.", "Parquet 不能输出到屏幕。",
            mend_en="Add --out FILE.parquet.", mend_zh="请加上 --out 文件.parquet。",
        )  # fmt: skip
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ModuleNotFoundError as error:
        raise _not_installed() from error
    part = out.with_name(out.name + ".part")
    schema = pa.schema([(name, _type(name, rows, zone)) for name in columns])
    try:
        with pq.ParquetWriter(part, schema, compression="zstd") as writer:
            for begin in range(0, len(rows), ROW_GROUP):
                group = rows[begin : begin + ROW_GROUP]
                values = [[_value(row.get(field.name), field.type) for row in group] for field in schema]
                writer.write_table(pa.table(values, schema=schema))
        part.replace(out)
    except OSError as error:
        raise refuse(
            "cli/out", out, f"The file cannot be written: {error.strerror}.", f"无法写入文件：{error.strerror}。"
        ) from error
    finally:
        part.unlink(missing_ok=True)


def _type(name: str, rows: Sequence[Mapping[str, Value]], zone: str) -> pa.DataType:
    """Return the type of a column: what all its values have in common, else text."""
    import pyarrow as pa

    if name in INSTANTS:
        return pa.timestamp("s", zone)
    kinds = {type(value) for row in rows if (value := row.get(name)) not in (None, "")}
    plain = {bool: pa.bool_(), int: pa.int64(), float: pa.float64()}
    if len(kinds) == 1:
        return plain.get(kinds.pop(), pa.string())
    return pa.float64() if kinds == {int, float} else pa.string()


def _value(value: Value, kind: pa.DataType) -> Value | dt.datetime:
    import pyarrow as pa

    if value is None or value == "":
        return None
    if pa.types.is_timestamp(kind):
        return dt.datetime.fromisoformat(str(value))
    return str(value) if pa.types.is_string(kind) else value


def _not_installed() -> UserError:
    return refuse(
        "cli/parquet", "--format parquet", "Parquet needs the package 'pyarrow', which is not installed.",
        "Parquet 格式需要 pyarrow，但未安装。",
        mend_en="Install it: pip install 'mingdeng[parquet]'; or use --format csv.",
        mend_zh="请安装：pip install 'mingdeng[parquet]'；或改用 --format csv。",
    )  # fmt: skip
