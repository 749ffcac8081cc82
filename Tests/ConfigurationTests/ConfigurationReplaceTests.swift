import Foundation
import Synchronization
import TestSupport
import Testing

@testable import PlughookConfiguration

/// Real files in a directory of their own, gone afterwards.
struct ConfigurationReplaceTests {
    private let temporary: TemporaryDirectory
    private var directory: String { temporary.path }
    private var path: String { "\(directory)/config.json" }

    init() throws {
        temporary = try TemporaryDirectory()
        Self.write("{}", to: path)
    }

    private static func write(_ text: String, to path: String, mode: mode_t = 0o640) {
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        text.withCString { _ = Foundation.write(file, $0, strlen($0)) }
        fchmod(file, mode)
        close(file)
    }

    private func content(_ path: String) throws -> String {
        String(decoding: try ConfigurationFile.read(path: path).bytes, as: UTF8.self)
    }

    private func replace(_ old: String, _ new: String, at path: String? = nil) throws(ConfigurationEditError) {
        try ConfigurationFile.replace(path: path ?? self.path, expecting: Array(old.utf8), with: Array(new.utf8))
    }

    private func refusal(_ body: () throws(ConfigurationEditError) -> Void) -> ConfigurationEditError? {
        do {
            try body()
            return nil
        } catch {
            return error
        }
    }

    private var names: Set<String> {
        Set((try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? [])
    }

    @Test func file_isReplaced_whenItIsAsExpected() throws {
        try replace("{}", #"{"orgId": 1}"#)
        #expect(try content(path) == #"{"orgId": 1}"#)
        #expect(names == ["config.json"])
    }

    @Test func file_keepsItsModeOwnerAndGroup() throws {
        chmod(path, 0o604)
        if geteuid() == 0 { chown(path, 12, 34) }
        var before = stat()
        stat(path, &before)
        try replace("{}", "{ }")
        var after = stat()
        stat(path, &after)
        #expect(Ownership(before) == Ownership(after))
        #expect(before.st_ino != after.st_ino)
    }

    @Test func file_isLeftAlone_whenItChangedMeanwhile() throws {
        let told = refusal { () throws(ConfigurationEditError) in try replace("{ }", "{\n}") }
        #expect(told == .changedMeanwhile(path: path))
        #expect(try content(path) == "{}")
        #expect(names == ["config.json"])
    }

    @Test func leftOver_isRemoved_byTheNextEdit() throws {
        Self.write("half a fi", to: "\(directory)/\(EditedDirectory.newName)", mode: 0o400)
        try replace("{}", "{ }")
        #expect(names == ["config.json"])
        #expect(try content(path) == "{ }")
    }

    /// Nobody but us writes into the directory; still a link there must not lead the edit to another file.
    @Test func leftOver_isNotFollowed_whenItIsALink() throws {
        Self.write("precious", to: "\(directory)/other")
        symlink("other", "\(directory)/\(EditedDirectory.newName)")
        try replace("{}", "{ }")
        #expect(try content("\(directory)/other") == "precious")
        #expect(names == ["config.json", "other"])
    }

    @Test func links_stay_whenTheFileIsReachedThroughThem() throws {
        mkdir("\(directory)/real", 0o755)
        rename(path, "\(directory)/real/a.json")
        symlink("real", "\(directory)/data")
        symlink("data/a.json", path)
        try replace("{}", "{ }")
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: path) == "data/a.json")
        #expect(try content("\(directory)/real/a.json") == "{ }")
        #expect(names == ["config.json", "data", "real"])
    }

    @Test func refusal_saysWhatToDo_whenThereIsNoSuchFile() {
        let told = refusal { () throws(ConfigurationEditError) in try replace("", "{}", at: "\(directory)/none") }
        #expect(told?.description.contains("\(directory)/none: there is no such file; create it") == true)
        let ofDirectory = refusal { () throws(ConfigurationEditError) in try replace("", "{}", at: directory) }
        #expect(ofDirectory?.description.contains("is a directory") == true)
    }

    /// A file system of the kernel's in which not even root makes files.
    @Test(.enabled(if: geteuid() == 0 && access("/sys/kernel/fscaps", F_OK) == 0))
    func refusal_namesOwnerAndMode_whenTheDirectoryIsNotWritable() throws {
        let path = "/sys/kernel/fscaps"
        let told = refusal { () throws(ConfigurationEditError) in
            try replace((try? content(path)) ?? "", "0", at: path)
        }
        guard case .notWritable(_, let problem) = told else {
            Issue.record("\(String(describing: told))")
            return
        }
        #expect(problem == "it is owned by root:root, mode 0755" || problem == "its file system is read-only")
    }

