/** The format of the files of a dataset. */
export type DatasetFormat = (typeof datasetFormats)[number]

export const datasetFormats = ['parquet', 'csv', 'ndjson'] as const
