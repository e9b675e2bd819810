"""Reads files of the library with programs of others. Prints what it found, or ends with an error."""
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


def read_logs(folder, lifecycle):
    import pandas
    import pm4py

    def graph(events):
        events["time:timestamp"] = pandas.to_datetime(events["time:timestamp"], utc=True)
        found, starts, ends = pm4py.discover_dfg(events)
        return dict(found), dict(starts), dict(ends)

    csv = pandas.read_csv(os.path.join(folder, "events.csv"), dtype={"case:concept:name": str, "concept:name": str})
    parquet = pandas.read_parquet(os.path.join(folder, "events.parquet"))
    xes = pm4py.read_xes(os.path.join(folder, "log.xes.gz"))
    graphs = [graph(log) for log in (csv, parquet, xes)]
    assert len(csv) == len(parquet) == len(xes), (len(csv), len(parquet), len(xes))
    assert graphs[0] == graphs[1], "CSV and Parquet"
    assert graphs[0] == graphs[2], "CSV and XES"
    log = pm4py.read_ocel2_json(os.path.join(folder, "log.jsonocel"))
    assert lifecycle == "pairs" or len(log.events) == len(csv), (len(log.events), len(csv))
    print(f"{len(csv)} events, {len(graphs[0][0])} edges; OCEL: {len(log.events)} events, {len(log.objects)} objects")


if __name__ == "__main__":
    command, *arguments = sys.argv[1:]
    {"xlsx": read_xlsx, "mining": read_logs}[command](*arguments)