    @Test func errors_sayWhatHappened_forEachCode() {
        chmod(path, 0o444)
        let owner = geteuid() == 0 ? "root:" : ""
        #expect(ConfigurationEditError(EACCES, "writing", at: path).description.contains("owned by \(owner)"))
        #expect(ConfigurationEditError(EPERM, "writing", at: path).description.contains("mode 0444; change its owner"))
        #expect(ConfigurationEditError(ENOSPC, "writing", at: path) == .full(path: path))
        #expect(ConfigurationEditError(EDQUOT, "writing", at: path) == .full(path: path))
        #expect(ConfigurationEditError(EROFS, "w", at: path).description.contains("its file system is read-only"))
        #expect(
            ConfigurationEditError(EIO, "writing", at: "a\nb").description
                == #"a\u{a}b: writing failed (Input/output error); check the disk and the directory"#)
    }

    @Test func ownership_isKept_onlyWhenNobodyLosesAccess() {
        func kept(_ mode: mode_t, _ user: uid_t, _ group: gid_t) -> Bool {
            Ownership(user: user, group: group, mode: mode).isKept(by: Ownership(user: 5, group: 5, mode: mode))
        }
        #expect(kept(0o640, 5, 5))
        #expect(kept(0o640, 0, 5))
        #expect(kept(0o644, 0, 0))
        // The group's members read it, or strangers would.
        #expect(!kept(0o640, 0, 0))
        #expect(!kept(0o600, 6, 5))
        #expect(
            Ownership(user: 4_000_000_001, group: 4_000_000_002, mode: 0o4750).description
                == "owned by 4000000001:4000000002, mode 4750")
    }

    /// Runs a body on so many threads of their own at once, and returns when all have.
    private func onThreads(_ count: Int, _ body: @escaping @Sendable (Int) throws -> Void) {
        let all = DispatchGroup()
        for number in 0..<count {
            all.enter()
            Thread.detachNewThread {
                defer { all.leave() }
                do { try body(number) } catch { Issue.record(error) }
            }
        }
        all.wait()
    }

    /// A hundred who edit at once: each succeeds or is told to try again, and what succeeded is there.
    @Test func edits_areNotLost_whenAHundredAreMadeAtOnce() throws {
        let path = path
        onThreads(100) { number in
            let definition: [JSONLiteral.Member] = [
                .init("name", .string("w\(number)")), .init("url", "https://h/"), .init("events", ["online"]),
            ]
            while true {
                let old = try ConfigurationFile.read(path: path).bytes
                let new = try ConfigurationEdit(of: old).appending(webhook: definition)
                do {
                    return try ConfigurationFile.replace(path: path, expecting: old, with: new)
                } catch ConfigurationEditError.changedMeanwhile {
                    continue
                }
            }
        }
        let written = try ConfigurationFile.load(path: path).webhooks.map(\.name)
        #expect(written.sorted() == (0..<100).map { "w\($0)" }.sorted())
        #expect(names == ["config.json"])
    }

    /// Many whole files in turn, of very different sizes, while others read: never half of one, never none.
    @Test func readers_seeOldOrNew_whileTheFileIsReplaced() {
        let path = path
        let texts = ["{}", "{" + String(repeating: " ", count: 300_000) + "}"].map { Array($0.utf8) }
        let isDone = Mutex(false)
        onThreads(4) { number in
            if number == 0 {
                defer { isDone.withLock { $0 = true } }
                for round in 0..<200 {
                    try ConfigurationFile.replace(path: path, expecting: texts[round % 2], with: texts[1 - round % 2])
                }
            }
            while !isDone.withLock({ $0 }) {
                let bytes = try ConfigurationFile.read(path: path).bytes
                #expect(texts.contains(bytes))
            }
        }
    }

    @Test func reading_givesTheBytes_alsoOfAFileThatIsNotInForce() throws {
        Self.write(#"{"orgID": 1}"#, to: path, mode: 0o646)
        let text = try ConfigurationFile.read(path: path)
        #expect(text.bytes == Array(#"{"orgID": 1}"#.utf8))
        guard case .failure(let error) = text.configuration else {
            Issue.record("accepted")
            return
        }
        #expect(error.faults.map(\.pointer) == ["", "/orgID"])
    }
}
