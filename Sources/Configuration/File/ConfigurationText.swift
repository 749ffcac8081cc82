/// A configuration file as it was read.
package struct ConfigurationText: Sendable {
    /// What an edit starts from, and what it expects to be still there when it is written.
    package let bytes: [UInt8]
    /// What the bytes mean, or every fault in them and in the file's access rights.
    package let configuration: Result<Configuration, InvalidConfiguration>

    /// `path` is where the bytes are or are to be: secrets that are named without a path lie beside it.
    package init(bytes: [UInt8], path: String, accessFaults: [Fault] = []) {
        self.bytes = bytes
        do throws(InvalidConfiguration) {
            let configuration = try Configuration(json: bytes).withKeys(beside: path, source: bytes)
            self.configuration =
                accessFaults.isEmpty
                ? .success(configuration) : .failure(InvalidConfiguration(faults: accessFaults))
        } catch {
            configuration = .failure(InvalidConfiguration(faults: accessFaults + error.faults))
        }
    }
}
