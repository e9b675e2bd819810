// Addresses of objects: `s3://bucket/key`.

/** Source of the form of a bucket name: S3 User Guide, "General purpose bucket naming rules"; older buckets may have capitals and `_`. */
const ADDRESS = /^s3:\/\/([A-Za-z0-9][\w.-]{1,61}[A-Za-z0-9])\/([^\0]+)$/s

/** The longest key in bytes of UTF-8. Source: S3 User Guide, "Naming Amazon S3 objects". */
const MAX_KEY_BYTES = 1024

/** Returns the address, or `undefined` if the text is not the address of an object. Characters are not decoded. */
export function parseS3Address(text: string): { readonly bucket: string; readonly key: string } | undefined {
  const [, bucket = '', key = ''] = ADDRESS.exec(text) ?? []
  return key !== '' && Buffer.byteLength(key) <= MAX_KEY_BYTES ? { bucket, key } : undefined
}
