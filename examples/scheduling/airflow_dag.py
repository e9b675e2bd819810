"""Exports a report of Camunda Optimize every night and gives the number of rows to the next task.

The connection is in the environment of the worker: OPTIMIZE_URL, and OPTIMIZE_TOKEN_FILE or client credentials.
"""

import json
import subprocess
from datetime import datetime, timedelta

from airflow.decorators import dag, task
from airflow.exceptions import AirflowException, AirflowFailException

REPORT = "e6c5aaa1-6a18-44e7-8480-d562d511ba62"
FILE = "/srv/data/instances.parquet"


@task(execution_timeout=timedelta(hours=6))
def export(report: str, file: str) -> int:
    command = ["optimize-export", "export", "--report", report, "--out", file, "--json", "--quiet"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode in (2, 4):  # a setting or the token is wrong, so another try fails too
        raise AirflowFailException(done.stderr)
    if done.returncode != 0:
        raise AirflowException(done.stderr)
    receipt = json.loads(done.stdout)
    if not receipt["complete"]:
        raise AirflowFailException(f"only {receipt['records']} of {receipt['total']} records")
    return receipt["rows"]


@task
def load(rows: int) -> None:
    print(f"{FILE} has {rows} rows")


@dag(
    schedule="15 2 * * *",
    start_date=datetime(2026, 1, 1),
    catchup=False,
    max_active_runs=1,
    default_args={"retries": 3, "retry_delay": timedelta(minutes=10)},
)
def optimize_export():
    load(export(REPORT, FILE))


optimize_export()
