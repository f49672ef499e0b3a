//! The binary: reads the command line and hands over.

use std::process::ExitCode;

/// Records are made on one thread and dropped on many: the system's allocator spends a fifth of a capture on that.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    countersign_server::cli::main()
}
