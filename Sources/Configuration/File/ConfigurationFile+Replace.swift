import Glibc

extension ConfigurationFile {
    /// Puts new bytes in the place of the file, in one step: whoever reads sees all of the old or all of the new.
    ///
    /// Symbolic links are followed and stay. Refuses when the file is not what is expected any more; other plughook
    /// processes wait meanwhile, an editor that saves within the few microseconds before the rename is overwritten. Mode
    /// and group stay, and the owner where this user may give it away; where that would take the file from its readers
    /// it is refused. Access control lists, extended attributes and further hard links are not carried over. When it
    /// returns, the new file is on the disk. Blocks for as long as the disk and other editing processes take, at most
    /// thirty seconds for the latter.
    package static func replace(
        path: String, expecting oldBytes: [UInt8], with newBytes: [UInt8]
    ) throws(ConfigurationEditError) {
        let real = try resolved(path)
        let directory = try EditedDirectory(of: real)
        let old = try directory.ownership(ifStill: oldBytes)
        try directory.writeNewFile(newBytes, ownership: old)
        do throws(ConfigurationEditError) {
            // Again, because the disk may have taken its time, and an editor takes no lock.
            _ = try directory.ownership(ifStill: oldBytes)
            try directory.putNewFileInPlace()
        } catch {
            directory.removeNewFile()
            throw error
        }
        try directory.flush()
    }

    /// The file itself, without a symbolic link anywhere in its path.
    private static func resolved(_ path: String) throws(ConfigurationEditError) -> String {
        guard let real = realpath(path, nil) else {
            let objection = ReadableFile.objection(to: errno)
            throw .unreadable(path: path, problem: objection.problem, advice: objection.advice)
        }
        defer { free(real) }
        return String(cString: real)
    }
}
