import Foundation
import Linux
import Testing

@Suite struct ProgramCodeTests {
    /// KiB of the program's own file that are in memory, by `/proc/self/smaps` (proc(5)).
    private func resident() throws -> Int {
        let program = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let lines = try String(contentsOfFile: "/proc/self/smaps", encoding: .utf8).split(separator: "\n")
        var (isCode, total) = (false, 0)
        for line in lines {
            if line.contains("-"), !line.contains("kB") { isCode = line.hasSuffix(program) && line.contains(" r-xp ") }
            if isCode, line.hasPrefix("Rss:") {
                total += line.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
            }
        }
        return total
    }

    @Test func codeIsGone_AndComesBackWhenItIsNeeded() throws {
        let before = try resident()
        ProgramCode.letGo()
        let after = try resident()
        #expect(after < before)
        #expect(after > 0)
    }
}
