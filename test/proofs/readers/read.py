"""Reads files and compares each cell with the expected one: read.py READER MANIFEST.

Prints one JSON line per file: {"name", "format", "ok", "seen", "seconds"}, and "limit": true if the reader itself cannot read the file
as it is. `limits` of a reader lists such files and the differences that are accepted; it is an error if a listed file has no difference.
`excuse` of a reader returns why a different cell is no fault of the file, or None.
"""

import csv
import datetime
import decimal
import functools
import json
import math
import os
import re
import struct
import subprocess
import sys
import time
import warnings

# one of the readers warns for each file that it is deprecated
warnings.simplefilter("ignore")
# the output of a reader itself, or of its virtual machine, goes to stderr
ANSWERS = os.fdopen(os.dup(1), "w", encoding="utf-8")
os.dup2(2, 1)
# readers without time zones take the zone of the process
os.environ["TZ"] = "UTC"
time.tzset()

# decimals of 38 digits are compared, not rounded
decimal.getcontext().prec = 60

EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
MILLISECOND = datetime.timedelta(milliseconds=1)


class Unsupported(Exception):
    """Raised for a file that this reader does not read."""


# --- readers -----------------------------------------------------------------------------------------------------------
# Each reader returns (names, columns): the columns as lists of Python values. `matching` returns the keys of the rows that a filter finds.
# `limits` are (format, pattern of the name of the file, pattern of the difference, reason).


def condition(field, operator, value, null):
    """Returns the filter as an expression, for readers whose columns have operators."""
    if operator in ("null", "set"):
        return null(field) if operator == "null" else ~null(field)
    return {"==": field == value, "<": field < value, ">=": field >= value}[operator]


class PyArrow:
    formats = ("parquet", "csv", "ndjson")
    limits = (("ndjson", "object variables", "changed from (array|string) to", "one type per field, and Optimize sends several"),)

    def parquet(self, path):
        import pyarrow.parquet as parquet

        table = parquet.read_table(path)
        return table.column_names, [instants(table.column(at)) for at in range(table.num_columns)]

    def csv(self, file, names):
        import pyarrow as pa
        from pyarrow import csv as arrow

        table = arrow.read_csv(
            file["path"],
            read_options=arrow.ReadOptions(block_size=1 << 24),
            parse_options=arrow.ParseOptions(delimiter=delimiter_of(file), newlines_in_values=not file.get("oneLine")),
            convert_options=arrow.ConvertOptions(column_types={name: pa.string() for name in names}, strings_can_be_null=False),
        )
        return table.column_names, [column.to_pylist() for column in table.columns]

    def ndjson(self, file):
        from pyarrow import json as arrow

        return arrow.read_json(file["path"], read_options=arrow.ReadOptions(block_size=1 << 26)).to_pylist()

    def matching(self, path, column, operator, value, key):
        import pyarrow.compute as compute
        import pyarrow.dataset as dataset

        test = condition(compute.field(column), operator, value, lambda field: field.is_null())
        return dataset.dataset(path).to_table(filter=test, columns=[key]).column(0).to_pylist()


class Pandas:
    """`engine` reads Parquet; CSV is read by the C or the Python parser."""

    formats = ("parquet", "csv", "ndjson")
    limits = ()
    # its filters cannot test for null
    operators = ("==", "<", ">=")

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

    def csv(self, file, names):
        import pandas

        frame = pandas.read_csv(
            file["path"], sep=delimiter_of(file), dtype=str, keep_default_na=False, na_filter=False, engine=self.parser, encoding="utf-8-sig"
        )
        return list(frame.columns), [frame.iloc[:, at].tolist() for at in range(frame.shape[1])]

    def ndjson(self, file):
        import pandas

        if self.engine == "fastparquet":
            raise Unsupported("the same reader as with pyarrow")
        frame = pandas.read_json(file["path"], lines=True, dtype=False, convert_dates=False)
        return frame.astype(object).to_dict("records")

    def matching(self, path, column, operator, value, key):
        import pandas

        frame = pandas.read_parquet(path, engine=self.engine, columns=list({key, column}), filters=[(column, operator, value)])
        return frame[key].tolist()


