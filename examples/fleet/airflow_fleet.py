"""Runs each job of a jobs file as a mapped task, three at a time.

The connection is in the environment of the worker. Each job has its own state, because two runs of one state exclude each other.
"""

import json
import subprocess
from datetime import datetime, timedelta

from airflow.decorators import dag, task
from airflow.exceptions import AirflowException, AirflowFailException

JOBS_FILE = "/etc/optimize-export/jobs.yaml"
STATE = "/srv/data/state"


def command(*arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run(["optimize-export", "run", JOBS_FILE, *arguments], capture_output=True, text=True)


@task
def list_jobs() -> list[str]:
    done = command("--check", "--json")
    if done.returncode != 0:
        raise AirflowFailException(done.stderr)
    return [job["name"] for job in json.loads(done.stdout)["jobs"]]


@task(execution_timeout=timedelta(hours=6), max_active_tis_per_dag=3)
def run_job(name: str) -> int:
    done = command("--only", name, "--state", f"{STATE}/{name}.json", "--json", "--quiet")
    if done.returncode in (2, 4):  # a setting or the token is wrong, so another try fails too
        raise AirflowFailException(done.stderr)
    if done.returncode != 0:
        raise AirflowException(done.stderr)
    return sum(job.get("rows") or 0 for job in json.loads(done.stdout)["jobs"])


@dag(
    schedule="15 2 * * *",
    start_date=datetime(2026, 1, 1),
    catchup=False,
    max_active_runs=1,
    default_args={"retries": 3, "retry_delay": timedelta(minutes=10)},
)
def optimize_export_fleet():
    run_job.expand(name=list_jobs())


optimize_export_fleet()
