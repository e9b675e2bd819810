"""Reads files of the library with programs of other projects. Prints a summary, or ends with an error."""
import itertools
import json
import os
import sys


def read_xlsx(path, expected):
    import openpyxl

    book = openpyxl.load_workbook(path, read_only=True)
    rows = itertools.chain.from_iterable(itertools.islice(sheet.iter_rows(values_only=True), 1, None) for sheet in book)
    cells = 0
    with open(expected, encoding="utf-8") as lines:
        for number, (row, line) in enumerate(itertools.zip_longest(rows, lines), 1):
            assert row is not None and line is not None, f"row {number}: {row} and {line}"
            wanted = json.loads(line)
            found = [cell.isoformat() if hasattr(cell, "isoformat") else cell for cell in row]
            same = [type(a) is type(b) or {type(a), type(b)} == {int, float} for a, b in zip(found, wanted)]
            assert found == wanted and all(same), f"row {number}: {found} instead of {wanted}"
            cells += len(wanted)
    print(f"{cells} cells in {len(book.sheetnames)} sheet(s)")


def read_arrow(stream, parquet):
    """Checks that every cell of a stream equals that of the Parquet file of the same records, also with DuckDB."""
    import duckdb
    import pyarrow as pa
    import pyarrow.ipc
    import pyarrow.parquet

    def plain(column):
        kind = column.type
        if isinstance(kind, pa.BaseExtensionType):
            return pa.chunked_array([chunk.storage for chunk in column.chunks], kind.storage_type)
        return column

    with open(stream, "rb") as file, pa.ipc.open_stream(file) as reader:
        kinds = {field.name: str(field.type) for field in reader.schema}
        batches = list(reader)
        table = pa.Table.from_batches(batches, reader.schema)
    table = pa.table({name: plain(column) for name, column in zip(table.column_names, table.columns)})
    other = pyarrow.parquet.read_table(parquet)
    other = pa.table({name: plain(column) for name, column in zip(other.column_names, other.columns)})
    assert table.column_names == other.column_names, (table.column_names, other.column_names)
    for name in table.column_names:
        one, two = table[name], other[name]
        if str(one.type) != str(two.type):  # the names of the elements of lists and maps
            two = two.cast(one.type)
        assert one.equals(two), f"{name} of type {one.type}"
        one.validate(full=True)
    database = duckdb.connect()
    database.register("stream", table)
    same = [name for name in table.column_names if not name.startswith(("flowNodeInstances", "variables"))]
    columns = ", ".join('"' + name.replace('"', '""') + '"' for name in same)
    for left, right in (("stream", "read_parquet(?)"), ("read_parquet(?)", "stream")):
        sql = f"SELECT count(*) FROM (SELECT {columns} FROM {left} EXCEPT ALL SELECT {columns} FROM {right})"
        assert database.execute(sql, [parquet]).fetchone() == (0,), sql
    json = sum("json" in kind for kind in kinds.values())
    print(f"{table.num_rows * table.num_columns} cells in {len(batches)} batches; {json} column(s) of JSON")


def read_logs(folder, lifecycle, is_small):
    import pandas
    import pm4py

    def graph(events):
        events["time:timestamp"] = pandas.to_datetime(events["time:timestamp"], utc=True)
        found, starts, ends = pm4py.discover_dfg(events)
        return dict(found), dict(starts), dict(ends)

    csv = pandas.read_csv(os.path.join(folder, "events.csv"), dtype={"case:concept:name": str, "concept:name": str})
    first = graph(csv)
    parquet = pandas.read_parquet(os.path.join(folder, "events.parquet"))
    assert len(csv) == len(parquet), (len(csv), len(parquet))
    assert first == graph(parquet), "CSV and Parquet"
    del parquet
    xes = pm4py.read_xes(os.path.join(folder, "log.xes.gz"))
    assert len(csv) == len(xes), (len(csv), len(xes))
    assert first == graph(xes), "CSV and XES"
    seen = f"{len(csv)} events, {len(first[0])} edges"
    if is_small == "true":
        log = pm4py.read_ocel2_json(os.path.join(folder, "log.jsonocel"))
        assert lifecycle == "pairs" or len(log.events) == len(csv), (len(log.events), len(csv))
        seen += f"; OCEL: {len(log.events)} events, {len(log.objects)} objects"
    print(seen)