class Fastparquet(Pandas):
    bits = "int64 without dictionaries, after a row group with nulls, is taken for the bits of a double"
    limits = (
        ("parquet", "^process, unusual names", "KeyError: 'variable:a'", "a name with a dot is a nested column where columns are chosen"),
        ("parquet", "2000.*snappy parquetjs-lite", "filter 'int64_first'", bits),
        ("parquet", "^dates and decimals, .* [1-9]", ".", "days are nanoseconds, and decimals are floating-point numbers"),
    )
    # each filter takes up to half a second
    operators = ("==",)

    def __init__(self):
        super().__init__("fastparquet", "python")

    def excuse(self, kind, got, expected):
        if kind in ("list", "map") and is_null(got):
            return "lists and maps are null"
        if kind == "int64" and isinstance(got, float) and got == float(expected):
            return "int64 with nulls is floating point"
        if kind == "int64" and isinstance(got, float) and struct.pack("<d", got) == struct.pack("<q", int(expected)):
            return self.bits
        return None

    def parquet(self, path):
        """Leaves of nested columns are columns too."""
        names, columns = super().parquet(path)
        whole = [at for at, name in enumerate(names) if not re.match(r"(flowNodeInstances|variables)\.", name)]
        return [names[at] for at in whole], [columns[at] for at in whole]

    def matching(self, path, column, operator, value, key):
        """The filters of fastparquet select row groups only, so the rows are selected afterwards."""
        import pandas

        bound = pandas.Timestamp(value).tz_localize(None).to_datetime64() if isinstance(value, datetime.datetime) else value
        frame = pandas.read_parquet(path, engine="fastparquet", columns=list({key, column}), filters=[(column, operator, bound)])
        values = frame[column]
        if isinstance(value, datetime.datetime) and values.dt.tz is None:
            value = value.replace(tzinfo=None)
        return frame[values == value][key].tolist()


class Polars:
    formats = ("parquet", "csv", "ndjson")
    limits = (("ndjson", "object variables", "customerProfile", "one type per field, so lists among texts become texts"),)

    def other_names(self, name):
        """Polars leaves doubled quotes in the header of a CSV file as they are."""
        return (name.replace('"', '""'),)

    def parquet(self, path):
        import polars

        frame = polars.read_parquet(path)
        return frame.columns, [polars_instants(frame[name]) for name in frame.columns]

    def csv(self, file, names):
        import polars

        frame = polars.read_csv(file["path"], separator=delimiter_of(file), infer_schema=False)
        return frame.columns, [frame[name].to_list() for name in frame.columns]

    def ndjson(self, file):
        import polars

        return polars.read_ndjson(file["path"], infer_schema_length=None).to_dicts()

    def matching(self, path, column, operator, value, key):
        import polars

        test = condition(polars.col(column), operator, value, lambda field: field.is_null())
        return polars.scan_parquet(path).filter(test).select(key).collect()[key].to_list()


class DuckDB:
    formats = ("parquet", "csv", "ndjson")
    limits = (("csv", "unusual names, all quoted", "[Ss]niff", "it finds no rows below a header with line breaks in a file of CR LF"),)
    case_blind = True

    def other_names(self, name):
        """DuckDB adds `_1` to a name that differs from an earlier one in case only, and trims the names of a CSV file."""
        trimmed = name.rstrip(" \t")
        return (f"{name}_1", f"{trimmed}_1", trimmed)

    def __init__(self):
        import duckdb

        self.connection = duckdb.connect()
        self.connection.execute("SET TimeZone = 'UTC'; SET preserve_insertion_order = true")

    def parquet(self, path):
        return self.table("SELECT * FROM read_parquet(?)", [path])

    def csv(self, file, names):
        sql = "SELECT * FROM read_csv(?, all_varchar = true, header = true, delim = ?, quote = '\"', escape = '\"', strict_mode = true)"
        return self.table(sql, [file["path"], delimiter_of(file)])

    def ndjson(self, file):
        """Each field is a column of type JSON, so that no type is guessed."""
        fields = list(dict.fromkeys(name for row in file["rows"] for name in json.loads(row[0])))
        columns = ", ".join(f"{literal(name)}: 'JSON'" for name in fields)
        names, values = self.table(f"SELECT * FROM read_ndjson(?, columns = {{{columns}}}, maximum_object_size = 67108864)", [file["path"]])
        cells = [[None if value is None else json.loads(value) for value in column] for column in values]
        return [dict(zip(names, row)) for row in zip(*cells)]

    def matching(self, path, column, operator, value, key):
        test = {"null": "IS NULL", "set": "IS NOT NULL", "==": "= ?"}.get(operator, f"{operator} ?")
        sql = f"SELECT {quoted(key)} FROM read_parquet(?) WHERE {quoted(column)} {test}"
        return [row[0] for row in self.connection.execute(sql, [path, value][: sql.count("?")]).fetchall()]

    def table(self, sql, parameters):
        relation = self.connection.execute(sql, parameters)
        names = [column[0] for column in relation.description]
        rows = relation.fetchall()
        return names, [list(column) for column in zip(*rows)] if rows else [[] for _ in names]


