import Glibc
import Linux

func write(_ text: String, to path: String, mode: mode_t = 0o600) throws {
    let file = try OwnedDescriptor(open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode), from: "open")
    guard Glibc.write(file.raw, text, text.utf8.count) == text.utf8.count else { throw SystemError("write") }
}
