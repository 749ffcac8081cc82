import GRDB
import TestSupport

/// Does `body` while another connection has the database locked for writing.
func withLockedDatabase(_ directory: TemporaryDirectory, _ body: () throws -> Void) throws {
    try DatabaseQueue(path: directory.database).writeWithoutTransaction { db in
        try db.inTransaction(.immediate) {
            try body()
            return .rollback
        }
    }
}
