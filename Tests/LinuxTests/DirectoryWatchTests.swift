import Core
import Foundation
import Linux
import TestSupport
import Testing

/// Real files in a directory of their own, gone afterwards.
struct DirectoryWatchTests {
    private let temporary: TemporaryDirectory
    private var root: String { temporary.path }
    private var file: String { "\(root)/etc/config.json" }

    init() throws {
        temporary = try TemporaryDirectory()
        mkdir("\(root)/etc", 0o755)
    }

    private func write(_ text: String, to path: String, appending: Bool = false) {
        let descriptor = open(path, O_WRONLY | O_CREAT | (appending ? O_APPEND : O_TRUNC), 0o644)
        text.withCString { _ = Foundation.write(descriptor, $0, strlen($0)) }
        close(descriptor)
    }

    /// Whether the change is told; the kernel queues events before the call that makes them returns.
    private func isTold(_ watch: inout DirectoryWatch, _ change: () -> Void) throws -> Bool {
        change()
        let epoll = try Epoll()
        try epoll.watch(watch.descriptor, for: .readable)
        let isReadable = try !epoll.wait(timeout: .zero).isEmpty
        let isTold = watch.changes()
        #expect(isReadable || !isTold)
        #expect(watch.failure == nil)
        return isTold
    }

    @Test func change_isTold_whenFileIsWrittenInPlace() throws {
        write("{}", to: file)
        var watch = try DirectoryWatch(file: file)
        #expect(try isTold(&watch) { write("{\"orgId\": 1}", to: file) })
        #expect(try isTold(&watch) { write(" ", to: file, appending: true) })
        #expect(try !isTold(&watch) {})
    }

    @Test func change_isTold_whenAnEditorRenamesOverTheFile() throws {
        write("{}", to: file)
        var watch = try DirectoryWatch(file: file)
        for _ in 0..<3 {
            #expect(try !isTold(&watch) { write("{}", to: "\(root)/etc/.config.json.swp") })
            #expect(try isTold(&watch) { rename("\(root)/etc/.config.json.swp", file) })
        }
        // As vim does with "backupcopy": away, and a new one in its place.
        #expect(try isTold(&watch) { rename(file, file + "~") })
        #expect(try isTold(&watch) { write("{}", to: file) })
    }

    @Test func change_isTold_whenFileIsRemovedMadeOrLinked() throws {
        var watch = try DirectoryWatch(file: file)
        #expect(try isTold(&watch) { write("{}", to: file) })
        #expect(try isTold(&watch) { unlink(file) })
        write("{}", to: "\(root)/other.json")
        #expect(try isTold(&watch) { link("\(root)/other.json", file) })
        #expect(try isTold(&watch) { chmod(file, 0o600) })
    }

    @Test func nothing_isTold_whenOtherFilesChangeOrTheFileIsRead() throws {
        write("{}", to: file)
        var watch = try DirectoryWatch(file: file)
        let told = try isTold(&watch) {
            write("{}", to: "\(root)/etc/config.json2")
            write("{}", to: "\(root)/etc/config")
            mkdir("\(root)/etc/conf.d", 0o755)
            close(open(file, O_RDONLY))
            unlink("\(root)/etc/config")
        }
        #expect(!told)
    }

    /// A shell writes to /dev/null all day; an agent whose file is somewhere below /dev was woken each time.
    ///
    /// What others do in the directories above the root wakes it, too, so it is the names that tell.
    @Test func nothing_wakesTheCaller_whenAFileIsWrittenInADirectoryAbove() throws {
        write("{}", to: "\(root)/busy")
        var watch = try DirectoryWatch(file: file)
        write("more", to: "\(root)/busy", appending: true)
        write("{}", to: "\(root)/made")
        #expect(names(toldBy: watch.descriptor).filter { ["busy", "made"].contains($0) } == ["made"])
        #expect(try isTold(&watch) { write("{}", to: file) })
    }

    /// Reads what the kernel has queued: `struct inotify_event` of inotify(7), one after the other.
    private func names(toldBy descriptor: Int32) -> [String] {
        var names: [String] = []
        var buffer: [UInt8] = Array(repeating: 0, count: 64 << 10)
        while case let length = read(descriptor, &buffer, buffer.count), length > 0 {
            var rest = buffer[..<length]
            while !rest.isEmpty {
                let size = rest.dropFirst(12).prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
                names.append(String(decoding: rest.dropFirst(16).prefix(size).prefix { $0 != 0 }, as: UTF8.self))
                rest = rest.dropFirst(16 + size)
            }
        }
        return names
    }

