internal import CLinux

package enum Heap {
    /// Keeps up to 4 MiB of freed memory for the next use instead of giving it back to the kernel at 128 KiB.
    ///
    /// A commit frees about as much as the next one takes: given back, it costs a system call and page faults each time,
    /// while a callback waits. For the start of the process.
    package static func keepFreedMemory() { mallopt(M_TRIM_THRESHOLD, 4 << 20) }
}
