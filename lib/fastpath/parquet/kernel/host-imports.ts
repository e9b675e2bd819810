// The functions of the host that the kernel calls. The name of this file is the name of the import module.

/** Passes the bytes of a finished page to the host. They are valid until the function returns. */
export declare function onPageClosed(chunk: i32, encoding: i32, values: i32, at: usize, bytes: i32): void
