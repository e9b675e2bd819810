/** The name of the manifest in the folder of a dataset. Most readers of a whole folder skip names that begin with `_`. */
export const MANIFEST_NAME = '_manifest.json'
