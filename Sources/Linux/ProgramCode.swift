internal import CLinux
internal import Glibc

package enum ProgramCode {
    /// Lets go of the pages of the program's code and constants that are in its memory; what is needed again comes back from
    /// the page cache by itself.
    ///
    /// For the moment at which a start is over: half of what it has touched is not touched again, and would stay for months.
    package static func letGo() {
        let page = UInt(sysconf(Int32(_SC_PAGESIZE)))
        let start = (clinux_program_start() + page - 1) / page * page
        let end = clinux_code_end() / page * page
        guard end > start, let address = UnsafeMutableRawPointer(bitPattern: start) else { return }
        // Mapped from the file and never written to: nothing can be lost. A refusal changes nothing.
        madvise(address, Int(end - start), MADV_DONTNEED)
    }
}
