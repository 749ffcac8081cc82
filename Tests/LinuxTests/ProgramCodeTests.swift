import Foundation
import Linux
import Testing

@Suite struct ProgramCodeTests {
    /// KiB of files that are mapped and in memory (proc(5)): mostly the program's own.
    private func resident() throws -> Int {
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        return try #require(status.firstMatch(of: /RssFile:\s+(\d+) kB/).flatMap { Int($0.1) })
    }

    @Test func codeIsGone_AndComesBackWhenItIsNeeded() throws {
        let before = try resident()
        ProgramCode.letGo()
        let after = try resident()
        #expect(after < before)
        #expect(after > 0)
    }
}
