internal import Glibc

/// Tells that a file may have become another, or have other contents, whichever way that was done.
///
/// It watches, in their directories, all names that the path is made of, those in symbolic links on the way included: so
/// it sees the file written, renamed over, removed and made again, links that are pointed elsewhere (as Kubernetes does
/// with `..data`), and a whole directory that is replaced. What it tells is a hint: read the file again and compare. A
/// file system that is mounted over the directory, and what another host writes to a network file system, is not seen.
/// For one thread.
package struct DirectoryWatch: ~Copyable {
    private let handle: OwnedDescriptor
    private let path: [UInt8]
    /// The names that matter in each directory that is watched.
    private var names: [Int32: Set<[UInt8]>] = [:]

    /// Why the file's directory, or that of a link to it, cannot be watched now; nil when all is well.
    ///
    /// While it is set the caller should say so and look at the file from time to time; each change that is seen
    /// tries again. That the file or its directory does not exist is no such reason: it is seen when they are made.
    package private(set) var failure: SystemError?

    /// Starts to watch: what happens from now on is told. The file need not exist.
    package init(file path: String) throws(SystemError) {
        handle = try OwnedDescriptor(inotify_init1(Int32(IN_CLOEXEC) | Int32(IN_NONBLOCK)), from: "inotify_init1")
        self.path = Array(path.utf8)
        follow()
    }

    /// Readable while there is something that `changes` has not read; valid as long as the watch lives.
    package var descriptor: Int32 { handle.raw }

    /// Reads all that has come, without waiting, and tells whether the file may have changed.
    package mutating func changes() -> Bool {
        var mayHaveChanged = false
        // What a full queue of the kernel's holds (16384 events) fits in; a flood beyond it must not keep the caller.
        for _ in 0..<256 {
            let events = handle.readEvents()
            if events.isEmpty { break }
            for event in events where concerns(event) { mayHaveChanged = true }
        }
        if mayHaveChanged { follow() }
        return mayHaveChanged
    }

    private mutating func concerns(_ event: InotifyEvent) -> Bool {
        if event.mask & UInt32(IN_Q_OVERFLOW) != 0 { return true }
        // Of one that is not watched any more; or the kernel tells that it has removed a watch by request.
        guard let names = names[event.watch] else { return false }
        if event.mask & UInt32(IN_IGNORED) != 0 { self.names[event.watch] = nil }
        // Without a name it is the directory itself.
        return event.name.isEmpty || names.contains(event.name)
    }

    /// Follows the path as the kernel does and watches what it goes through, from each directory before it is looked into.
    private mutating func follow() {
        let old = names
        names = [:]
        failure = nil
        var walk = PathWalk(path)
        while let step = walk.next() {
            let events = walk.isAtEnd ? Self.events | Self.written : Self.events
            let watch = inotify_add_watch(handle.raw, step.directory.cString, events)
            let error = SystemError("inotify_add_watch")
            if watch >= 0 { names[watch, default: []].insert(step.name) }
            let isDecisive = walk.enter(step)
            if watch < 0, isDecisive, error.code != ENOENT, error.code != ENOTDIR { failure = failure ?? error }
        }
        for watch in old.keys where names[watch] == nil { inotify_rm_watch(handle.raw, watch) }
    }

    /// One directory may be on the way more than once, so each time adds to what is told of it.
    private static let events =
        UInt32(
            IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE | IN_DELETE | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR
        ) | UInt32(IN_MASK_ADD)
    /// Writing is told when the writer closes; a file that is being written would be read half. Only where the file is: in a
    /// directory above, like `/tmp` or `/dev`, others may write without a pause, and each time would wake the caller.
    private static let written = UInt32(IN_CLOSE_WRITE)
}

/// A path on its way through directories and symbolic links; bytes, because names are.
private struct PathWalk {
    struct Step {
        let directory: [UInt8]
        let name: [UInt8]
        var path: [UInt8] { directory + [PathWalk.slash] + name }
    }

    private static let slash = UInt8(ascii: "/")
    private var directory: [UInt8]
    /// The last one is the next.
    private var rest: [[UInt8]]
    /// As many as the kernel follows (`path_resolution(7)`).
    private var linksLeft = 40

    init(_ path: [UInt8]) {
        directory = path.first == Self.slash ? [Self.slash] : [UInt8(ascii: ".")]
        rest = Self.components(path)
    }

    /// Whether the name that was given last is the path's last one, or that of a link to it.
    var isAtEnd: Bool { rest.isEmpty }

    /// The next name to be looked up; nil at the end.
    mutating func next() -> Step? {
        while let name = rest.popLast() {
            if name == Array(".".utf8) { continue }
            if name == Array("..".utf8) {
                directory += [Self.slash] + name
                continue
            }
            return Step(directory: directory, name: name)
        }
        return nil
    }

    /// Goes on to what the name stands for; tells whether that is a link or the end of the path, and no mere directory.
    mutating func enter(_ step: Step) -> Bool {
        let isEnd = isAtEnd
        var target: [CChar] = Array(repeating: 0, count: Int(PATH_MAX))
        let length = readlink(step.path.cString, &target, target.count)
        guard length >= 0 else {
            // EINVAL: it is there and no link. Otherwise the rest of the path cannot be looked up now.
            if errno != EINVAL { rest = [] }
            directory = step.path
            return isEnd
        }
        linksLeft -= 1
        let link = target.prefix(length).map { UInt8(bitPattern: $0) }
        if link.first == Self.slash { directory = [Self.slash] }
        rest = linksLeft > 0 ? rest + Self.components(link) : []
        return true
    }

    private static func components(_ path: [UInt8]) -> [[UInt8]] {
        path.split(separator: slash).map(Array.init).reversed()
    }
}

private struct InotifyEvent {
    let watch: Int32
    let mask: UInt32
    /// Empty for the directory itself.
    let name: [UInt8]
}

extension OwnedDescriptor {
    /// The events that one read gives; empty when there are none now.
    fileprivate borrowing func readEvents() -> [InotifyEvent] {
        var buffer: [UInt8] = Array(repeating: 0, count: 32 << 10)
        let count = read(raw, &buffer, buffer.count)
        var rest = buffer.prefix(max(0, count))
        var events: [InotifyEvent] = []
        let header = MemoryLayout<inotify_event>.size
        while rest.count >= header {
            let fields = rest.withUnsafeBytes { $0.loadUnaligned(as: inotify_event.self) }
            // Filled up with zeros.
            let name = rest.dropFirst(header).prefix(Int(fields.len)).prefix { $0 != 0 }
            events.append(InotifyEvent(watch: fields.wd, mask: fields.mask, name: Array(name)))
            rest = rest.dropFirst(header + Int(fields.len))
        }
        return events
    }
}

extension [UInt8] {
    /// For a call that takes a path: the bytes and a zero.
    fileprivate var cString: [CChar] { map { CChar(bitPattern: $0) } + [0] }
}
