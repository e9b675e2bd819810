"""Loads the report into a DuckDB file with dlt, its rest_api source and a cursor paginator. Prints its own figures as JSON."""
import json
import os
import resource
import sys
import time

job = json.load(sys.stdin)
os.environ['RUNTIME__LOG_LEVEL'] = 'CRITICAL'
os.environ['RUNTIME__DLTHUB_TELEMETRY'] = 'false'
import dlt
from dlt.sources.rest_api import rest_api_source

source = rest_api_source({
    'client': {
        'base_url': job['url'],
        'auth': {'type': 'bearer', 'token': job['token']},
        'paginator': {
            'type': 'cursor',
            'cursor_path': 'searchRequestId',
            'cursor_param': 'searchRequestId',
            'stop_after_empty_page': True,
        },
    },
    'resources': [{
        'name': 'orders',
        'endpoint': {
            'path': f"/api/public/export/report/{job['reportId']}/result/json",
            'params': {'limit': 1000, 'paginationTimeout': 60},
            'data_selector': 'data',
            'response_actions': [],
        },
    }],
})
destination = dlt.destinations.duckdb(job['file'])
pipeline = dlt.pipeline('bench', pipelines_dir=job['file'] + '.pipelines', destination=destination, dataset_name='peer')
started = time.perf_counter()
pipeline.extract(source)
pipeline.normalize()
pipeline.load()
ended = time.perf_counter()
with pipeline.sql_client() as client:
    rows = client.execute_sql('SELECT count(*) FROM orders')[0][0]
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
print(json.dumps({'rows': rows, 'wallMs': (ended - started) * 1000, 'peakRssMb': peak}))
