// The functions of the host that the kernel calls. The name of this file is the name of the import module.

/** Passes the bytes of a finished page to the host. They are valid until the function returns. */
export declare function onPageClosed(chunkId: i32, encoding: i32, valueCount: i32, at: usize, bytes: i32): void