class Csv:
    """Python's own csv module."""

    formats = ("csv",)
    limits = ()

    def csv(self, file, names):
        with open(file["path"], newline="", encoding="utf-8-sig") as text:
            rows = list(csv.reader(text, delimiter=delimiter_of(file), strict=True))
        if any(len(row) != len(rows[0]) for row in rows):
            raise ValueError("rows of different lengths")
        return rows[0], [list(column) for column in zip(*rows[1:])] if len(rows) > 1 else [[] for _ in rows[0]]


class Spark:
    formats = ("parquet", "csv", "ndjson")
    limits = (
        ("csv", "(hostile values|decisions), all quoted", r"carriage\\nreturn", "in a file of CR LF a CR LF inside a cell becomes LF"),
        ("ndjson", "object variables", "customerProfile", "one type per field, so lists among texts become texts"),
        ("ndjson", "unusual names", "variables.'': None", "a field without a name is null"),
    )
    # each filter takes a tenth of a second
    operators = ("==", "null")
    filtered = "every type|100 row groups|event log|inferred|unusual names"

    def __init__(self):
        from pyspark.sql import SparkSession

        builder = SparkSession.builder.master("local[2]").config("spark.sql.session.timeZone", "UTC")
        builder = builder.config("spark.ui.enabled", "false").config("spark.sql.caseSensitive", "true")
        # hundreds of small queries: compiling each costs more than running it
        builder = builder.config("spark.sql.codegen.wholeStage", "false").config("spark.sql.codegen.factoryMode", "NO_CODEGEN")
        builder = builder.config("spark.sql.adaptive.enabled", "false").config("spark.ui.showConsoleProgress", "false")
        self.session = builder.config("spark.sql.debug.maxToStringFields", 2000).getOrCreate()
        self.session.sparkContext.setLogLevel("OFF")

    def parquet(self, path):
        from pyspark.sql import functions

        frame = self.session.read.parquet(path)
        # Python's datetime has the years 1 to 9999 only, and Spark converts instants to local time first
        columns = [
            functions.unix_millis(spark_column(name)).alias(name) if kind.startswith("timestamp") else spark_column(name)
            for name, kind in frame.dtypes
        ]
        return self.collected(frame.select(columns))

    def csv(self, file, names):
        options = {"multiLine": not file.get("oneLine"), "sep": delimiter_of(file), "escape": '"', "emptyValue": "", "nullValue": "\0\0"}
        return self.collected(self.session.read.csv(file["path"], header=True, inferSchema=False, **options))

    def ndjson(self, file):
        return [row.asDict(recursive=True) for row in self.session.read.json(file["path"]).collect()]

    def matching_all(self, path, questions, key):
        """Runs many filters in one job; each filter has a scan of its own."""
        from pyspark.sql import functions

        frame = self.session.read.parquet(path)
        answers = [[] for _ in questions]
        for start in range(0, len(questions), 40):
            parts = []
            for number, (column, operator, value) in enumerate(questions[start : start + 40], start):
                if isinstance(value, datetime.datetime):  # Python's instants go through another calendar
                    value = functions.timestamp_millis(functions.lit(milliseconds(value)))
                test = condition(spark_column(column), operator, value, lambda field: field.isNull())
                parts.append(frame.filter(test).select(functions.lit(number), spark_column(key)))
            for number, found in functools.reduce(lambda one, other: one.unionAll(other), parts).collect():
                answers[number].append(found)
        return answers

    def collected(self, frame):
        names = frame.columns
        if len(set(names)) < len(names):
            raise ValueError("columns of one name")
        rows = [row.asDict(recursive=True) for row in frame.collect()]
        return names, [[row[name] for row in rows] for name in names]


