import Testing

/// Real processes, a real PostgreSQL, real HTTP. One test at a time: each has its own servers, and the machine has few cores.
@Suite(.serialized)
enum EndToEnd {}
