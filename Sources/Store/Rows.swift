internal import FoundationEssentials
internal import GRDB

extension Database {
    /// Runs a statement that is prepared once and kept; returns how many rows it changed.
    @discardableResult
    func run(_ sql: String, _ arguments: StatementArguments) throws -> Int {
        let statement = try cachedStatement(sql: sql)
        // GRDB would count them against the statement each time; the statements and their arguments stand side by side.
        statement.setUncheckedArguments(arguments)
        try statement.execute()
        return changesCount
    }

    /// The one value of the one row, NULL and no row being the same.
    func value<T: DatabaseValueConvertible>(_ sql: String, _ arguments: StatementArguments = []) throws -> T? {
        try T.fetchOne(cachedStatement(sql: sql), arguments: arguments)
    }
}

/// Words from outside as an argument of `CAST(? AS TEXT)`.
///
/// GRDB binds and reads a `String` up to its first NUL; a name or serial with one in it would come back as another.
func bytes(_ text: String) -> Data { Data(text.utf8) }

extension Row {
    func text(_ index: Int) throws -> String { String(decoding: try decode(Data.self, atIndex: index), as: UTF8.self) }

    func optionalText(_ index: Int) throws -> String? {
        try decode(Data?.self, atIndex: index).map { String(decoding: $0, as: UTF8.self) }
    }

    func integer(_ index: Int) throws -> Int64 { try decode(Int64.self, atIndex: index) }
}
