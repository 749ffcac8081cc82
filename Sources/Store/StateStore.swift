package import Core
internal import GRDB
internal import Linux

/// What survives a restart: devices, history, webhook numbers and callbacks, in `plughook.sqlite3`.
///
/// Every method blocks on the disk and may be called from any thread, one at a time: the loop calls `bind` and `load`
/// before it starts, then a `Committer` has it. What a method has stored when it returns survives a power loss.
/// Other processes may read the file meanwhile; a reader that stays keeps the log from being shortened.
package final class StateStore: Sendable {
    /// 256 MiB of pages: ten times what 100,000 waiting callbacks take, and little enough for a small host's disk.
    package static let maximumPages = 65_536

    /// Where the file went that could not be used, when it was to be moved aside.
    package let movedAside: String?
    let database: DatabaseQueue
    let path: String
    private let directory: StateDirectory

    /// Locks the directory, then opens the database in it; makes what is missing.
    ///
    /// A file that cannot be used (`notOurs`, `newerSchema`, `corrupt`) is left as it is, byte for byte. With
    /// `moveAside` it gets a name with the time `now` in it instead, and an empty one takes its place.
    package init(
        directory path: String, moveAside: Bool = false, maximumPages: Int = StateStore.maximumPages,
        now: WallTime = .now()
    ) throws(StoreError) {
        directory = try StateDirectory(path)
        let file = directory.database
        self.path = file
        var moved: String?
        do {
            try translating(file) { try DatabaseFile.inspect(file) }
        } catch {
            switch error {
            case .notOurs where moveAside, .newerSchema where moveAside, .corrupt where moveAside:
                moved = try directory.moveDatabaseAside(at: now)
            default: throw error
            }
        }
        movedAside = moved
        database = try translating(file) { try DatabaseFile.open(file, maximumPages: maximumPages) }
        try directory.sync()
    }

    deinit {
        // Before the lock goes. What is not in the database yet is safe in its log.
        try? database.close()
    }

    /// Bytes of the database and of its log. Takes microseconds, from any thread at any time.
    package var sizes: (database: Int, log: Int) { (DatabaseFile.size(path), DatabaseFile.size(path + "-wal")) }

    /// Works on the connection, outside a transaction, and sorts what goes wrong.
    func perform<T>(_ body: (Database) throws -> T) throws(StoreError) -> T {
        try translating(path) { try database.writeWithoutTransaction(body) }
    }
}

private func translating<T>(_ path: String, _ body: () throws -> T) throws(StoreError) -> T {
    do {
        return try body()
    } catch {
        throw StoreError(error, path: path)
    }
}