    /// A ConfigMap: config.json -> ..data/config.json, ..data -> ..1, and an update renames a new link over ..data.
    @Test func change_isTold_whenALinkOnTheWayIsSwapped() throws {
        for version in 1...4 {
            mkdir("\(root)/etc/..\(version)", 0o755)
            write("{\"orgId\": \(version)}", to: "\(root)/etc/..\(version)/config.json")
        }
        symlink("..1", "\(root)/etc/..data")
        symlink("..data/config.json", file)
        var watch = try DirectoryWatch(file: file)
        for version in 2...4 {
            #expect(try !isTold(&watch) { symlink("..\(version)", "\(root)/etc/..data_tmp") })
            #expect(try isTold(&watch) { rename("\(root)/etc/..data_tmp", "\(root)/etc/..data") })
            #expect(try isTold(&watch) { write("{}", to: "\(root)/etc/..\(version)/config.json") })
            // What the link pointed to before does not matter any more.
            #expect(try !isTold(&watch) { write("{}", to: "\(root)/etc/..\(version - 1)/config.json") })
        }
    }

    @Test func change_isTold_whenTheTargetInAnotherDirectoryIsReplaced() throws {
        mkdir("\(root)/store", 0o755)
        write("{}", to: "\(root)/store/a.json")
        symlink("\(root)/store/a.json", file)
        var watch = try DirectoryWatch(file: file)
        write("{}", to: "\(root)/store/new")
        _ = watch.changes()
        #expect(try isTold(&watch) { rename("\(root)/store/new", "\(root)/store/a.json") })
        #expect(try isTold(&watch) { unlink(file) })
        #expect(try isTold(&watch) { symlink("../store/b.json", file) })
        #expect(try isTold(&watch) { write("{}", to: "\(root)/store/b.json") })
    }

    @Test func change_isTold_whenTheDirectoryIsReplacedOrMadeLater() throws {
        write("{}", to: file)
        var watch = try DirectoryWatch(file: file)
        #expect(try isTold(&watch) { rename("\(root)/etc", "\(root)/old") })
        #expect(try isTold(&watch) { mkdir("\(root)/etc", 0o755) })
        #expect(try isTold(&watch) { write("{}", to: file) })
        #expect(try !isTold(&watch) { write("{}", to: "\(root)/old/config.json") })
        let told = try isTold(&watch) {
            unlink(file)
            rmdir("\(root)/etc")
        }
        #expect(told)
        #expect(
            try isTold(&watch) {
                mkdir("\(root)/etc", 0o755)
                write("{}", to: file)
            })
        #expect(try isTold(&watch) { write("{}", to: file) })
    }

    @Test func change_isTold_whenTheFileIsWrittenBeforeItsNewDirectoryIsWatched() throws {
        rmdir("\(root)/etc")
        var watch = try DirectoryWatch(file: file)
        mkdir("\(root)/etc", 0o755)
        write("{}", to: file)
        let told = watch.changes()
        #expect(told)
    }

    /// The kernel drops what is too much (16384 events by default) and says so: that counts as a change.
    @Test func change_isTold_whenTheQueueHasOverflown() throws {
        write("{}", to: file)
        var watch = try DirectoryWatch(file: file)
        let told = try isTold(&watch) {
            for number in 0..<10_000 {
                let name = "\(root)/etc/other\(number % 2)"
                close(open(name, O_WRONLY | O_CREAT, 0o644))
                unlink(name)
            }
            write("{\"orgId\": 1}", to: file)
        }
        #expect(told)
        #expect(try isTold(&watch) { write("{}", to: file) })
    }

    @Test func nothing_traps_whenNamesAreHostile() throws {
        write("{}", to: file)
        var watch = try DirectoryWatch(file: file)
        for name: [UInt8] in [[0xFF, 0xFE], [0x0A], Array(repeating: 0xC0, count: 255), [0x20], [0x1B, 0x5B]] {
            let path = Array("\(root)/etc/".utf8) + name + [0]
            let descriptor = path.withUnsafeBytes { bytes in
                bytes.assumingMemoryBound(to: CChar.self).baseAddress.map { open($0, O_WRONLY | O_CREAT, 0o644) } ?? -1
            }
            #expect(descriptor >= 0)
            close(descriptor)
        }
        let told = watch.changes()
        #expect(!told)
        symlink("loop", "\(root)/etc/loop")
        for path in ["", "/", ".", "..", "\(root)/etc/loop", "\(root)//etc/./../etc/a", file + "/", file + "/x"] {
            var odd = try DirectoryWatch(file: path)
            _ = odd.changes()
        }
        #expect(try isTold(&watch) { write("{}", to: file) })
    }

    @Test func change_wakesAWaitingThread_whenAnotherThreadWrites() throws {
        write("{}", to: file)
        var watch = try DirectoryWatch(file: file)
        let path = file
        let writer = try Thread(name: "writer") { close(open(path, O_WRONLY | O_TRUNC)) }
        let epoll = try Epoll()
        try epoll.watch(watch.descriptor, for: .readable)
        var isTold = false
        while !isTold {
            try #require(!epoll.wait(timeout: .seconds(60)).isEmpty)
            isTold = watch.changes()
        }
        writer.join()
    }
}