def read_libreoffice(path, expected, folder):
    """Converts a file to CSV with German settings and compares the cells as LibreOffice shows them in Germany."""
    import csv
    import datetime
    import subprocess

    name = os.path.splitext(os.path.basename(path))[0]
    out = os.path.join(folder, "converted")
    profile = os.path.join(folder, "profile")
    language = "de-DE"
    os.makedirs(os.path.join(profile, "user"), exist_ok=True)
    with open(os.path.join(profile, "user", "registrymodifications.xcu"), "w", encoding="utf-8") as settings:
        settings.write(
            '<?xml version="1.0" encoding="UTF-8"?><oor:items xmlns:oor="http://openoffice.org/2001/registry">'
            '<item oor:path="/org.openoffice.Setup/L10N"><prop oor:name="ooSetupSystemLocale" oor:op="fuse">'
            f"<value>{language}</value></prop></item></oor:items>"
        )
    # separator ;, quote ", UTF-8; to read a CSV file, German (1031), and numbers and dates are recognized
    reading = ["--infilter=CSV:59,34,76,1,,1031,false,true"] if path.endswith(".csv") else []
    writing = "csv:Text - txt - csv (StarCalc):59,34,76,1,,1031,false,true"
    command = ["soffice", "--headless", f"-env:UserInstallation=file://{profile}", *reading, "--convert-to", writing, "--outdir", out, path]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    with open(os.path.join(out, f"{name}.csv"), newline="", encoding="utf-8-sig") as file:
        rows = list(csv.reader(file, delimiter=";"))[1:]
    cells = cut = 0
    with open(expected, encoding="utf-8") as lines:
        for number, (row, line) in enumerate(itertools.zip_longest(rows, lines), 1):
            assert row is not None and line is not None, f"row {number}: {row} and {line}"
            key, start, duration, text, value, flag = json.loads(line)
            text = text.replace("_x005F_", "_")
            day = datetime.datetime.fromisoformat(start)
            dates = (day.strftime("%d.%m.%Y %H:%M:%S"), day.isoformat(" "), day.strftime("%d.%m.%Y %H:%M"))
            early = day - datetime.timedelta(seconds=1)
            got_key, got_start, got_duration, got_text, got_value, got_flag = row
            assert got_key == key, f"row {number}: {got_key} instead of {key}"
            # LibreOffice shows a second too little for some times that it has read from text
            if path.endswith(".csv") and got_start in (early.strftime("%d.%m.%Y %H:%M:%S"), early.isoformat(" ")):
                cut += 1
                got_start = dates[0]
            assert got_start in dates, f"row {number}: {got_start} instead of {dates}"
            assert got_duration == str(duration), f"row {number}: {got_duration}"
            assert float(got_value.replace(",", ".")) == value, f"row {number}: {got_value} instead of {value}"
            assert got_flag.lower() in (("wahr", "true") if flag else ("falsch", "false")), f"row {number}: {got_flag}"
            # the preset guards against formulas
            guarded = "'" + text if path.endswith(".csv") and text[0] in "=+-@" else text
            assert got_text in (text, guarded), f"row {number}: {got_text!r} instead of {text!r}"
            cells += 6
    print(f"{cells} cells" + (f"; of {cut} times LibreOffice shows the second before" if cut else ""))


if __name__ == "__main__":
    command, *arguments = sys.argv[1:]
    {"xlsx": read_xlsx, "arrow": read_arrow, "mining": read_logs, "libreoffice": read_libreoffice}[command](*arguments)