class Pm4py:
    """Reads event logs only, with pandas, as the documentation of pm4py does."""

    formats = ("csv", "parquet")
    limits = ()

    def csv(self, file, names):
        import pandas

        if "flowNodeName" not in names or not file["rows"]:
            raise Unsupported("it reads event logs with events only")
        return self.log(pandas.read_csv(file["path"], sep=delimiter_of(file), dtype=str, keep_default_na=False))

    def parquet(self, path):
        import pandas
        import pyarrow.parquet as parquet

        if "flowNodeName" not in parquet.read_schema(path).names or parquet.read_metadata(path).num_rows == 0:
            raise Unsupported("it reads event logs with events only")
        return self.log(pandas.read_parquet(path))

    def log(self, frame):
        import pm4py

        log = pm4py.format_dataframe(frame.copy(), case_id="processInstanceId", activity_key="flowNodeName", timestamp_key="startDate")
        if len(log) != len(frame) or log["case:concept:name"].nunique() != frame["processInstanceId"].nunique():
            raise ValueError(f"{len(log)} events of {len(frame)}")
        graph, _, _ = pm4py.discover_dfg(log)
        steps = sum(graph.values())
        if steps != len(frame) - frame["processInstanceId"].nunique():
            raise ValueError(f"{steps} steps")
        return list(frame.columns), [frame.iloc[:, at].tolist() for at in range(frame.shape[1])]


class Postgres:
    """COPY into columns that have types; psql finds the server by the environment."""

    formats = ("csv", "ndjson")
    limits = ()
    empty_is_null = True
    types = {"string": "text", "int64": "bigint", "double": "double precision", "boolean": "boolean", "timestamp": "timestamptz"}

    def csv(self, file, names):
        """Names in PostgreSQL have at most 63 bytes, so the columns are c0, c1, …; the csv module reads the header."""
        with open(file["path"], newline="", encoding="utf-8-sig") as text:
            header = next(csv.reader(text, delimiter=delimiter_of(file), strict=True))
        kinds = {column["name"]: column["type"] for column in file["columns"]}
        columns = [f"c{at}" for at in range(len(header))]
        types = [self.types.get(kinds.get(name), "jsonb") for name in header]
        nulls = f", FORCE_NULL ({', '.join(columns)})" if file.get("quoted") else ""
        how = f"FORMAT csv, HEADER true, DELIMITER {literal(delimiter_of(file))}{nulls}"
        rows = [json.loads(line) for line in self.copied(dict(zip(columns, types)), how, file["path"], "row_to_json(read)")]
        return header, [[row[name] for row in rows] for name in columns]

    def ndjson(self, file):
        how = "FORMAT csv, QUOTE E'\\x01', DELIMITER E'\\x02'"
        return [json.loads(line) for line in self.copied({"record": "json"}, how, file["path"], "record")]

    def copied(self, columns, how, path, what):
        """Numbers the rows, because the server may store a later row before an earlier one."""
        definition = ", ".join(f"{name} {kind}" for name, kind in columns.items())
        self.psql(f"DROP TABLE IF EXISTS read; CREATE TABLE read (number bigserial, {definition})")
        with open(path, "rb") as data:
            self.psql(f"COPY read ({', '.join(columns)}) FROM STDIN WITH ({how})", data)
        return self.psql(f"SELECT {what} FROM read ORDER BY number").split("\n")[:-1]

    def psql(self, sql, data=subprocess.DEVNULL):
        command = ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", sql]
        done = subprocess.run(command, stdin=data, capture_output=True, env={**os.environ, "PGTZ": "UTC"})
        if done.returncode != 0:
            raise ValueError(done.stderr.decode())
        return done.stdout.decode()


READERS = {
    "csv of Python": Csv,
    "PostgreSQL": Postgres,
    "pyarrow": PyArrow,
    "pandas (pyarrow, C parser)": lambda: Pandas("pyarrow", "c"),
    "pandas (fastparquet, Python parser)": Fastparquet,
    "polars": Polars,
    "DuckDB": DuckDB,
    "PySpark": Spark,
    "pm4py": Pm4py,
}


