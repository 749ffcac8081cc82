internal import Core
internal import FoundationEssentials
internal import GRDB
internal import GRDBSQLite

/// What a parameter of a statement can be bound to.
protocol Bindable {
    /// Returns SQLite's code.
    func bind(to statement: OpaquePointer, at index: Int32) -> Int32
}

extension Database {
    /// Runs a statement that is prepared once and kept; returns how many rows it changed.
    ///
    /// GRDB prepares it; binding and stepping go to SQLite directly. A commit stands between a removal and its
    /// callback, and with GRDB's arguments and observers these statements took half as long again.
    @discardableResult
    func run(_ sql: String, _ arguments: [any Bindable] = []) throws -> Int {
        _ = try step(sql, arguments) { _ in }
        return changesCount
    }

    /// The one integer of the one row; NULL and no row are the same.
    func integer(_ sql: String, _ arguments: [any Bindable] = []) throws -> Int64? {
        try step(sql, arguments) { statement in
            sqlite3_column_type(statement, 0) == SQLITE_NULL ? nil : sqlite3_column_int64(statement, 0)
        } ?? nil
    }

    /// Steps once, which is to the end for a statement that returns nothing; `read` sees the row, if there is one.
    private func step<T>(_ sql: String, _ arguments: [any Bindable], read: (OpaquePointer) -> T) throws -> T? {
        let statement = try cachedStatement(sql: sql).sqliteStatement
        var code = SQLITE_OK
        for (index, argument) in arguments.enumerated() where code == SQLITE_OK {
            code = argument.bind(to: statement, at: Int32(index + 1))
        }
        var result: T?
        if code == SQLITE_OK {
            code = sqlite3_step(statement)
            if code == SQLITE_ROW { result = read(statement) }
        }
        guard code == SQLITE_DONE || code == SQLITE_ROW else {
            let error = DatabaseError(
                resultCode: ResultCode(rawValue: sqlite3_extended_errcode(sqliteConnection)), message: lastErrorMessage,
                sql: sql)
            sqlite3_reset(statement)
            throw error
        }
        sqlite3_reset(statement)
        return result
    }
}

extension Int64: Bindable {
    func bind(to statement: OpaquePointer, at index: Int32) -> Int32 { sqlite3_bind_int64(statement, index, self) }
}

extension Int: Bindable {
    func bind(to statement: OpaquePointer, at index: Int32) -> Int32 { Int64(self).bind(to: statement, at: index) }
}

extension Bool: Bindable {
    func bind(to statement: OpaquePointer, at index: Int32) -> Int32 {
        Int64(self ? 1 : 0).bind(to: statement, at: index)
    }
}

extension String: Bindable {
    /// With its bytes as they are, NUL among them; GRDB would end it there, and a serial would become another.
    func bind(to statement: OpaquePointer, at index: Int32) -> Int32 {
        var text = self
        return text.withUTF8 { utf8 in
            utf8.withMemoryRebound(to: CChar.self) {
                sqlite3_bind_text(statement, index, $0.baseAddress, Int32($0.count), keepsCopy)
            }
        }
    }
}

extension [UInt8]: Bindable {
    func bind(to statement: OpaquePointer, at index: Int32) -> Int32 {
        withUnsafeBytes { sqlite3_bind_blob(statement, index, $0.baseAddress, Int32($0.count), keepsCopy) }
    }
}

extension Optional: Bindable where Wrapped: Bindable {
    func bind(to statement: OpaquePointer, at index: Int32) -> Int32 {
        self?.bind(to: statement, at: index) ?? sqlite3_bind_null(statement, index)
    }
}

/// `SQLITE_TRANSIENT`, a macro that Swift does not see: SQLite copies what is bound.
private let keepsCopy = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

extension Row {
    func text(_ index: Int) throws -> String { String(decoding: try decode(Data.self, atIndex: index), as: UTF8.self) }

    func optionalText(_ index: Int) throws -> String? {
        try decode(Data?.self, atIndex: index).map { String(decoding: $0, as: UTF8.self) }
    }

    func integer(_ index: Int) throws -> Int64 { try decode(Int64.self, atIndex: index) }

    func time(_ index: Int) throws -> WallTime? {
        try decode(Int64?.self, atIndex: index).map { WallTime(milliseconds: $0) }
    }

    /// One of the words that this program writes there; any other means that the file is damaged.
    func word<Word: RawRepresentable<String>>(_ index: Int) throws -> Word {
        guard let word = Word(rawValue: try text(index)) else {
            throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "unknown word in column \(index)")
        }
        return word
    }
}
