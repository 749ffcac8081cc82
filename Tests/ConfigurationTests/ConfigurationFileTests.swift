import PlughookConfiguration
import Glibc
import TestSupport
import Testing

/// Files in a directory of their own, gone afterwards.
struct ConfigurationFileTests {
    private let temporary: TemporaryDirectory
    private var directory: String { temporary.path }

    init() throws { temporary = try TemporaryDirectory() }

    private func write(_ text: String, mode: mode_t = 0o644) -> String {
        let path = "\(directory)/config.json"
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        text.withCString { _ = Glibc.write(file, $0, strlen($0)) }
        fchmod(file, mode)
        close(file)
        return path
    }

    private func refusal(_ path: String) -> String {
        do {
            _ = try ConfigurationFile.load(path: path)
            return ""
        } catch {
            return error.description
        }
    }

    @Test func file_isRead_whenValid() throws {
        #expect(try ConfigurationFile.load(path: write(#"{"orgId": 7}"#)).orgID == 7)
    }

    @Test func file_isRead_whenLinked() throws {
        symlink(write(#"{"orgId": 7}"#), "\(directory)/link.json")
        #expect(try ConfigurationFile.load(path: "\(directory)/link.json").orgID == 7)
    }

    @Test func faults_areALineEach_whenFileIsInvalid() {
        let path = write("{\n  \"orgID\": 1,\n  \"delivery\": {\"maxConcurrent\": 0}\n}\n")
        let lines = refusal(path).split(separator: "\n")
        #expect(lines.count == 2)
        #expect(
            lines.first?.hasPrefix(#"\#(path):2:3: /orgID: the key "orgID" is not known here; did you mean "orgId"?"#)
                == true)
        #expect(
            lines.last == "\(path):3:33: /delivery/maxConcurrent: is 0; give a whole number from 1 to 256")
    }

    @Test func error_saysWhatToDo_whenThereIsNothingToRead() {
        #expect(refusal("\(directory)/none.json").contains("there is no such file; create it"))
        #expect(refusal(directory).contains("is a directory; name the file in it"))
        #expect(refusal("").contains("the file's name is empty"))
        #expect(refusal("/dev/null").contains("is not a regular file"))
        mkfifo("\(directory)/pipe", 0o600)
        #expect(refusal("\(directory)/pipe").contains("is not a regular file"))
    }

    @Test(.enabled(if: geteuid() != 0, "root reads everything"))
    func error_saysWhatToDo_whenFileMayNotBeRead() {
        #expect(refusal(write("{}", mode: 0)).contains("may not be read by this user; give the user read access"))
    }

    @Test func error_saysWhatToDo_whenFileIsTooLarge() throws {
        let path = write("{}")
        truncate(path, 5 << 20)
        #expect(refusal(path).contains("is larger than 4 MiB"))
    }

    @Test func file_isRefused_whenEverybodyMayWriteIt() {
        let path = write(#"{"orgId": -1}"#, mode: 0o646)
        #expect(refusal(path).contains("\(path):1:1: everybody may write to the file; run: chmod o-w \(path)"))
        #expect(refusal(path).contains("/orgId: is -1"))
        #expect(refusal(write("{}", mode: 0o664)) == "")
    }

    @Test func file_isRefused_whenEverybodyMayReplaceIt() {
        let path = write("{}")
        chmod(directory, 0o777)
        #expect(refusal(path).contains("everybody may put another file in its place; run: chmod o-w \(directory)"))
        chmod(directory, 0o1777)
        #expect(refusal(path) == "")
    }
}
