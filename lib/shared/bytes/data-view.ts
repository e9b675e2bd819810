/** Returns a view of the same bytes. It reads words at any position; an Int32Array reads them only at multiples of four. */
export const toDataView = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
