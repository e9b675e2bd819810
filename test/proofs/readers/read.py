"""Reads files cell by cell and holds them against what must be in them: read.py READER MANIFEST.

Prints one JSON line per file: {"name", "format", "ok", "seen", "seconds"}.
"""

import csv
import datetime
import json
import math
import sys
import time

EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
MILLISECOND = datetime.timedelta(milliseconds=1)


class Unsupported(Exception):
    """This is not for this reader."""


# --- readers -----------------------------------------------------------------------------------------------------------
# Each gives (names, columns): the columns as lists of Python values. `filter` gives the numbers of the rows that match.


class PyArrow:
    formats = ("parquet", "csv", "ndjson")
    reads_mixed = False

    def parquet(self, path):
        import pyarrow.parquet as parquet

        table = parquet.read_table(path)
        return table.column_names, [instants(table.column(at)) for at in range(table.num_columns)]

    def csv(self, path, delimiter, names):
        import pyarrow as pa
        from pyarrow import csv as arrow

        table = arrow.read_csv(
            path,
            read_options=arrow.ReadOptions(block_size=1 << 24),
            parse_options=arrow.ParseOptions(delimiter=delimiter, newlines_in_values=True),
            convert_options=arrow.ConvertOptions(column_types={name: pa.string() for name in names}, strings_can_be_null=False),
        )
        return table.column_names, [column.to_pylist() for column in table.columns]

    def ndjson(self, path):
        from pyarrow import json as arrow

        table = arrow.read_json(path, read_options=arrow.ReadOptions(block_size=1 << 26))
        return table.to_pylist()

    def matching(self, path, column, operator, value, key):
        import pyarrow.compute as compute
        import pyarrow.dataset as dataset

        field = compute.field(column)
        condition = {"==": field == value, "<": field < value, ">=": field >= value}[operator]
        return dataset.dataset(path).to_table(filter=condition, columns=[key]).column(0).to_pylist()


class Pandas:
    """`engine` reads Parquet; CSV is read by the C or the Python parser."""

    formats = ("parquet", "csv", "ndjson")
    reads_mixed = True

    def __init__(self, engine, parser):
        self.engine = engine
        self.parser = parser

    def parquet(self, path):
        import pandas

        if self.engine == "pyarrow":
            frame = pandas.read_parquet(path, engine="pyarrow", dtype_backend="pyarrow")
        else:
            frame = pandas.read_parquet(path, engine=self.engine)
        return list(frame.columns), [frame.iloc[:, at].tolist() for at in range(frame.shape[1])]

    def csv(self, path, delimiter, names):
        import pandas

        frame = pandas.read_csv(path, sep=delimiter, dtype=str, keep_default_na=False, na_filter=False, engine=self.parser, encoding="utf-8-sig")
        return list(frame.columns), [frame.iloc[:, at].tolist() for at in range(frame.shape[1])]

    def ndjson(self, path):
        import pandas

        if self.engine == "fastparquet":
            raise Unsupported("the same reader as with pyarrow")
        frame = pandas.read_json(path, lines=True, dtype=False, convert_dates=False)
        return frame.astype(object).to_dict("records")

    def matching(self, path, column, operator, value, key):
        import pandas

        if self.engine == "fastparquet" and isinstance(value, (str, datetime.datetime)):
            value = pandas.Timestamp(value) if isinstance(value, datetime.datetime) else value
        frame = pandas.read_parquet(path, engine=self.engine, columns=list({key, column}), filters=[(column, operator, value)])
        if self.engine == "fastparquet":  # its filters choose row groups only
            values = frame[column]
            frame = frame[{"==": values == value, "<": values < value, ">=": values >= value}[operator]]
        return frame[key].tolist()


