internal import Core

/// Rows in aligned columns, for people. Rows may be added as they come: a column never gets narrower.
struct Table {
    private let header: [String]
    private let statusColumn: Int?
    private let paint: Paint
    private var widths: [Int]

    /// The column that is called `STATUS` is coloured.
    init(_ header: [String], paint: Paint = .standardOutput) {
        self.header = header
        self.paint = paint
        statusColumn = header.firstIndex(of: "STATUS")
        widths = header.map(\.displayWidth)
    }

    /// The header and the rows.
    mutating func text(_ rows: [[String?]]) -> String {
        let cells = rows.map { measured($0) }
        return ([line(header)] + cells.map(line)).joined(separator: "\n")
    }

    /// One more row.
    mutating func text(_ row: [String?]) -> String { line(measured(row)) }

    /// What is printed in the cells; nil and nothing are a dash.
    private mutating func measured(_ row: [String?]) -> [String] {
        let cells = row.map { text in text.flatMap { $0.isEmpty ? nil : $0.printable } ?? "-" }
        widths = zip(widths, cells).map { max($0, $1.displayWidth) }
        return cells
    }

    private func line(_ cells: [String]) -> String {
        var line = ""
        for (column, cell) in cells.enumerated() {
            line += column == statusColumn ? paint.status(cell, of: cell) : cell
            let missing = widths[column] - cell.displayWidth + 2
            if column < cells.count - 1 { line += String(repeating: " ", count: missing) }
        }
        return line
    }
}

/// Names and values, one pair a line, the values aligned.
struct FactList {
    private var facts: [(name: String, value: String)] = []

    mutating func add(_ name: String, _ value: String?) {
        if let value, !value.isEmpty { facts.append((name, value.printable)) }
    }

    var text: String {
        let width = facts.map(\.name.displayWidth).max() ?? 0
        return facts.map { name, value in
            name + String(repeating: " ", count: width - name.displayWidth + 2) + value
        }.joined(separator: "\n")
    }
}
