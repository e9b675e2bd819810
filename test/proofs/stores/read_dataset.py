# Reads a dataset as one table: python read_dataset.py READER CONFIG. Prints one line of JSON for each check. A whole dataset must have the
# expected ids. In a pruned one, only the files of one partition are readable, so a filter on the partition finds its rows only if the
# reader opens no others.
import json, sys

reader, config = sys.argv[1], json.load(open(sys.argv[2]))
month = config["month"]


def say(name, ok, seen):
    print(json.dumps({"name": name, "ok": bool(ok), "seen": str(seen)[:300]}), flush=True)


def expect(name, read, expected):
    try:
        found = sorted(read())
        say(name, found == sorted(expected), f"{len(found)} rows")
    except Exception as error:
        say(name, False, f"{type(error).__name__}: {error}")


def expect_failure(name, read):
    try:
        say(name, False, f"{len(list(read()))} rows from files that are broken")
    except Exception as error:
        say(name, True, f"{type(error).__name__}")


def pyarrow_table(folder, filesystem=None, filtered=False):
    import pyarrow.dataset as ds

    data = ds.dataset(folder, format="parquet", partitioning="hive", filesystem=filesystem, exclude_invalid_files=False)
    return data.to_table(filter=(ds.field("startdate_month") == month) if filtered else None)


def polars_frame(folder, filtered=False, **options):
    import polars as pl

    frame = pl.scan_parquet(f"{folder}/**/*.parquet", hive_partitioning=True, **options)
    return (frame.filter(pl.col("startdate_month") == month) if filtered else frame).collect()


def duckdb_ids(folder, filtered=False):
    import duckdb

    where = f"WHERE startdate_month = '{month}'" if filtered else ""
    query = f"SELECT processInstanceId FROM read_parquet('{folder}/**/*.parquet', hive_partitioning = true) {where}"
    return [row[0] for row in duckdb.connect().sql(query).fetchall()]


def spark_ids(folder, filtered=False):
    from pyspark.sql import SparkSession

    spark = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
    spark.sparkContext.setLogLevel("OFF")
    frame = spark.read.parquet(folder)
    if filtered:
        frame = frame.filter(frame.startdate_month.startswith(month))
    return [row[0] for row in frame.select("processInstanceId").collect()]


ids = {
    "pyarrow": lambda folder, filtered=False: pyarrow_table(folder, None, filtered)["processInstanceId"].to_pylist(),
    "polars": lambda folder, filtered=False: polars_frame(folder, filtered)["processInstanceId"].to_list(),
    "DuckDB": duckdb_ids,
    "PySpark": spark_ids,
}[reader]

expect("a local dataset is one table", lambda: ids(config["whole"]), config["ids"])
expect("a month of the dataset", lambda: ids(config["whole"], True), config["idsOfMonth"])
expect("a month opens no files of other months", lambda: ids(config["pruned"], True), config["idsOfMonth"])
expect_failure("without the filter it opens the broken files", lambda: ids(config["pruned"]))
types = config["types"]
if reader == "pyarrow":
    found = {field.name: str(field.type) for field in pyarrow_table(config["whole"]).schema}
    say("the types", all(found[name] == expected for name, expected in types.items()), found)

endpoint = config.get("endpoint")
if endpoint and reader == "pyarrow":
    from pyarrow import fs

    store = fs.S3FileSystem(access_key=config["key"], secret_key=config["secret"], region="us-east-1", scheme="http", endpoint_override=endpoint.removeprefix("http://"))
    for filtered, expected in ((False, config["ids"]), (True, config["idsOfMonth"])):
        expect(f"the same in a bucket, {'a month' if filtered else 'all'}", lambda: pyarrow_table("lake/orders", store, filtered)["processInstanceId"].to_pylist(), expected)
if endpoint and reader == "polars":
    options = {"aws_access_key_id": config["key"], "aws_secret_access_key": config["secret"], "aws_region": "us-east-1", "aws_endpoint_url": endpoint, "aws_allow_http": "true"}
    for filtered, expected in ((False, config["ids"]), (True, config["idsOfMonth"])):
        expect(f"the same in a bucket, {'a month' if filtered else 'all'}", lambda: polars_frame("s3://lake/orders", filtered, storage_options=options)["processInstanceId"].to_list(), expected)