class Polars:
    formats = ("parquet", "csv", "ndjson")
    reads_mixed = False

    def other_names(self, name):
        """In the header of a CSV file it leaves doubled quotes as they are."""
        return (name.replace('"', '""'),)

    def parquet(self, path):
        import polars

        frame = polars.read_parquet(path)
        return frame.columns, [polars_instants(frame[name]) for name in frame.columns]

    def csv(self, path, delimiter, names):
        import polars

        frame = polars.read_csv(path, separator=delimiter, infer_schema=False)
        return frame.columns, [frame[name].to_list() for name in frame.columns]

    def ndjson(self, path):
        import polars

        return polars.read_ndjson(path, infer_schema_length=None).to_dicts()

    def matching(self, path, column, operator, value, key):
        import polars

        # of parquetjs-lite's files it takes timestamps for local ones
        if isinstance(value, datetime.datetime) and polars.read_parquet_schema(path)[column].time_zone is None:
            value = value.replace(tzinfo=None)
        field = polars.col(column)
        condition = {"==": field == value, "<": field < value, ">=": field >= value}[operator]
        return polars.scan_parquet(path).filter(condition).select(key).collect()[key].to_list()


class DuckDB:
    formats = ("parquet", "csv", "ndjson")
    reads_mixed = True

    def other_names(self, name):
        """It adds `_1` to a name that differs from an earlier one in case only, and trims the names of a CSV file."""
        return (f"{name}_1", name.rstrip())

    def __init__(self):
        import duckdb

        self.connection = duckdb.connect()
        self.connection.execute("SET TimeZone = 'UTC'; SET preserve_insertion_order = true")

    def parquet(self, path):
        return self.table("SELECT * FROM read_parquet(?)", [path])

    def csv(self, path, delimiter, names):
        sql = "SELECT * FROM read_csv(?, all_varchar = true, header = true, delim = ?, quote = '\"', escape = '\"', strict_mode = true)"
        return self.table(sql, [path, delimiter])

    def ndjson(self, path):
        rows = self.connection.execute("SELECT json FROM read_ndjson_objects(?, maximum_object_size = 67108864)", [path]).fetchall()
        return [json.loads(row[0]) for row in rows]

    def matching(self, path, column, operator, value, key):
        sql = f"SELECT {quoted(key)} FROM read_parquet(?) WHERE {quoted(column)} {'=' if operator == '==' else operator} ?"
        return [row[0] for row in self.connection.execute(sql, [path, value]).fetchall()]

    def table(self, sql, parameters):
        relation = self.connection.execute(sql, parameters)
        names = [column[0] for column in relation.description]
        rows = relation.fetchall()
        return names, [list(column) for column in zip(*rows)] if rows else [[] for _ in names]


class Csv:
    """Python's own csv module."""

    formats = ("csv",)

    def csv(self, path, delimiter, names):
        with open(path, newline="", encoding="utf-8-sig") as file:
            rows = list(csv.reader(file, delimiter=delimiter, strict=True))
        if any(len(row) != len(rows[0]) for row in rows):
            raise ValueError("rows of different lengths")
        return rows[0], [list(column) for column in zip(*rows[1:])] if len(rows) > 1 else [[] for _ in rows[0]]


class Spark:
    formats = ("parquet",)

    def __init__(self):
        from pyspark.sql import SparkSession

        builder = SparkSession.builder.master("local[1]").config("spark.sql.session.timeZone", "UTC")
        builder = builder.config("spark.ui.enabled", "false").config("spark.sql.caseSensitive", "true")
        self.session = builder.config("spark.sql.debug.maxToStringFields", 2000).getOrCreate()
        self.session.sparkContext.setLogLevel("OFF")

    def parquet(self, path):
        frame = self.session.read.parquet(path)
        rows = [row.asDict(recursive=True) for row in frame.collect()] if len(set(frame.columns)) == len(frame.columns) else None
        if rows is None:
            raise ValueError("columns of one name")
        return frame.columns, [[row[name] for row in rows] for name in frame.columns]


class Pm4py:
    """Reads event logs only: a CSV file by way of pandas, as its documentation does."""

    formats = ("csv",)

    def csv(self, path, delimiter, names):
        import pandas
        import pm4py

        if "flowNodeName" not in names:
            raise Unsupported("it reads event logs only")
        frame = pandas.read_csv(path, sep=delimiter, dtype=str, keep_default_na=False)
        log = pm4py.format_dataframe(frame.copy(), case_id="processInstanceId", activity_key="flowNodeName", timestamp_key="startDate")
        if len(log) != len(frame) or log["case:concept:name"].nunique() != frame["processInstanceId"].nunique():
            raise ValueError(f"{len(log)} events of {len(frame)}")
        graph, _, _ = pm4py.discover_dfg(log)
        steps = sum(graph.values())
        if steps != len(frame) - frame["processInstanceId"].nunique():
            raise ValueError(f"{steps} steps")
        return list(frame.columns), [frame.iloc[:, at].tolist() for at in range(frame.shape[1])]


