/** With what a process that serves is started: less memory that is only kept free. The launcher, `kubets`, says the same in its own language. */

/** No more than 12 MiB for the youngest objects; 4 from the start, since a server outgrows less at once. */
export const nodeFlags: readonly string[] = ['--no-warnings', '--min-semi-space-size=4', '--max-semi-space-size=12'];

/**
 * glibc's allocator. A heap for each thread keeps several times what is in use. What is long goes back to the system when it is freed: left to itself, the
 * allocator takes longer and longer blocks from its heap, which the connections of a server then leave in pieces.
 * Shorter limits than these make every list of some megabytes fetch its memory from the system anew, which costs more than the list.
 */
export const allocatorSettings: Readonly<Record<string, string>> = { MALLOC_ARENA_MAX: '2', MALLOC_MMAP_THRESHOLD_: '1048576', MALLOC_TRIM_THRESHOLD_: '4194304' };
