import Core
import Foundation
import GRDB
import TestSupport
import Testing

@testable import Store

/// A state directory and its database.
extension TemporaryDirectory {
    var state: String { path + "/state" }
    var database: String { state + "/plughook.sqlite3" }

    /// Every file of the state directory but the lock, whose bytes are the pid of the last that tried.
    func files() throws -> [String: Data] {
        var files: [String: Data] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: state) where name != "lock" {
            files[name] = try Data(contentsOf: URL(fileURLWithPath: state + "/" + name))
        }
        return files
    }

    /// What a crash at this moment would leave, as another directory: the file and its log or journal, as they are.
    func crashed(logLength: Int? = nil) throws -> TemporaryDirectory {
        let other = try TemporaryDirectory()
        try FileManager.default.createDirectory(atPath: other.state, withIntermediateDirectories: false)
        for suffix in ["", "-wal", "-journal"] where FileManager.default.fileExists(atPath: database + suffix) {
            var bytes = try Data(contentsOf: URL(fileURLWithPath: database + suffix))
            if suffix == "-wal", let logLength { bytes = bytes.prefix(logLength) }
            try bytes.write(to: URL(fileURLWithPath: other.database + suffix))
        }
        return other
    }

    /// Asks the file as another process would, while the store has it or not.
    func ask<T: DatabaseValueConvertible & Sendable>(_ sql: String) throws -> [T?] {
        var configuration = Configuration()
        configuration.readonly = true
        return try DatabaseQueue(path: database, configuration: configuration).read {
            try Optional<T>.fetchAll($0, sql: sql)
        }
    }

    /// The one number that is the answer.
    func number(_ sql: String) throws -> Int { try #require(try (ask(sql) as [Int?]).first ?? nil) }

    /// What a crash leaves in the middle of a transaction with a rollback journal, which has begun to change the file; the
    /// statements are committed before.
    func crashedInATransaction(after sql: String) throws -> TemporaryDirectory {
        try FileManager.default.createDirectory(atPath: state, withIntermediateDirectories: false)
        return try DatabaseQueue(path: database).inDatabase { db in
            try db.execute(sql: "PRAGMA cache_size = 2; VACUUM; \(sql)")
            try db.execute(sql: "BEGIN; CREATE TABLE half (done BLOB)")
            for _ in 0..<100 { try db.execute(sql: "INSERT INTO half VALUES (randomblob(4000))") }
            let crashed = try crashed()
            try db.execute(sql: "ROLLBACK")
            return crashed
        }
    }

    /// Changes the file behind the store's back.
    func tamper(_ sql: String) throws {
        try DatabaseQueue(path: database).write { try $0.execute(sql: sql) }
    }
}