READERS = {
    "pyarrow": PyArrow,
    "pandas (pyarrow, C parser)": lambda: Pandas("pyarrow", "c"),
    "pandas (fastparquet, Python parser)": lambda: Pandas("fastparquet", "python"),
    "polars": Polars,
    "DuckDB": DuckDB,
    "csv of Python": Csv,
    "PySpark": Spark,
    "pm4py": Pm4py,
}


def quoted(name):
    return '"' + name.replace('"', '""') + '"'


def instants(column):
    """Timestamps as numbers: Python's datetime knows only the years 1 to 9999."""
    import pyarrow as pa

    return column.cast(pa.int64()).to_pylist() if pa.types.is_timestamp(column.type) else column.to_pylist()


def polars_instants(series):
    import polars

    return series.dt.epoch("ms").to_list() if isinstance(series.dtype, polars.Datetime) else series.to_list()


# --- one form for all readers -------------------------------------------------------------------------------------------


def is_null(value):
    if value is None:
        return True
    name = type(value).__name__
    return name in ("NAType", "NaTType") or (isinstance(value, float) and math.isnan(value))


def milliseconds(value):
    if isinstance(value, int):
        return value
    if hasattr(value, "to_pydatetime") and not isinstance(value, datetime.datetime):
        value = value.to_pydatetime()
    if value.tzinfo is None:
        value = value.replace(tzinfo=datetime.timezone.utc)
    return (value - EPOCH) // MILLISECOND


def nested(value):
    """Lists and structs without nulls, and dates as milliseconds."""
    if is_null(value):
        return None
    if isinstance(value, bytes):
        value = value.decode()
    if isinstance(value, datetime.datetime):
        return milliseconds(value)
    if isinstance(value, dict):
        return {key: nested(part) for key, part in value.items() if nested(part) is not None}
    if hasattr(value, "tolist") and not isinstance(value, (str, int, float, bool)):
        value = value.tolist()
    if isinstance(value, (list, tuple)):
        return [nested(part) for part in value]
    return value


def as_map(value):
    return dict(value) if not isinstance(value, dict) and not polars_map(value) else polars_map(value) or value


def polars_map(value):
    """Polars shows a map as a list of {key, value}."""
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return {entry["key"]: entry["value"] for entry in value}
    return None


def plain(value, kind):
    if kind not in ("list", "map") and is_null(value):
        return None
    if isinstance(value, bytes):
        value = value.decode()
    if kind == "string":
        return value if isinstance(value, str) else repr(value)
    if kind == "int64":
        if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
            return str(int(value))
        return str(value)
    if kind == "double":
        return float(value)
    if kind == "boolean":
        return bool(value)
    if kind == "timestamp":
        return milliseconds(value)
    if kind == "json":
        return nested(json.loads(value) if isinstance(value, str) else value)
    if kind == "map":
        return None if value is None else nested(as_map(value))
    return nested(value)


# --- comparison ---------------------------------------------------------------------------------------------------------


def compare(reader, file, names, columns):
    """The number of cells, or a difference in words."""
    wanted = [column["name"] for column in file["columns"]]
    place = {}
    for at, name in enumerate(names):
        place.setdefault(name, at)
    cells = 0
    if len(names) != len(wanted):
        return f"{len(names)} columns instead of {len(wanted)}"
    for at, column in enumerate(file["columns"]):
        name, kind = column["name"], column["type"]
        found = place.get(name)
        if found is None:
            other_names = reader.other_names(name) if hasattr(reader, "other_names") else ()
            found = next((place[other] for other in other_names if other in place), None)
        if found is None:
            return f"no column {name!r}"
        values = columns[found]
        if len(values) != len(file["rows"]):
            return f"{len(values)} rows instead of {len(file['rows'])}"
        for number, (row, value) in enumerate(zip(file["rows"], values)):
            expected = plain(row[at], kind)
            got = plain(value, kind)
            if file["format"] == "csv" and got is None:
                got = ""
            if got != expected or (type(got) is not type(expected)):
                return f"row {number}, {name!r}: {got!r:.120} instead of {expected!r:.120}"
            cells += 1
    return cells


