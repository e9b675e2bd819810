// The functions that the kernel calls in its host. The name of this file is the name of the import module.

/** Takes the bytes of a page of the chunk with this number, before they change. */
export declare function onPageClosed(chunk: i32, encoding: i32, values: i32, at: usize, bytes: i32): void
