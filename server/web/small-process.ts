/**
 * Settings for a process that shares two cores and little memory with brokers and a database. A young generation of 16 MB a
 * thread and an allocator arena per core are made for bigger houses: with these a loaded process holds a third less.
 */
export const smallHeap = ["--max-semi-space-size=4", "--max-old-space-size=256"];

/** The environment with glibc's arenas bounded; other allocators ignore it. */
export const smallArenas = (): NodeJS.ProcessEnv => ({ ...process.env, MALLOC_ARENA_MAX: "2" });
