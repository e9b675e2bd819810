import { numberKind, oneOf, switchKind, textKind, trimmedKind, trimmedListKind, type FlagGroup } from './flags.js'

export const jobsFlags: FlagGroup = {
  title: 'Jobs:',
  topic: 'jobs',
  flags: [
    { name: 'only', placeholder: '<name...>', kind: trimmedListKind, description: 'run only these jobs' },
    { name: 'jobs', placeholder: '<count>', kind: numberKind, description: 'how many jobs run at a time; default 2' },
    {
      name: 'resume',
      kind: switchKind,
      description: 'skip jobs that were complete or fresh in the last run and are unchanged since',
    },
    {
      name: 'freshFor',
      placeholder: '<time>',
      kind: trimmedKind,
      description:
        'skip jobs that succeeded within this time, unless target or settings changed; replaces the key fresh-for of all jobs; 0 skips none',
    },
    { name: 'check', kind: switchKind, description: 'check the file and print the jobs, without a request' },
    {
      name: 'state',
      placeholder: '<file>',
      kind: textKind,
      description:
        'the file with the results of earlier runs; default .optimize-export/state.json beside the jobs file',
    },
  ],
}

export const runOutputFlags: FlagGroup = {
  title: 'Output:',
  flags: [
    {
      name: 'metrics',
      placeholder: '<file>',
      kind: textKind,
      description: "write metrics of all jobs to this file, for the textfile collector of Prometheus' node exporter",
    },
    {
      name: 'logFormat',
      ...oneOf('text', 'json'),
      description: 'json: one object per line on stderr; default text',
    },
  ],
}
