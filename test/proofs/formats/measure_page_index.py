"""Measures whether a page index or bloom filters make selective filters faster: measure_page_index.py FILE.parquet.

FILE is a file of the library. pyarrow and DuckDB write its rows again in the same row groups, with and without the index or the filters. Each
query runs five times with the files in the page cache; the median counts. The figures are in docs/adr/0056.
"""
import os
import statistics
import sys
import tempfile
import time

import duckdb
import pyarrow.dataset as dataset
import pyarrow.parquet as parquet

GROUP_ROWS = 50_000


def median(run):
    times = []
    for _ in range(5):
        start = time.perf_counter()
        found = run()
        times.append(time.perf_counter() - start)
    return statistics.median(times), found


def main(path):
    folder = tempfile.mkdtemp()
    table = parquet.read_table(path)
    files = {"library": path}
    for name, options in {
        "pyarrow": {},
        "pyarrow, page index": {"write_page_index": True, "data_page_size": 64 * 1024},
    }.items():
        files[name] = os.path.join(folder, f"{len(files)}.parquet")
        parquet.write_table(table, files[name], row_group_size=GROUP_ROWS, compression="snappy", **options)
    connection = duckdb.connect()
    connection.execute("SET threads = 2")
    for name, options in {
        "DuckDB, bloom filters": f"ROW_GROUP_SIZE {GROUP_ROWS}, DICTIONARY_SIZE_LIMIT {GROUP_ROWS}",
        "DuckDB, none": f"ROW_GROUP_SIZE {GROUP_ROWS}, DICTIONARY_SIZE_LIMIT {GROUP_ROWS}, WRITE_BLOOM_FILTER false",
    }.items():
        files[name] = os.path.join(folder, f"{len(files)}.parquet")
        connection.execute(f"COPY (SELECT * FROM read_parquet('{path}')) TO '{files[name]}' (FORMAT parquet, COMPRESSION snappy, {options})")
    ids = table["processInstanceId"].to_pylist()
    keys = table["businessKey"].to_pylist()
    days = sorted(value for value in table["startDate"].to_pylist() if value is not None)
    middle = days[len(days) // 2]
    field = dataset.field
    queries = {
        "one id": ("processInstanceId = ?", [ids[len(ids) // 2]], field("processInstanceId") == ids[len(ids) // 2]),
        "an id that is not there": ("processInstanceId = ?", [ids[0][:-1] + "~"], field("processInstanceId") == ids[0][:-1] + "~"),
        "one business key": ("businessKey = ?", [keys[len(keys) // 2]], field("businessKey") == keys[len(keys) // 2]),
        "one second": ("startDate = ?", [middle], field("startDate") == middle),
    }
    for title, (sql, parameters, expression) in queries.items():
        for name, file in files.items():
            query = f"SELECT count(*), sum(duration) FROM read_parquet('{file}') WHERE {sql}"
            seconds, found = median(lambda: connection.execute(query, parameters).fetchall())
            arrow, rows = median(lambda: dataset.dataset(file).to_table(filter=expression, columns=["duration"]).num_rows)
            assert rows == found[0][0], (rows, found)
            print(f"{title:24}  {name:22}  {os.path.getsize(file) / 2**20:6.1f} MB  {rows:5} rows  DuckDB {seconds * 1000:7.1f} ms  pyarrow {arrow * 1000:7.1f} ms")


main(sys.argv[1])