def delimiter_of(file):
    return file.get("delimiter", ",")


def quoted(name):
    return '"' + name.replace('"', '""') + '"'


def literal(text):
    return "'" + text.replace("'", "''") + "'"


def spark_column(name):
    from pyspark.sql import functions

    return functions.col("`" + name.replace("`", "``") + "`")


def instants(column):
    """Returns instants in milliseconds, because Python's datetime has the years 1 to 9999 only."""
    import pyarrow as pa

    if not pa.types.is_timestamp(column.type):
        return column.to_pylist()
    if column.type.tz is None:
        raise ValueError("a timestamp without a zone")
    return column.cast(pa.timestamp("ms", column.type.tz)).cast(pa.int64()).to_pylist()


def polars_instants(series):
    import polars

    if not isinstance(series.dtype, polars.Datetime):
        return series.to_list()
    if series.dtype.time_zone is None:
        raise ValueError("a timestamp without a zone")
    return series.dt.epoch("ms").to_list()


# --- one form for all readers -------------------------------------------------------------------------------------------


def is_null(value):
    if value is None:
        return True
    name = type(value).__name__
    return name in ("NAType", "NaTType") or (isinstance(value, float) and math.isnan(value))


def milliseconds(value):
    if isinstance(value, int):
        return value
    if isinstance(value, str):  # of PostgreSQL
        value = datetime.datetime.fromisoformat(value)
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
    if kind == "date":
        return value if isinstance(value, str) else value.isoformat()[:10]
    if kind == "decimal":
        # a reader may have fewer or more zeros at the end of the same number
        return format(decimal.Decimal(value).normalize(), "f")
    if kind == "json":
        return nested(json.loads(value) if isinstance(value, str) else value)
    if kind == "map":
        return None if value is None else nested(as_map(value))
    return nested(value)


# --- comparison ---------------------------------------------------------------------------------------------------------


def compare(reader, file, names, columns, excuses):
    """Returns the number of cells, or a difference in words. Adds the reasons for accepted differences to excuses."""
    wanted = [column["name"] for column in file["columns"]]
    place = {}
    for at, name in enumerate(names):
        place.setdefault(name, at)
    cells = 0
    if len(names) != len(wanted):
        return f"{len(names)} columns instead of {len(wanted)}"
    empty_is_null = getattr(reader, "empty_is_null", False)
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
            if empty_is_null and expected == "":
                expected = None
            if file["format"] == "csv" and not empty_is_null and got is None:
                got = ""
            if got != expected or (type(got) is not type(expected)):
                excuse = reader.excuse(kind, value, row[at]) if hasattr(reader, "excuse") else None
                if excuse is not None:
                    excuses.add(excuse)
                    continue
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
            return f"record {number}, {difference(got, expected)}"
        cells += len(expected)
    return cells


def difference(got, expected):
    """Returns the first field that differs, at any depth: `variables.'amount': '1' instead of '2'`."""
    if isinstance(got, dict) and isinstance(expected, dict):
        key = next(key for key in {**expected, **got} if got.get(key) != expected.get(key))
        inner = difference(got.get(key), expected.get(key))
        return f"{key}.{inner}" if isinstance(got.get(key), dict) and isinstance(expected.get(key), dict) else f"{key!r}: {inner}"
    return f"{got!r:.120} instead of {expected!r:.120}"


EXACT = {"date": datetime.date.fromisoformat, "decimal": decimal.Decimal}

OPERATORS = {
    "==": lambda one, value: one is not None and one == value,
    "<": lambda one, value: one is not None and one < value,
    ">=": lambda one, value: one is not None and one >= value,
    "null": lambda one, _: one is None,
    "set": lambda one, _: one is not None,
}


