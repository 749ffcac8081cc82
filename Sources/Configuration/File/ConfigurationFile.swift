/// Why a configuration file is not in force.
package enum ConfigurationError: Error, Hashable, CustomStringConvertible {
    /// Nothing could be read from it.
    case unreadable(path: String, problem: String, advice: String)
    /// At least one fault, in the order of the file.
    case invalid(path: String, faults: [Fault])

    /// For a terminal, safe to print: one line for each fault, without a line break at the end.
    package var description: String {
        switch self {
        case .unreadable(let path, let problem, let advice):
            "\(Quotation.escaped(path, limit: 4096)): \(problem); \(advice)"
        case .invalid(let path, let faults): faults.map { $0.text(in: path) }.joined(separator: "\n")
        }
    }
}

package enum ConfigurationFile {
    package static let standardPath = "/etc/plughook/config.json"

    /// Reads and checks a file; throws every fault in it and in its access rights.
    ///
    /// Blocks for as long as the disk takes.
    package static func load(path: String) throws(ConfigurationError) -> Configuration {
        switch try read(path: path).configuration {
        case .success(let configuration): return configuration
        case .failure(let error): throw .invalid(path: path, faults: error.faults)
        }
    }

    /// Reads a file, valid or not; throws when there is nothing to read.
    ///
    /// Blocks for as long as the disk takes.
    package static func read(path: String) throws(ConfigurationError) -> ConfigurationText {
        do {
            let file = try ReadableFile(path: path)
            let faults = file.accessObjections.map {
                Fault(pointer: "", line: 1, column: 1, problem: $0.problem, advice: $0.advice)
            }
            return ConfigurationText(
                bytes: try file.read(atMost: JSONParser.sizeLimit), path: path, accessFaults: faults,
                exposure: file.secrecyObjection)
        } catch {
            throw .unreadable(path: path, problem: error.problem, advice: error.advice)
        }
    }
}
