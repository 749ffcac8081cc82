internal import GRDB

/// Reads what is kept, for those who ask, beside the store that goes on committing.
///
/// A connection of its own, with a thread that waits for the disk in the caller's stead. Each call sees one moment
/// between two commits and holds it no longer than it takes, so that the log can be shortened after it; calls are
/// done one after the other. From any task. Throws `interrupted` when that is cancelled.
package final class History: Sendable {
    /// The most that one call returns; who asks for more gets this many.
    package static let longestPage = 1_000

    private let database: DatabaseQueue
    /// Kept open: the last connection to be closed must be one that may write, or the log is left behind.
    private let store: StateStore

    package init(of store: StateStore) throws(StoreError) {
        self.store = store
        do {
            database = try DatabaseFile.openForReading(store.path)
        } catch {
            throw StoreError(error, path: store.path)
        }
    }

    deinit { try? database.close() }

    func read<T: Sendable>(_ body: @Sendable (Database) throws -> T) async throws(StoreError) -> T {
        do {
            return try await database.read(body)
        } catch {
            throw StoreError(error, path: store.path)
        }
    }

    static func bounded(_ limit: Int) -> Int { max(0, min(limit, longestPage)) }
}
