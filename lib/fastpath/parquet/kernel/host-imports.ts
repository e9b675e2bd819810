// The functions that the kernel calls in its host.

/** Takes the bytes of a page of the chunk with this number, before they change. */
export declare function pageClosed(chunk: i32, encoding: i32, values: i32, at: usize, bytes: i32): void