def compare_records(file, records):
    if len(records) != len(file["rows"]):
        return f"{len(records)} records instead of {len(file['rows'])}"
    cells = 0
    for number, (row, record) in enumerate(zip(file["rows"], records)):
        expected = nested(json.loads(row[0]))
        got = nested(record)
        if got != expected:
            different = [key for key in expected if got.get(key) != expected[key]] + [key for key in got if key not in expected]
            key = different[0]
            return f"record {number}, {key!r}: {got.get(key)!r:.150} instead of {expected.get(key)!r:.150}"
        cells += len(expected)
    return cells


def check_filters(reader, file):
    """Filters that a reader pushes down into the file find the rows that a look at every row finds."""
    names = [column["name"] for column in file["columns"]]
    key = names[0] if names[0] == "n" else next(name for name in names if name.endswith("InstanceId") and name != "processInstanceId" or name == "processInstanceId")
    key_at = names.index(key)
    done = 0
    for at, column in enumerate(file["columns"]):
        kind = column["type"]
        alike = [name for name in names if name.lower() == column["name"].lower()]
        if kind in ("json", "list", "map") or column["name"] == key or len(alike) > 1:
            continue  # DuckDB cannot tell names apart that differ in case only
        values = [plain(row[at], kind) for row in file["rows"]]
        present = sorted({value for value in values if value is not None}, key=lambda value: int(value) if kind == "int64" else value)
        if kind == "int64":
            values = [None if value is None else int(value) for value in values]
            present = [int(value) for value in present]
        for value in pick(present):
            for operator in ("==",) if kind in ("boolean",) else ("==", "<", ">="):
                test = {"==": lambda one: one == value, "<": lambda one: one < value, ">=": lambda one: one >= value}[operator]
                expected = [str(row[key_at]) for row, one in zip(file["rows"], values) if one is not None and test(one)]
                asked = EPOCH + datetime.timedelta(milliseconds=value) if kind == "timestamp" else value
                got = [str(one) for one in reader.matching(file["path"], column["name"], operator, asked, key)]
                if sorted(got) != sorted(expected):
                    return f"{column['name']!r} {operator} {value!r:.60}: {len(got)} rows instead of {len(expected)}"
                done += 1
    return done


def pick(values):
    """The smallest, a middle and the largest value."""
    return [values[at] for at in sorted({0, len(values) // 2, len(values) - 1})] if values else []


def main():
    name, manifest = sys.argv[1:3]
    reader = READERS[name]()
    with open(manifest, encoding="utf-8") as file:
        files = json.load(file)
    for file in files:
        if file["format"] not in reader.formats:
            continue
        started = time.perf_counter()
        try:
            say(file, started, *check(reader, file))
        except Unsupported:
            pass  # another reader of the list does it
        except Exception as error:  # a reader may fail in any way; each is a line of the table
            say(file, started, False, f"{type(error).__name__}: {str(error)[:300]}")


def check(reader, file):
    kind = file["format"]
    if kind == "ndjson":
        if not file["rows"]:
            return empty_text(file)
        if file["mixed"] and not reader.reads_mixed:
            return True, "not read: it takes one type per field, and Optimize sends several"
        found = compare_records(file, reader.ndjson(file["path"]))
    elif kind == "csv":
        names = [column["name"] for column in file["columns"]]
        found = compare(reader, file, *reader.csv(file["path"], file.get("delimiter", ","), names))
    else:
        found = compare(reader, file, *reader.parquet(file["path"]))
    if isinstance(found, str):
        return False, found
    seen = f"{found} cells"
    if kind == "parquet" and file.get("filtered") and hasattr(reader, "matching"):
        filters = check_filters(reader, file)
        if isinstance(filters, str):
            return False, f"filter {filters}"
        seen += f", {filters} filters"
    return True, seen


def empty_text(file):
    """No records: no line. Readers that infer a schema have nothing to infer it from."""
    with open(file["path"], "rb") as text:
        return text.read() == b"", "an empty file"


def say(file, started, ok, seen):
    line = {"name": file["name"], "format": file["format"], "ok": ok, "seen": seen, "seconds": time.perf_counter() - started}
    print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