def check_filters(reader, file):
    """Checks that the filters of a reader, which skip parts of the file, find all rows that match. Returns the number of filters."""
    names = [column["name"] for column in file["columns"]]
    key = next(name for name in ("n", "flowNodeInstanceId", "decisionInstanceId", "processInstanceId", "key") if name in names)
    key_at = names.index(key)
    questions, wanted = [], []
    for at, column in enumerate(file["columns"]):
        name, kind = column["name"], column["type"]
        alike = [other for other in names if other.lower() == name.lower()]
        if kind in ("json", "list", "map") or name == key or (getattr(reader, "case_blind", False) and len(alike) > 1):
            continue
        values = [plain(row[at], kind) for row in file["rows"]]
        if kind == "int64":
            values = [None if value is None else int(value) for value in values]
        if kind in EXACT:
            values = [None if value is None else EXACT[kind](value) for value in values]
        present = sorted({value for value in values if value is not None})
        asked = [(operator, value) for value in pick(present) for operator in (("==",) if kind == "boolean" else ("==", "<", ">="))]
        for operator, value in [*asked, ("null", None), ("set", None)]:
            if operator not in getattr(reader, "operators", OPERATORS):
                continue
            wanted.append([str(row[key_at]) for row, one in zip(file["rows"], values) if OPERATORS[operator](one, value)])
            instant = kind == "timestamp" and value is not None
            questions.append((name, operator, EPOCH + datetime.timedelta(milliseconds=value) if instant else value))
    if hasattr(reader, "matching_all"):
        answers = reader.matching_all(file["path"], questions, key)
    else:
        answers = (reader.matching(file["path"], *question, key) for question in questions)
    for (name, operator, value), expected, got in zip(questions, wanted, answers):
        if sorted(map(str, got)) != sorted(expected):
            return f"{name!r} {operator} {value!r:.60}: {len(got)} rows instead of {len(expected)}"
    return len(questions)


def pick(values):
    """Returns the smallest, a middle and the largest value."""
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
        excuses = set()
        try:
            ok, seen = check(reader, file, excuses)
        except Unsupported:
            continue  # another reader in the list reads it
        except Exception as error:  # a reader may fail in any way; each is a line of the table
            ok, seen = False, f"{type(error).__name__}: {str(error)[:300]}"
        limits = [limit for limit in reader.limits if limit[0] == file["format"] and re.search(limit[1], file["name"])]
        seconds = time.perf_counter() - started
        line = {"name": file["name"], "format": file["format"], "seconds": seconds}
        if ok and excuses:
            line |= {"ok": True, "limit": True, "seen": f"{seen}; {' and '.join(sorted(excuses))}"}
        elif limits and ok:
            line |= {"ok": False, "seen": f"{seen}, although there should be a limit: {limits[0][3]}"}
        elif any(re.search(pattern, seen) for _, _, pattern, _ in limits):
            line |= {"ok": True, "limit": True, "seen": f"{limits[0][3]}: {seen}"}
        else:
            line |= {"ok": ok, "seen": seen}
        print(json.dumps(line), file=ANSWERS, flush=True)


def check(reader, file, excuses):
    kind = file["format"]
    if kind == "ndjson":
        if not file["rows"]:
            return empty_text(file)
        found = compare_records(file, reader.ndjson(file))
    elif kind == "csv":
        names = [column["name"] for column in file["columns"]]
        if getattr(reader, "empty_is_null", False) and file.get("typed"):
            file = typed_csv(file)
        found = compare(reader, file, *reader.csv(file, names), excuses)
    else:
        found = compare(reader, file, *reader.parquet(file["path"]), excuses)
    if isinstance(found, str):
        return False, found
    seen = f"{found} cells"
    can_filter = hasattr(reader, "matching") or hasattr(reader, "matching_all")
    if kind == "parquet" and file.get("filtered") and can_filter and re.search(getattr(reader, "filtered", ""), file["name"]):
        filters = check_filters(reader, file)
        if isinstance(filters, str):
            return False, f"filter {filters}"
        seen += f", {filters} filters"
    return True, seen


def typed_csv(file):
    """Returns the expectation of the file with typed cells; lists stay JSON texts."""
    columns, rows = file["typed"]["columns"], file["typed"]["rows"]
    lists = [at for at, column in enumerate(columns) if column["type"] == "list"]
    merged = [[text[at] if at in lists else cell for at, cell in enumerate(row)] for row, text in zip(rows, file["rows"])]
    return {**file, "columns": [{**column, "type": "json"} if at in lists else column for at, column in enumerate(columns)], "rows": merged}


def empty_text(file):
    """Checks that a file without records is empty. A reader is not used, because it could not infer a schema."""
    with open(file["path"], "rb") as text:
        return text.read() == b"", "an empty file"


if __name__ == "__main__":
    main()
